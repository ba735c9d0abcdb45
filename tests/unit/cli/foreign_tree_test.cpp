// SPDX-License-Identifier: MIT
// Whole command lines on a tree whose owner means harm: nothing of the host is read, said or written, and
// nothing waits.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "bad_input.hpp"
#include "fake_program.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "mkpxerd_program.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

namespace {

// No word of it may be read, or be said.
constexpr const char* secret_line = "s3cret of the host";

// The sound system as somebody else's tree, beside a host with a file that is not for it.
struct ForeignTree : test::CommandRunner {
    test::TempDir host;
    test::BadSystem tree;
    ForeignTree() {
        host.write("share/features.d/own.files", "/own\n");
        host.write("share/profiles/network.yaml", "features: [nfs, net, tool]\n");
        fs::create_directory_symlink(MKPXERD_SOURCE_DIR "/snippets", host / "share/snippets");
        host.write("init", "init");
        host.write("secret", std::string(secret_line) + "\n");
        host.write("victim/initramfs-test", "precious");
        tree.write("share/features.d/host", "");
        for (const char* name : {"nfs.modules", "net.modules", "tool.files"})
            tree.write(std::string("etc/mkpxerd/features.d/") + name,
                       read_file(tree.dir() / "share/features.d" / name).value());
        fs::create_directories(tree.dir() / "boot");
    }
    // A link of the tree to a file of the host.
    void lead_out(const std::string& at, const std::string& to) const {
        tree.remove(at);
        fs::create_directories((tree.dir() / at).parent_path());
        fs::create_symlink(host / to, tree.dir() / at);
    }
    void make_pipe(const std::string& at) const {
        tree.remove(at);
        fs::create_directories((tree.dir() / at).parent_path());
        REQUIRE(::mkfifo((tree.dir() / at).c_str(), 0666) == 0);
    }
    int run(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"-b", tree.dir().path().string()});
        return run_with(host / "share", host / "init", arguments, "0");
    }
    std::string said() const { return out.str() + err.str(); }
    bool image_holds_secret(const fs::path& image) const {
        if (!fs::exists(image)) return false;
        const auto file = read_file(image);
        return file->find(secret_line) != std::string::npos;
    }
};

const std::vector<std::string> read_places = {
    "etc/mkpxerd/features.d/tool.files",
    "etc/mkpxerd/features.d/nfs.modules",
    "lib/modules/6.1-test/modules.dep",
    "lib/modules/6.1-test/modules.alias",
    "lib/modules/6.1-test/modules.softdep",
    "lib/modules/6.1-test/modules.builtin",
    "lib/modules/6.1-test/modules.builtin.modinfo",
    "lib/modules/6.1-test/modules.devname",
    "lib/modules/6.1-test/modules.order",
    "lib/modules/6.1-test/modules.weakdep",
    "lib/modules/6.1-test/modules.symbols",
    "lib/modules/6.1-test/modules.dep.bin",
    "lib/modules/6.1-test/modules.alias.bin",
    "lib/modules/6.1-test/kernel/fs/nfs/nfs.ko",
    "lib/firmware/mac/a.fw",
    "boot/config-6.1-test",
    "boot/vmlinuz-6.1-test",
    "lib/modules/6.1-test/config",
    "etc/ld.so.conf",
    "etc/ld.so.cache",
    "bin/tool",
    "lib/libt.so.1",
    "lib/ld-linux-x86-64.so.2",
    "etc/nsswitch.conf",
    "etc/apk/keys/a.pub",
    "lib/firmware/intel-ucode/06-0f-01",
};

} // namespace

TEST_CASE(
    "a link of a foreign tree brings no file of the host into the image, nor a line of it to the user") {
    for (const std::string& place : read_places) {
        INFO(place);
        ForeignTree foreign;
        foreign.lead_out(place, "secret");
        const fs::path image = foreign.host / "image";
        foreign.run({"--profile", "network", "-C", "none", "--kmod-index", "--ucode", "-o", image.string()});
        CHECK(foreign.said().find("s3cret") == std::string::npos);
        CHECK_FALSE(foreign.image_holds_secret(image));
    }
}

TEST_CASE("a directory of a foreign tree that is a link to the host is looked for in the tree") {
    ForeignTree foreign;
    foreign.host.write("lists/x.files", "/host-only\n");
    foreign.host.write("own/modules.dep", std::string(secret_line) + "\n");
    foreign.lead_out("etc/mkinitfs/features.d", "lists");
    CHECK(foreign.run({"-F", "x", "-n", "-o", (foreign.host / "image").string()}) == 1);
    CHECK(foreign.said().find("unknown feature 'x'") != std::string::npos);
    foreign.run({"-L"});
    CHECK(foreign.said().find("x ") == std::string::npos);
    foreign.tree.remove("lib/modules/6.1-test");
    foreign.lead_out("lib/modules/6.1-test", "own");
    CHECK(foreign.run({"-F", "nfs", "-o", (foreign.host / "image").string()}) == 1);
    CHECK(foreign.said().find("has no kernel modules") != std::string::npos);
    CHECK(foreign.said().find("s3cret") == std::string::npos);
}

TEST_CASE("without -o the image stays in a foreign tree, wherever its boot leads") {
    for (const bool is_directory : {false, true}) {
        ForeignTree foreign;
        if (is_directory)
            foreign.lead_out("boot", "victim");
        else
            foreign.lead_out("boot/initramfs-test", "victim/initramfs-test");
        INFO(is_directory);
        CHECK(foreign.run({"--profile", "network"}) == 1);
        CHECK(read_file(foreign.host / "victim/initramfs-test").value() == "precious");
        CHECK(std::distance(fs::directory_iterator(foreign.host / "victim"), {}) == 1);
    }
    ForeignTree foreign;
    foreign.tree.remove("boot");
    fs::create_directories(foreign.tree.dir() / "usr/boot");
    fs::create_directory_symlink("/usr/boot", foreign.tree.dir() / "boot");
    CHECK(foreign.run({"--profile", "network"}) == 0);
    CHECK(fs::exists(foreign.tree.dir() / "usr/boot/initramfs-test"));
}

TEST_CASE("a bundle takes no kernel of the host for that of a foreign tree") {
    const test::FakeProgram packer("mksquashfs", R"(exec cat >"$2")");
    for (const std::string name : {"vmlinuz", "vmlinuz-6.1-test"}) {
        ForeignTree foreign;
        foreign.lead_out("boot/" + name, "secret");
        CHECK(foreign.run({"bundle", "-o", (foreign.host / "bundle").string(), "--server", "10.0.0.1"}) == 1);
        CHECK(foreign.said().find("no such kernel") != std::string::npos);
        CHECK_FALSE(fs::exists(foreign.host / "bundle/vmlinuz"));
    }
}

TEST_CASE("no pipe in a foreign tree is waited for") {
    std::vector<std::string> places = read_places;
    places.insert(places.end(),
                  {"boot/initramfs-test", "etc/mkinitfs/features.d/other.modules", "boot/vmlinuz"});
    for (const std::string& place : places) {
        INFO(place);
        ForeignTree foreign;
        foreign.make_pipe(place);
        const pid_t child = ::fork();
        if (child == 0) {
            ::alarm(20); // the default: ends this process
            (void)foreign.run({"--profile", "network", "-C", "none", "--kmod-index", "--ucode"});
            (void)foreign.run({"-L"});
            (void)foreign.run({"why", "tool", "--profile", "network"});
            ::_exit(0);
        }
        int status = -1;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
    }
}
