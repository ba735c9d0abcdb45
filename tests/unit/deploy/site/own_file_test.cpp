// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/own_file.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("a file keeps its name in a bundle, unless a URL or the bundle forbids that") {
    CHECK(deploy::own_file_name("/srv/live-1.2+x.squashfs").value() == "live-1.2+x.squashfs");
    for (const char* name :
         {"/a b.tar", "a?.tar", "a#.tar", "a%20.tar", "/srv/", ".hidden", "gr\xc3\xbc.tar"}) {
        INFO(name);
        const auto refused = deploy::own_file_name(name);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().first().text == "its name cannot be part of a URL");
    }
    for (const char* name :
         {"vmlinuz", "pxerd", "modloop", "modloop.input", "SHA256SUMS", "mac", "boot.ipxe", "gpxe-script",
          "snippets", "grub", "pxelinux.cfg", "lpxelinux", "undionly.kpxe", "ldlinux.c32"}) {
        INFO(name);
        const auto refused = deploy::own_file_name(std::string("/srv/") + name);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().first().text == "has the name of a file that every bundle contains");
    }
}
