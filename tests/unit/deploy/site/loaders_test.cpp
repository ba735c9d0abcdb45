// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/loaders.hpp"

#include <catch2/catch.hpp>

#include "ipxe_program.hpp"
#include "mkpxerd/deploy/bundle/bundle_directory.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;

TEST_CASE("loaders are found where Debian, Fedora and Alpine have them, missing ones are named with their "
          "package") {
    test::TempDir root;
    CHECK(deploy::find_loaders(root.path()).found.empty());
    CHECK(deploy::find_loaders(root.path()).missing.size() == 8);
    root.write("usr/share/ipxe/undionly.kpxe", "fedora");
    root.write("usr/share/ipxe/ipxe-snponly-x86_64.efi", "fedora");
    root.write("usr/share/syslinux/pxelinux.0", "alpine");
    const auto loaders = deploy::find_loaders(root.path());
    REQUIRE(loaders.found.size() == 3);
    CHECK(loaders.found[0].place == "undionly.kpxe");
    CHECK(loaders.found[0].source == root / "usr/share/ipxe/undionly.kpxe");
    CHECK(loaders.found[1].place == "snponly.efi");
    CHECK(loaders.found[2].place == "pxelinux.0");
    CHECK(loaders.files == std::set<std::string>{"undionly.kpxe", "snponly.efi", "pxelinux.0"});
    REQUIRE(loaders.missing.size() == 5);
    CHECK(to_text(loaders.missing[0]) ==
          "ipxe.efi: is not installed, and not in the bundle (package ipxe of Debian, "
          "ipxe-bootimgs-x86 of Fedora)");
    root.write("usr/share/ipxe/ipxe-x86_64.efi", "fedora");
    CHECK(deploy::find_loaders(root.path()).found.at(1).source == root / "usr/share/ipxe/ipxe-x86_64.efi");
}

TEST_CASE("of two places the first one counts") {
    test::TempDir root;
    root.write("usr/lib/ipxe/ipxe.efi", "debian");
    root.write("usr/share/ipxe/ipxe.efi", "other");
    CHECK(deploy::find_loaders(root.path()).found.at(0).source == root / "usr/lib/ipxe/ipxe.efi");
}

TEST_CASE("a loader of the user stays, whether one is installed or not") {
    test::TempDir root;
    root.write("usr/lib/ipxe/ipxe.efi", "debian");
    const auto loaders = deploy::find_loaders(root.path(), {"ipxe.efi", "undionly.kpxe"});
    CHECK(loaders.found.empty());
    CHECK(loaders.files == std::set<std::string>{"ipxe.efi", "undionly.kpxe"});
    CHECK(loaders.passed_over == std::set<std::string>{"ipxe.efi"});
    CHECK(loaders.missing.size() == 6);
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
          "syslinux-nonlinux of Fedora, syslinux of Alpine)\n"
          "--loader grub: its file grubnetx64.efi is not installed (package grub-efi-amd64-bin of Debian; "
          "elsewhere grub-mknetdir makes one)");
    root.write("usr/lib/syslinux/modules/bios/ldlinux.c32", "debian");
    CHECK(deploy::check_loaders(deploy::find_loaders(root.path()), {"pxelinux"}));
}

TEST_CASE("UEFI machines load the same file by TFTP and by HTTP, and GRUB by TFTP alone") {
    const auto places = [](std::string_view loader) {
        std::string text;
        for (const auto& file : deploy::boot_files(loader))
            text.append(file.firmware).append("=").append(file.place).append(" ");
        return text;
    };
    CHECK(places("ipxe") == "bios=undionly.kpxe uefi=ipxe.efi http=ipxe.efi ");
    CHECK(places("snponly") == "uefi=snponly.efi http=snponly.efi ");
    CHECK(places("lpxelinux") == "bios=lpxelinux/lpxelinux.0 ");
    CHECK(places("grub") == "uefi=grubnetx64.efi ");
}

TEST_CASE(
    "the content of an iPXE tells whether it supports https, also that of the compressed one for BIOS") {
    using Places = std::set<std::string>;
    const std::string able("...HTTP\0HTTPS\0...", 17);
    test::TempDir system;
    test::TempDir bundle;
    const auto found = [&] {
        const auto added = deploy::loader_files_in(bundle.path());
        return deploy::https_loaders(deploy::find_loaders(system.path(), added), bundle.path());
    };
    system.write("usr/lib/ipxe/undionly.kpxe", "code" + test::ipxe_without_https);
    system.write("usr/lib/ipxe/ipxe.efi", "HTTPS?");
    system.write("usr/lib/grub/x86_64-efi/monolithic/grubnetx64.efi", able);
    CHECK(found().empty());
    system.write("usr/lib/ipxe/ipxe.efi", able);
    CHECK(found() == Places{"ipxe.efi"});
    system.write("usr/lib/ipxe/undionly.kpxe", "code" + test::ipxe_with_https);
    bundle.write("ipxe.efi", "of the user, without");
    CHECK(found() == Places{"undionly.kpxe"});
    bundle.write("snponly.efi", able);
    CHECK(found() == Places{"undionly.kpxe", "snponly.efi"});
}
