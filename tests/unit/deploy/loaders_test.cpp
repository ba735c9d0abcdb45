// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/loaders.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;

TEST_CASE(
    "loaders are found where Debian and where Alpine has them, missing ones are named with their package") {
    test::TempDir root;
    CHECK(deploy::find_loaders(root.path()).found.empty());
    CHECK(deploy::find_loaders(root.path()).missing.size() == 7);
    root.write("usr/share/ipxe/undionly.kpxe", "alpine");
    root.write("usr/lib/PXELINUX/pxelinux.0", "debian");
    const auto loaders = deploy::find_loaders(root.path());
    REQUIRE(loaders.found.size() == 2);
    CHECK(loaders.found[0].place == "undionly.kpxe");
    CHECK(loaders.found[0].source == root / "usr/share/ipxe/undionly.kpxe");
    CHECK(loaders.found[1].place == "pxelinux.0");
    REQUIRE(loaders.missing.size() == 5);
    CHECK(to_text(loaders.missing[0]) == "ipxe.efi: is not installed, and not in the bundle (package ipxe)");
}

TEST_CASE("of two places the first one counts") {
    test::TempDir root;
    root.write("usr/lib/ipxe/ipxe.efi", "debian");
    root.write("usr/share/ipxe/ipxe.efi", "other");
    CHECK(deploy::find_loaders(root.path()).found.at(0).source == root / "usr/lib/ipxe/ipxe.efi");
}

TEST_CASE("a loader that was asked for by name has to be there") {
    test::TempDir root;
    root.write("usr/lib/PXELINUX/pxelinux.0", "debian");
    const auto loaders = deploy::find_loaders(root.path());
    CHECK(deploy::check_loaders(loaders, {}));
    const auto checked = deploy::check_loaders(loaders, {"pxelinux", "grub"});
    REQUIRE_FALSE(checked);
    CHECK(checked.error().text() ==
          "--loader pxelinux: its file ldlinux.c32 is not installed (package syslinux-common of Debian, "
          "syslinux of Alpine)\n"
          "--loader grub: its file grubnetx64.efi is not installed (package grub-efi-amd64-bin of Debian; "
          "elsewhere grub-mknetdir makes one)");
    root.write("usr/lib/syslinux/modules/bios/ldlinux.c32", "debian");
    CHECK(deploy::check_loaders(deploy::find_loaders(root.path()), {"pxelinux"}));
}
