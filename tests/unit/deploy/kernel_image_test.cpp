// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/kernel_image.hpp"

#include <catch2/catch.hpp>

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
