// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/resolver.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("the search list is applied to short names last, to dotted ones second, to absolute ones never") {
    const std::vector<std::string> search{"a.example", "b.example"};
    using Names = std::vector<std::string>;
    CHECK(search_names("boot", search) == Names{"boot.a.example", "boot.b.example", "boot"});
    CHECK(search_names("boot.lab", search) == Names{"boot.lab", "boot.lab.a.example", "boot.lab.b.example"});
    CHECK(search_names("boot.", search) == Names{"boot"});
    CHECK(search_names("boot", {}) == Names{"boot"});
    NetworkState state;
    state.domain = "lab.example";
    CHECK(dns_config(state).search == Names{"lab.example"});
    state.search = search;
    CHECK(dns_config(state).search == search);
}
