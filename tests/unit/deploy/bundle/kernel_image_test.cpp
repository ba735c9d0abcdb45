// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/kernel_image.hpp"

#include <catch2/catch.hpp>

#include "newc_builder.hpp"
#include "tar_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;

TEST_CASE("a kernel is found by its version, by its flavour, by its plain name, directory after directory") {
    test::TempDir dir;
    const auto find = [&](const std::string& version) {
        const auto found = deploy::find_kernel_image({dir / "a", dir / "b"}, version);
        return found ? found->host().lexically_relative(dir.path()).string() : found.error().text();
    };
    dir.write("b/vmlinuz-6.1.0-lts", "k");
    CHECK(find("6.1.0-lts") == "b/vmlinuz-6.1.0-lts");
    dir.write("b/vmlinuz-virt", "k");
    CHECK(find("6.6.1-0-virt") == "b/vmlinuz-virt");
    dir.write("a/vmlinuz", "k");
    CHECK(find("6.1.0-lts") == "a/vmlinuz");
    CHECK(find("") == "a/vmlinuz");
}

TEST_CASE("a kernel that is nowhere: every directory is named") {
    test::TempDir dir;
    const auto missing = deploy::find_kernel_image({dir / "a", dir / "b"}, "6.1.0-lts");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().text() == "vmlinuz-6.1.0-lts: no such kernel in " + (dir / "a").string() + ", " +
                                        (dir / "b").string() + " (name it with --kernel)");
}

TEST_CASE("a version that an image says leads to no other directory") {
    const test::TempDir dir;
    dir.write("vmlinuz-a/x", "");
    dir.write("secret", "kernel");
    CHECK_FALSE(deploy::find_kernel_image({dir.path()}, "a/../secret"));
}

TEST_CASE("the kernel of other modules is refused, and what begins like no kernel is doubted") {
    const test::TempDir dir;
    std::string kernel(0x400, '\0');
    kernel.replace(0x202, 4, "HdrS");
    kernel[0x20f] = 1; // the text is at 0x300
    kernel.replace(0x300, 18, "6.1.0-9-amd64 (x@y");
    const TreePath file = dir.write("vmlinuz", kernel);
    CHECK(deploy::check_kernel_image(file, "6.1.0-9-amd64").value() == std::nullopt);
    const auto other = deploy::check_kernel_image(file, "6.1.0-57-amd64");
    REQUIRE_FALSE(other);
    CHECK(other.error().text() ==
          file.string() +
              ": is kernel 6.1.0-9-amd64, but the modules are for 6.1.0-57-amd64 (name the kernel of "
              "these modules by --kernel, or its version)");
    // A text that lies behind the end, or none at all: the header names no version.
    kernel[0x20f] = '\xff';
    CHECK(deploy::check_kernel_image(dir.write("far", kernel), "6.1").value() == std::nullopt);
    kernel[0x20f] = 0;
    CHECK(deploy::check_kernel_image(dir.write("silent", kernel), "6.1").value() == std::nullopt);
    for (const std::string other_kind : {"MZ",
                                         "\x7f"
                                         "ELF",
                                         "\x1f\x8b"})
        CHECK(deploy::check_kernel_image(dir.write("other", other_kind), "6.1").value() == std::nullopt);
    // An image in its place, of which the head is less than its whole.
    test::NewcBuilder image;
    std::string noise(std::size_t{1} << 20, '\0');
    for (std::uint32_t i = 0, seed = 1; i < noise.size(); ++i)
        noise[i] = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
    const TreePath packed =
        dir.write("pxerd", test::TarBuilder::gzipped(image.file("init", noise).trailer().text()));
    CHECK(deploy::check_kernel_image(packed, "6.1").value() != std::nullopt);
    const auto doubt = deploy::check_kernel_image(dir.write("passwd", "root:x:0:0"), "6.1").value();
    REQUIRE(doubt);
    CHECK(doubt->text == "does not begin like a kernel");
    CHECK(deploy::check_kernel_image(dir.write("empty", ""), "6.1").value() != std::nullopt);
}
