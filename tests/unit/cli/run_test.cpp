// SPDX-License-Identifier: MIT
// Whole command lines, in process.
#include "mkpxerd/cli/run.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "kernel_tree.hpp"
#include "mkpxerd/base/file.hpp"

using namespace mkpxerd;

namespace {

struct Program {
    test::KernelTree kernel;
    std::ostringstream out;
    std::ostringstream err;
    Program() {
        kernel.module("kernel/fs/nfs/nfs.ko");
        kernel.depmod();
        kernel.dir().write("lib/mkpxerd/init", "init");
        kernel.dir().write("share/mkpxerd/features.d/nfs.modules", "kernel/fs/nfs/*\n");
        kernel.dir().write("share/mkpxerd/features.d/tool.files", "/bin/tool\n");
        kernel.dir().write("share/mkpxerd/profiles/network.yaml", "features: [nfs]\n");
    }
    std::string root() const { return kernel.dir().path().string(); }
    std::string image() const { return root() + "/image"; }
    int run(std::vector<std::string> arguments) {
        out.str("");
        err.str("");
        return cli::run(arguments, {out, err, kernel.dir() / "share/mkpxerd", kernel.dir() / "lib/mkpxerd/init", ""});
    }
};

} // namespace

TEST_CASE("a build says what is in the image and exits 0") {
    Program program;
    CHECK(program.run({"-b", program.root(), "-o", program.image()}) == 0);
    CHECK(program.err.str().empty());
    CHECK(program.out.str().find("kernel   6.1-test, 1 modules") != std::string::npos);
    CHECK(std::filesystem::file_size(program.image()) > 0);
    CHECK(program.run({"-q", "-b", program.root(), "-o", program.image()}) == 0);
    CHECK(program.out.str().empty());
}

TEST_CASE("a failed build exits 1, names every problem with its line, and leaves the old image") {
    Program program;
    program.kernel.dir().write("image", "old");
    program.kernel.dir().write("share/mkpxerd/features.d/bad.modules", "# a\nkernel/none.ko\n");
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-F", "bad tool"}) == 1);
    CHECK(program.err.str().find("bad.modules:2: 'kernel/none.ko' matches no module") != std::string::npos);
    CHECK(program.err.str().find("tool.files:1: '/bin/tool' matches nothing") != std::string::npos);
    CHECK(read_file(program.image()).value() == "old");
}

TEST_CASE("usage errors exit 2") {
    Program program;
    CHECK(program.run({"--nonsense"}) == 2);
    CHECK(program.err.str().find("--help") != std::string::npos);
    CHECK(program.run({"-o"}) == 2);
    CHECK(program.run({"a", "b"}) == 2);
    CHECK(program.run({"--help"}) == 0);
    CHECK(program.run({"--version"}) == 0);
    CHECK(program.out.str().find("mkpxerd ") == 0);
}

TEST_CASE("-l lists the image without writing one, -L lists features and profiles") {
    Program program;
    CHECK(program.run({"-l", "-b", program.root(), "-o", program.image()}) == 0);
    CHECK(program.out.str().find("init\n") == 0);
    CHECK(program.out.str().find("lib/modules/6.1-test/kernel/fs/nfs/nfs.ko\n") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(program.image()));
    CHECK(program.run({"-L", "-b", program.root()}) == 0);
    CHECK(program.out.str().find("feature nfs") != std::string::npos);
    CHECK(program.out.str().find("profile network") != std::string::npos);
}

TEST_CASE("-n leaves the kernel out, -k and -t are accepted as mkinitfs has them") {
    Program program;
    CHECK(program.run({"-n", "-k", "-t", "/tmp/x", "-b", program.root(), "-o", program.image(), "-C", "none"}) == 0);
    CHECK(program.out.str().find("kernel ") == std::string::npos);
}

TEST_CASE("without -o the image goes where mkinitfs puts it") {
    Program program;
    std::filesystem::create_directories(program.kernel.dir() / "boot");
    CHECK(program.run({"-b", program.root()}) == 0);
    CHECK(std::filesystem::exists(program.kernel.dir() / "boot/initramfs-test"));
}
