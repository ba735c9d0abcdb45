// SPDX-License-Identifier: MIT
#include "mkpxerd/image/kernel_parameters.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/contract/foreign_options.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;

TEST_CASE("the parameters of the kernel are known with '-' as with '_'") {
    for (const char* name :
         {"quiet", "log_buf_len", "log-buf-len", "mitigations", "fips", "hostname", "zfcp_x"})
        CHECK(is_kernel_parameter(name) == (std::string_view(name) != "zfcp_x"));
    for (const char* name :
         {"", " ", "quie", "uiet", "quiet ro", "break", "overlay", "http_proxy", "QUIET"}) {
        INFO(name);
        CHECK_FALSE(is_kernel_parameter(name));
    }
    CHECK(is_kernel_prefix("printk"));
    CHECK(is_kernel_prefix("clocksource-wdtest"));
    CHECK_FALSE(is_kernel_prefix("e1000"));
    CHECK_FALSE(is_kernel_prefix(""));
    CHECK(nearest_kernel_parameter("mitigation") == "mitigations");
    CHECK_FALSE(nearest_kernel_parameter("xyzzyplugh"));
    CHECK_FALSE(nearest_kernel_parameter("xyz"));
    CHECK(nearest_kernel_parameter("nosmtt") == "nosmt");
    CHECK(nearest_kernel_parameter("init_on_aloc") == "init_on_alloc");
    CHECK(nearest_kernel_parameter("mitgatoins") == "mitigations");
    for (const char* unlike :
         {"nodhcp", "noipv6", "live", "keymap", "vgacon", "docache", "xonsole", "memmory"})
        CHECK_FALSE(nearest_kernel_parameter(unlike));
}

TEST_CASE("each parameter of the kernel stands once in its list, which is sorted") {
    const auto names = kernel_parameters();
    CHECK(names.size() > 600);
    CHECK(std::ranges::is_sorted(names));
    CHECK(std::ranges::adjacent_find(names) == names.end());
}

TEST_CASE("the init takes no parameter of the kernel for a misspelt option") {
    for (const std::string_view name : kernel_parameters()) {
        INFO(name);
        CHECK((find_boot_option(name) != nullptr || is_foreign_option(name) || !nearest_boot_option(name)));
    }
}
