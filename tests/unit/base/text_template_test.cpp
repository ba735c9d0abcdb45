// SPDX-License-Identifier: MIT
#include "mkpxerd/base/text_template.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("placeholders are filled once, and any other @ stays") {
    const PlaceholderValues values = {{"server", "10.0.0.1"}, {"user-name", "@server@"}};
    CHECK(fill_placeholders("next @server@;", values, "text").value() == "next 10.0.0.1;");
    CHECK(fill_placeholders("@user-name@@server@", values, "text").value() == "@server@10.0.0.1");
    for (const char* text : {"", "a@b", "@", "@@", "${words[@]}", "user@Server@", "@server"})
        CHECK(fill_placeholders(text, values, "text").value() == text);
}

TEST_CASE("a placeholder without a value is an error that names both") {
    const auto filled = fill_placeholders("@port@", {}, "dhcpd.conf");
    REQUIRE_FALSE(filled);
    CHECK(filled.error().text() == "dhcpd.conf: has an unknown placeholder @port@");
}

TEST_CASE("by lines: a line that would name nothing is left out, any other stays as it is") {
    const PlaceholderValues values = {{"dns", ""}, {"router", "10.0.0.1"}, {"x86-64", "ipxe.efi"}};
    CHECK(fill_lines("a\n  dns @dns@;\n\nrouter @router@;\n", values, "text").value() ==
          "a\n\nrouter 10.0.0.1;\n");
    CHECK(fill_lines("@router@ @dns@\nfile @x86-64@", values, "text").value() == "file ipxe.efi\n");
    CHECK(fill_lines("", values, "text").value().empty());
    CHECK(fill_lines("a\n@port@\n", values, "dhcpd.conf").error().text() ==
          "dhcpd.conf: has an unknown placeholder @port@");
}
