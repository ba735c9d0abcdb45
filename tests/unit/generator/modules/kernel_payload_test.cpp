// SPDX-License-Identifier: MIT
// What unpacks a kernel is tested with what reads it, in embedded_config_test.cpp and kernel_size_test.cpp.
#include "mkpxerd/generator/modules/kernel_payload.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

constexpr const char* version = "6.6.41-0-lts";

std::string text_of(const std::optional<MappedFile>& kernel) {
    if (!kernel) return "none";
    return {reinterpret_cast<const char*>(kernel->bytes().data()), kernel->bytes().size()};
}

} // namespace

TEST_CASE("a kernel is found by each name that distributions give it") {
    for (const char* path : {"boot/vmlinuz-6.6.41-0-lts", "lib/modules/6.6.41-0-lts/vmlinuz",
                             "usr/lib/modules/6.6.41-0-lts/vmlinuz"}) {
        INFO(path);
        test::TempDir tree;
        tree.write(path, "kernel");
        CHECK(text_of(open_kernel(Sysroot(tree.path()), version)) == "kernel");
        CHECK(text_of(open_likely_kernel(Sysroot(tree.path()), version)) == "kernel");
    }
}

TEST_CASE(
    "a kernel whose name lacks the version is good for a size, and proves nothing of its configuration") {
    for (const char* path : {"boot/vmlinuz-lts", "boot/vmlinuz"}) {
        INFO(path);
        test::TempDir tree;
        tree.write(path, "likely");
        const Sysroot root(tree.path());
        CHECK(text_of(open_kernel(root, version)) == "none");
        CHECK(text_of(open_likely_kernel(root, version)) == "likely");
        tree.write("boot/vmlinuz-6.6.41-0-lts", "kernel");
        CHECK(text_of(open_likely_kernel(root, version)) == "kernel");
    }
    test::TempDir other;
    other.write("boot/vmlinuz-virt", "of another flavour");
    CHECK(text_of(open_likely_kernel(Sysroot(other.path()), version)) == "none");
}
