// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/boot_config.hpp"

#include <catch2/catch.hpp>

#include "bounded_child.hpp"
#include "mkpxerd/contract/names.hpp"

using namespace mkpxerd;

TEST_CASE("boot.conf is read back as it was written") {
    BootConfig config;
    config.mkpxerd_version = "1.2";
    config.kernel_version = "6.1.0-56-amd64";
    config.epoch = 1700000000;
    config.entries = 321;
    config.tls = false;
    config.features = {"base", "nfs"};
    config.pins = {{"apkovl", "00ff"}, {"modloop", "abcd"}};
    config.cmdline = "ip=dhcp apkovl=\"http://x/{MAC}\"";
    CHECK(parse_boot_config(write_boot_config(config)).value() == config);
    CHECK(parse_boot_config(write_boot_config({})).value() == BootConfig{});
}

TEST_CASE("boot.conf of a newer image is read as far as it is known") {
    CHECK(parse_boot_config("kernel=k\nnovelty=1\n").value().kernel_version == "k");
}

TEST_CASE("a damaged boot.conf names its lines") {
    const auto result = parse_boot_config("kernel=k\nnonsense\nepoch=x\n");
    REQUIRE_FALSE(result);
    CHECK(result.error().text() == "etc/mkpxerd/boot.conf:2: line without '='\n"
                                   "etc/mkpxerd/boot.conf:3: 'x' is not a number");
}

TEST_CASE("boot.conf is not written with what would be another line in it") {
    BootConfig config;
    config.kernel_version = "6.1";
    config.features = {"base"};
    config.pins = {{"root", std::string(64, 'a')}};
    config.cmdline = "quiet\tip=dhcp";
    CHECK(check_boot_config(config));
    config.pins = {{"root", "any"}};
    CHECK(check_boot_config(config));
    config.pins = {{"apkovl", "any"}};
    CHECK_FALSE(check_boot_config(config));
    config.kernel_version = "6.1\nkernel=evil";
    config.features = {"a\nb"};
    config.pins = {{"root", "aa\nx=y"}};
    config.cmdline = "quiet\nkernel=evil";
    const auto checked = check_boot_config(config);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().problems().size() == 4);
}

TEST_CASE("a file of millions of lines that are no settings is given up early") {
    std::string lines;
    for (int i = 0; i < 1024; ++i)
        lines += "x\n";
    while (lines.size() < 16U << 20)
        lines += lines;
    CHECK(test::in_bounds(std::size_t{64} << 20, 20, [&] {
              const auto parsed = parse_boot_config(lines);
              return !parsed && parsed.error().problems().size() == 100 ? 0 : 1;
          }) == 0);
}
