// SPDX-License-Identifier: MIT
#include "mkpxerd/base/gaps.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("gaps are filled once, and any other @ stays") {
    const GapValues values = {{"server", "10.0.0.1"}, {"user-name", "@server@"}};
    CHECK(fill_gaps("next @server@;", values, "text").value() == "next 10.0.0.1;");
    CHECK(fill_gaps("@user-name@@server@", values, "text").value() == "@server@10.0.0.1");
    for (const char* text : {"", "a@b", "@", "@@", "${words[@]}", "user@Server@", "@server"})
        CHECK(fill_gaps(text, values, "text").value() == text);
}

TEST_CASE("a gap without a value is an error that names both") {
    const auto filled = fill_gaps("@port@", {}, "dhcpd.conf");
    REQUIRE_FALSE(filled);
    CHECK(filled.error().text() == "dhcpd.conf: has an unknown gap @port@");
}
