// SPDX-License-Identifier: MIT
// Whole command lines, in process.
#include "mkpxerd/cli/run.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sstream>

#include "failure_text.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd_program.hpp"
#include "newc_builder.hpp"
#include "output_to.hpp"

using namespace mkpxerd;

namespace {

// With a feature that names a program of the system.
struct Program : test::Program {
    Program() { kernel.dir().write("share/mkpxerd/features.d/tool.files", "/bin/tool\n"); }
};

} // namespace

TEST_CASE("a build says what is in the image and exits 0") {
    Program program;
    CHECK(program.run({"-b", program.root(), "-o", program.image()}) == 0);
    CHECK(program.err.str().empty());
    CHECK(program.out.str().find("kernel   6.1-test, 1 modules") != std::string::npos);
    CHECK(program.out.str().find("\n  profile  network\n") != std::string::npos); // the default
    CHECK(program.out.str().ends_with("\n  memory   92 MiB at least\n"));
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

TEST_CASE("with --verbose an error names the line of the sources that found it") {
    Program program;
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-F", "none"}) == 1);
    CHECK(program.err.str().find(".cpp:") == std::string::npos);
    CHECK(program.run({"-v", "-b", program.root(), "-o", program.image(), "-F", "none"}) == 1);
    CHECK(program.err.str().find(" [generator/features/feature_resolver.cpp:") != std::string::npos);
    CHECK(program.err.str().ends_with("]\n"));
}

TEST_CASE("an image that goes to standard output is alone there, and the report is an error message") {
    Program program;
    REQUIRE(program.run({"-b", program.root(), "-o", program.image()}) == 0);
    const std::string image = read_file(program.image()).value();
    const auto streamed = program.kernel.dir() / "streamed";
    for (const char* name : {"-", "/dev/stdout", "/proc/self/fd/1"}) {
        INFO(name);
        int status = -1;
        {
            const test::OutputTo output(streamed);
            status = program.run({"-b", program.root(), "-o", name});
        }
        CHECK(status == 0);
        CHECK(read_file(streamed).value() == image);
        CHECK(program.out.str().empty());
        CHECK(program.err.str().starts_with(std::string(name) + ": "));
        {
            const test::OutputTo output(streamed);
            status = program.run({"--json", "--mode", "0640", "-b", program.root(), "-o", name});
        }
        CHECK(status == 0);
        CHECK(read_file(streamed).value() == image);
        CHECK(program.out.str().empty());
        CHECK(program.err.str().find("\"mode\": \"\"") != std::string::npos);
        CHECK(program.err.str().find("has no effect: mkpxerd did not create") != std::string::npos);
    }
}

TEST_CASE("without arguments and without a configuration of mkinitfs, the usage is printed and nothing is "
          "written") {
    Program program;
    REQUIRE_FALSE(std::filesystem::exists("/etc/mkinitfs/mkinitfs.conf")); // else this would be a build
    CHECK(program.run({}) == 2);
    CHECK(program.out.str().empty());
    const std::string usage = program.err.str();
    CHECK(program.run({"--help"}) == 0);
    CHECK(program.out.str() == usage);
    for (const std::vector<std::string>& of_messages :
         {std::vector<std::string>{"-q"}, {"-v"}, {"--json", "--quiet"}}) {
        CHECK(program.run(of_messages) == 2);
        CHECK(program.err.str() == usage);
    }
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

TEST_CASE("lists of a build are refused beside a command, which would not print them") {
    Program program;
    for (const char* option : {"-l", "-L"}) {
        CHECK(program.run({"why", "nfs", option, "-b", program.root()}) == 2);
        CHECK(program.err.str().starts_with(
            "mkpxerd: --list and --list-features have no effect on a command\n"));
    }
    CHECK(program.run({"-l", "--json", "-b", program.root()}) == 2);
    CHECK(program.err.str().starts_with("mkpxerd: --json: --list has no JSON form"));
    CHECK(program.run({"-l", "-L", "-b", program.root()}) == 2);
    CHECK(program.err.str().starts_with("mkpxerd: --list and --list-features: give one of them\n"));
}

TEST_CASE("option -l lists the image without writing one, -L lists features and profiles") {
    Program program;
    CHECK(program.run({"-l", "-b", program.root(), "-o", program.image()}) == 0);
    CHECK(program.out.str().find("init\n") == 0);
    CHECK(program.out.str().find("lib/modules/6.1-test/kernel/fs/nfs/nfs.ko\n") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(program.image()));
    CHECK(program.run({"-L", "-b", program.root()}) == 0);
    CHECK(program.out.str().find("feature nfs") != std::string::npos);
    CHECK(program.out.str().find("profile network") != std::string::npos);
}

TEST_CASE("modprobe.d of /run lies in /etc of the image, where it counts as it did") {
    Program program;
    const auto& dir = program.kernel.dir();
    dir.write("share/mkpxerd/features.d/conf.files", "?etc/modprobe.d/*.conf\n?run/modprobe.d/*.conf\n");
    dir.write("etc/modprobe.d/a.conf", "etc");
    dir.write("run/modprobe.d/a.conf", "hidden by that of /etc");
    dir.write("run/modprobe.d/b.conf", "run");
    CHECK(program.run({"-l", "-b", program.root(), "-F", "conf"}) == 0);
    CHECK(program.out.str().find("\netc/modprobe.d/a.conf\netc/modprobe.d/b.conf\n") != std::string::npos);
    CHECK(program.out.str().find("run/modprobe.d") == std::string::npos);
    CHECK(program.run({"-b", program.root(), "-F", "conf", "-C", "none", "-o", program.image()}) == 0);
    CHECK(read_file(program.image()).value().find("hidden") == std::string::npos);
}

TEST_CASE("a mistyped command is named, and not taken for a kernel") {
    Program program;
    CHECK(program.run({"bundel", "-b", program.root()}) == 2);
    CHECK(program.err.str() ==
          "mkpxerd: bundel: is neither a command nor a kernel here (did you mean bundle?)\n"
          "mkpxerd: see mkpxerd --help\n");
    CHECK(program.run({"6.2-none", "-b", program.root()}) == 1); // not near any: a kernel that is not there
    std::filesystem::create_directories(program.kernel.dir() / "lib/modules/lins");
    CHECK(program.run({"lins", "-b", program.root(), "-o", program.image()}) == 1);
    CHECK(program.err.str().find("did you mean") == std::string::npos);
    CHECK(program.run({"lins", "--kernel-root", program.root(), "-o", program.image()}) == 1);
    CHECK(program.err.str().find("did you mean") == std::string::npos);
}

TEST_CASE("output that cannot be written is a failure") {
    Program program;
    const std::vector<std::vector<std::string>> commands = {
        {"--help"}, {"-l", "-b", program.root()}, {"completion", "bash"}, {"explain"}};
    for (const auto& command : commands) {
        INFO(command[0]);
        std::ostream broken(nullptr); // refuses every byte
        program.err.str("");
        CHECK(cli::run(command, {broken, program.err, program.kernel.dir() / "share/mkpxerd",
                                 program.kernel.dir() / "lib/mkpxerd/init", "", false}) == 1);
        CHECK(program.err.str() == "mkpxerd: error: standard output: cannot write\n");
    }
}

TEST_CASE("option -n leaves the kernel out, -k and -t are accepted as mkinitfs has them") {
    Program program;
    const auto kept = program.kernel.dir().write("directory/of-the-user", "kept");
    CHECK(program.run({"-n", "-k", "-t", kept.parent_path().string(), "-b", program.root(), "-o",
                       program.image(), "-C", "none"}) == 0);
    CHECK(program.out.str().find("kernel ") == std::string::npos);
    CHECK(read_file(kept).value() == "kept"); // mkinitfs deletes the directory
    CHECK(std::distance(std::filesystem::directory_iterator(kept.parent_path()), {}) == 1);
}

TEST_CASE("without -o the image goes where mkinitfs puts it") {
    Program program;
    std::filesystem::create_directories(program.kernel.dir() / "boot");
    CHECK(program.run({"-b", program.root()}) == 0);
    CHECK(std::filesystem::exists(program.kernel.dir() / "boot/initramfs-test"));
}

TEST_CASE("names of files cannot drive the terminal") {
    Program program;
    program.kernel.dir().write("share/mkpxerd/features.d/tool.files", "/bin/*\n");
    program.kernel.dir().write("bin/\x1b[31m", "x");
    CHECK(program.run({"-l", "-b", program.root(), "-F", "tool"}) == 0);
    CHECK(program.out.str().find("\nbin/\\x1b[31m\n") != std::string::npos);
    CHECK(program.run({"why", "bin/\x1b[31m", "-b", program.root(), "-F", "tool"}) == 0);
    CHECK(program.out.str() == "bin/\\x1b[31m <- tool.files:1 <- feature tool\n");
}

TEST_CASE("lint looks at the image that the options would build, and writes none") {
    Program program;
    CHECK(program.run({"lint", "root=nfs:10.0.0.1:/srv", "-b", program.root()}) == 1);
    CHECK(program.out.str().find("error: root: ") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(program.image()));
    program.kernel.module("kernel/drivers/net/virtio_net.ko");
    program.kernel.module("kernel/net/packet/af_packet.ko");
    program.kernel.module("kernel/fs/nfs/nfsv4.ko");
    program.kernel.depmod();
    program.kernel.dir().write("share/mkpxerd/features.d/net.modules",
                               "kernel/drivers/net\nkernel/net/packet\n");
    CHECK(program.run({"lint", "ip=dhcp root=nfs:10.0.0.1:/srv", "-b", program.root(), "-F", "nfs net"}) ==
          0);
    CHECK(program.out.str() == "errors: 0, warnings: 0\n");
    CHECK(program.run({"lint", "quiet", "-b", program.root(), "-F", "nfsd"}) == 1);
    CHECK(program.err.str().find("nfsd") != std::string::npos);
    CHECK(program.run({"lint", "quiet", program.image(), "-b", program.root()}) == 2);
    CHECK(program.err.str() == "mkpxerd: lint: give an image or build options, not both\n");
    CHECK(program.run({"lint", "quiet", "a.img", "b.img"}) == 2);
    CHECK(program.err.str() ==
          "mkpxerd: lint: expected one image, but 'b.img' follows 'a.img' (quote the kernel command "
          "line: it is one argument)\n");
}

TEST_CASE("a key of --key is in the image, and a file that is no key stops the build") {
    Program program;
    const auto& dir = program.kernel.dir();
    const std::string key(44 - 1, 'A'); // 32 zero bytes in base64
    dir.write("site.pub", key + "=\n");
    dir.write("text.pub", "no key\n");
    REQUIRE(program.run({"-b", program.root(), "-o", program.image(), "--key", program.path("site.pub")}) ==
            0);
    REQUIRE(program.run({"cat", program.image(), "etc/mkpxerd/keys/site.pub"}) == 0);
    CHECK(program.out.str() == key + "=\n");
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "--key", program.path("text.pub")}) == 1);
    CHECK(program.err.str().find("text.pub") != std::string::npos);
    CHECK(program.run({"cat", program.image(), "etc/mkpxerd/keys/site.pub"}) == 0); // the old image stays
}

TEST_CASE("an image over its limit is not written, and the largest entries are named") {
    Program program;
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "--max-size", "1K", "-C", "none"}) == 1);
    CHECK(program.err.str().find("over the limit of 1024 (largest, unpacked: ") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(program.image()));
}

TEST_CASE("an image that TFTP may cut off is written, with a warning") {
    Program program;
    std::filesystem::resize_file(program.kernel.dir().write("bin/tool", ""), std::uint64_t{33} << 20);
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-F", "tool", "-C", "none"}) == 0);
    CHECK(program.err.str().starts_with("mkpxerd: warning: image: is larger than 32 MiB, which TFTP"));
    CHECK(program.out.str().ends_with(
        "\n  memory   150 MiB at least, 157 MiB if the kernel's command line has no root=\n"));
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-F", "tool"}) == 0);
    CHECK(program.err.str().empty());
}

TEST_CASE("a compression that the kernel cannot unpack is refused") {
    Program program;
    program.kernel.dir().write("boot/config-6.1-test", "CONFIG_RD_GZIP=y\n# CONFIG_RD_ZSTD is not set\n");
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-C", "zstd"}) == 1);
    CHECK(program.err.str() ==
          "mkpxerd: kernel 6.1-test: cannot unpack zstd: it was built without CONFIG_RD_ZSTD "
          "(use -C with one of: none, gzip)\n");
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "-C", "gzip"}) == 0);
}

TEST_CASE("modules go in byte by byte, with the signature behind them") {
    Program program;
    const auto file = program.kernel.directory() / "kernel/fs/nfs/nfs.ko";
    const std::string module = read_file(file).value() + "signature~Module signature appended~\n";
    program.kernel.dir().write("lib/modules/6.1-test/kernel/fs/nfs/nfs.ko", module);
    REQUIRE(program.run({"-b", program.root(), "-o", program.image(), "-C", "none"}) == 0);
    REQUIRE(program.run({"cat", program.image(), "lib/modules/6.1-test/kernel/fs/nfs/nfs.ko"}) == 0);
    CHECK(program.out.str() == module);
}

TEST_CASE("the JSON report tells what is inside and why") {
    Program program;
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "--json"}) == 0);
    CHECK(program.out.str().find("\"modules\": 1,") != std::string::npos);
    CHECK(program.out.str().find("\"memory_bytes\": 95") !=
          std::string::npos); // 89 MiB, and the pages that describe pages
    CHECK(program.out.str().find("\"why\": \"nfs.ko <- nfs.modules:1 <- feature nfs <- profile network\"") !=
          std::string::npos);
}

TEST_CASE("the time of each stage is told in JSON, and with --verbose") {
    Program program;
    const auto stages = [&](const std::string& option, const std::string& form) {
        program.out.str("");
        REQUIRE(program.run({"-b", program.root(), "-o", program.image(), option}) == 0);
        const std::string out = program.out.str();
        std::size_t at = out.find(option == "--json" ? "\"timings\": {" : "  time     ");
        std::string found;
        for (const std::string stage :
             {"features", "files", "modules", "tree", "secrets", "archives", "write"}) {
            if (at = out.find(fmt::format(fmt::runtime(form), stage), at); at == std::string::npos) break;
            found += stage + ' ';
        }
        return found;
    };
    const std::string all = "features files modules tree secrets archives write ";
    CHECK(stages("--json", "\"{}\": ") == all);
    CHECK(stages("-v", "{} ") == all);
    CHECK(stages("-v", "\"{}\"").empty());
}

TEST_CASE("archives stand before and behind the image, each at a multiple of four bytes") {
    Program program;
    const auto& dir = program.kernel.dir();
    const std::string archive = test::NewcBuilder().file("early", "body").trailer().text();
    dir.write("early.cpio", archive);
    dir.write("text", "no archive");
    dir.write("rubbish", "070701garbage");
    const auto with = [&](const std::string& option, const std::string& file) {
        return program.run({"-b", program.root(), "-o", program.image(), option, program.root() + file});
    };
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "--prepend",
                       program.root() + "/early.cpio", "--append", program.root() + "/early.cpio"}) == 0);
    const std::string image = read_file(program.image()).value();
    CHECK(image.starts_with(archive));
    CHECK(image.rfind(archive) % 4 == 0);
    CHECK(image.rfind(archive) > archive.size());
    CHECK(with("--append", "/text") == 1);
    CHECK(with("--prepend", "/rubbish") == 1);
    CHECK(program.err.str() ==
          "mkpxerd: " + program.root() +
              "/rubbish: ends within the entry at byte 0 (it was truncated: create it again)\n");
    CHECK(read_file(program.image()).value() == image); // the old one stays
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "--ucode"}) == 1);
    dir.write("lib/firmware/intel-ucode/06-55-04", std::string("\x01\0\0\0intel", 9));
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "--ucode"}) == 0);
    CHECK(read_file(program.image())->find("kernel/x86/microcode/GenuineIntel.bin") < 800);
}
