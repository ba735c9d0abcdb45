// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/kernel_finder.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

struct Tree {
    test::TempDir dir;
    Sysroot root{dir.path()};
    void kernel(const std::string& directory) const { dir.write(directory + "/kernel/fs/a.ko", "x"); }
    std::string found(const std::string& wanted = {}, const std::string& running = {}) const {
        const auto kernel = KernelFinder(root, running).find(wanted);
        return kernel ? kernel->directory : kernel.error().text();
    }
};

} // namespace

TEST_CASE("the kernel is found, or the choice is told") {
    const Tree tree;
    CHECK(tree.found() == (tree.dir / "lib/modules").string() +
                              ": has no kernel modules (install a kernel, name another tree with -b or "
                              "--kernel-root, or leave modules out with -n)");
    tree.kernel("usr/lib/modules/6.1-a");
    std::filesystem::create_symlink("usr/lib", tree.dir / "lib");
    CHECK(KernelFinder(tree.root, "").find("").value() == Kernel{"6.1-a", "usr/lib/modules/6.1-a"});
    tree.kernel("usr/lib/modules/6.1-b");
    CHECK(tree.found().find("has several kernels: 6.1-a, 6.1-b") != std::string::npos);
    CHECK(tree.found("6.1-b") == "usr/lib/modules/6.1-b"); // the remedy
    CHECK(tree.found({}, "6.1-b") == "usr/lib/modules/6.1-b");
    CHECK(tree.found("6.1-a", "6.9") == "usr/lib/modules/6.1-a");
    CHECK(tree.found("6.1-c").find("only: 6.1-a, 6.1-b") != std::string::npos);
}

TEST_CASE("leftovers of removed kernels do not count as kernels, unless named") {
    const Tree tree;
    tree.kernel("lib/modules/6.1.0-9");
    tree.dir.write("lib/modules/6.1.0-5/updates/dkms/card.ko", "x");
    tree.dir.write("lib/modules/6.1.0-5/modules.dep", "updates/dkms/card.ko:\n");
    tree.dir.write("lib/modules/6.1.0-6/modules.weakdep", "");
    tree.dir.write("lib/modules/6.1.0-7/extra/card.ko", "x");
    std::filesystem::create_directories(tree.dir / "lib/modules/6.1.0-8/kernel");
    std::filesystem::create_symlink("/usr/src/6.1.0-8", tree.dir / "lib/modules/6.1.0-8/build");
    CHECK(tree.found() == "lib/modules/6.1.0-9");
    CHECK(tree.found({}, "6.1.0-5") == "lib/modules/6.1.0-9"); // its modules went with it
    CHECK(tree.found("6.1.0-5") == "lib/modules/6.1.0-5");
    // With nothing else there, one with lists is a kernel: everything may be built in.
    std::filesystem::remove_all(tree.dir / "lib/modules/6.1.0-9");
    CHECK(tree.found() == "lib/modules/6.1.0-5");
    tree.dir.write("lib/modules/6.1.0-4/vmlinuz", "x");
    CHECK(tree.found() == "lib/modules/6.1.0-4");
}

TEST_CASE("a link beside a kernel's directory is no second kernel, and means the kernel when it is named") {
    const Tree tree;
    tree.kernel("lib/modules/6.1.0-9");
    std::filesystem::create_symlink("6.1.0-9", tree.dir / "lib/modules/6.1");
    std::filesystem::create_symlink("/lib/modules/6.1.0-9", tree.dir / "lib/modules/default");
    std::filesystem::create_symlink("gone", tree.dir / "lib/modules/old");
    CHECK(tree.found() == "lib/modules/6.1.0-9");
    const auto named = KernelFinder(tree.root, "").find("default");
    REQUIRE(named);
    CHECK(*named == Kernel{"6.1.0-9", "lib/modules/6.1.0-9"}); // what uname -r says
    // One that leads elsewhere is the kernel.
    tree.kernel("opt/build");
    std::filesystem::create_symlink("/opt/build", tree.dir / "lib/modules/6.2");
    CHECK(KernelFinder(tree.root, "").find("6.2").value() == Kernel{"6.2", "opt/build"});
}

TEST_CASE("modules lie in usr/lib where no link leads there") {
    const Tree tree;
    tree.kernel("usr/lib/modules/6.12");
    CHECK(tree.found() == "usr/lib/modules/6.12");
    tree.dir.write("lib/firmware/x.bin", "x");
    CHECK(tree.found() == "usr/lib/modules/6.12");
    tree.dir.write("lib/modules/6.12/updates/card.ko", "x");
    CHECK(tree.found() == "usr/lib/modules/6.12");
    tree.kernel("lib/modules/6.13");
    CHECK(tree.found().find("has several kernels: 6.12, 6.13") != std::string::npos);
}

TEST_CASE("a directory whose name is not a kernel version is left out, with a warning") {
    const Tree tree;
    const std::string evil = "6.1\nshell";
    tree.kernel("lib/modules/" + evil);
    CHECK(tree.found() ==
          (tree.dir / "lib/modules").string() + ": has no kernel but '" + evil +
              "', which is not a kernel version (rename the directory: a kernel version consists of "
              "letters, digits and ._+~-)");
    CHECK(tree.found(evil).find("is not a kernel version") != std::string::npos);
    tree.kernel("lib/modules/6.1-a");
    const auto kernel = KernelFinder(tree.root, "").find("").value();
    CHECK(kernel.version == "6.1-a");
    REQUIRE(kernel.warnings.size() == 1);
    CHECK(kernel.warnings[0].text == "'" + evil + "' is left out: it is not a kernel version");
    // Nor is it one by way of a link.
    std::filesystem::create_symlink(evil, tree.dir / "lib/modules/6.2");
    CHECK(tree.found("6.2").find("has no kernel '6.2'") != std::string::npos);
    CHECK(tree.found("../modules/6.1-a").find("is not a kernel version") != std::string::npos);
}
