// SPDX-License-Identifier: MIT
// Whole command lines with -b TREE: nothing of this machine is written, nothing of it gets into the image.
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <map>
#include <sstream>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd_program.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

namespace {

// Beside the tree lies what it must not get at.
struct Machine : test::CommandRunner {
    test::TempDir dir;
    Machine() {
        dir.write("init", "the init");
        dir.write("share/features.d/x.files", "etc/motd\n");
        dir.write("share/profiles/network.yaml", "features: [x]\n");
        dir.write("tree/etc/motd", "motd");
        fs::create_directories(dir / "tree/boot");
        dir.write("host/victim", "precious");
        dir.write("host/boot/initramfs-generic", "precious");
    }
    std::string path(const std::string& name) const { return (dir / name).string(); }
    void configure(const std::string& lines) const {
        dir.write("tree/etc/mkinitfs/mkinitfs.conf", "features=x\n" + lines);
    }
    int build(std::vector<std::string> arguments = {}) {
        arguments.insert(arguments.end(), {"-n", "-C", "none", "-b", path("tree")});
        return run_with(dir / "share", dir / "init", arguments);
    }
    // Every file beside the tree, with its bytes, and whether there is one of these names in the current
    // directory.
    std::map<std::string, std::string> beside() const {
        std::map<std::string, std::string> files;
        for (const auto& item : fs::recursive_directory_iterator(dir / "host"))
            files[item.path()] = item.is_regular_file() ? read_file(item.path()).value_or("?") : "";
        for (const char* name : {"victim", "-", "out", "boot"})
            files[name] = fs::exists(fs::symlink_status(name)) ? "there" : "";
        return files;
    }
    bool is_image(const std::string& name) const {
        const auto bytes = read_regular(dir / name);
        return bytes && bytes->starts_with("070701");
    }
};

} // namespace

TEST_CASE("without -o the configuration of a tree has nothing written beyond the tree") {
    Machine machine;
    fs::create_symlink(machine.path("host"), machine.dir / "tree/out");
    fs::create_symlink("../host", machine.dir / "tree/near");
    fs::create_symlink(machine.path("host/victim"), machine.dir / "tree/boot/link");
    fs::create_symlink("link", machine.dir / "tree/boot/chain");
    fs::create_symlink("round", machine.dir / "tree/boot/round");
    fs::create_symlink("/boot", machine.dir / "tree/kernels");
    REQUIRE(::mkfifo(machine.path("tree/boot/pipe").c_str(), 0644) == 0);
    const auto before = machine.beside();
    for (const std::string& file :
         {machine.path("host/victim"), machine.path("host/new"), std::string("/out/victim"),
          std::string("/near/victim"), std::string("/out/new"), std::string("/boot/link"),
          std::string("/boot/chain"), std::string("/boot/round"), std::string("/boot/pipe"),
          std::string("/boot"), std::string("/boot/.."), std::string("/none/image"),
          std::string("/kernels/link")}) {
        INFO(file);
        machine.configure("outfile=" + file + "\n");
        CHECK(machine.build() == 1);
        CHECK(machine.err.str().find("mkinitfs.conf:2: ") != std::string::npos);
        CHECK(machine.beside() == before);
    }
}

TEST_CASE("a tree places its image within itself") {
    Machine machine;
    const auto before = machine.beside();
    fs::create_symlink("/boot", machine.dir / "tree/kernels");
    fs::create_symlink("/boot/real", machine.dir / "tree/boot/link");
    machine.dir.write("tree/boot/real", "old");
    for (const auto& [named, written] : {std::pair{"/boot/own", "tree/boot/own"},
                                         {"victim", "tree/victim"},
                                         {"../victim", "tree/victim"},
                                         {"/kernels/new", "tree/boot/new"},
                                         {"/kernels/link", "tree/boot/real"},
                                         {"-", "tree/-"}}) {
        INFO(named);
        machine.configure(fmt::format("outfile={}\n", named));
        CHECK(machine.build() == 0);
        CHECK(machine.is_image(written));
        fs::remove(machine.dir / written);
    }
    CHECK(machine.beside() == before);
    machine.configure("outfile=" + machine.path("host/victim") + "\n");
    CHECK(machine.build({"-o", machine.path("own")}) == 0);
    CHECK(machine.is_image("own"));
    CHECK(machine.beside() == before);
    machine.configure("");
    CHECK(machine.build() == 0);
    CHECK(machine.is_image("tree/boot/initramfs-generic"));
    CHECK(machine.beside() == before);
}

TEST_CASE("no file of this machine gets into the image because a tree names it") {
    Machine machine;
    machine.dir.write("host/victim", "-----BEGIN CERTIFICATE-----\nprecious\n");
    machine.dir.write("host/list", "pci:v0000precious\n");
    fs::create_symlink(machine.path("host/victim"), machine.dir / "tree/link");
    const auto check = [&](const std::vector<std::string>& arguments) {
        std::vector<std::string> all = arguments;
        all.insert(all.end(), {"-o", machine.path("own")});
        CHECK(machine.build(all) == 1);
        CHECK_FALSE(fs::exists(machine.dir / "own"));
        CHECK(machine.err.str().find("precious") == std::string::npos);
    };
    for (const std::string& file : {machine.path("host/victim"), std::string("/link")}) {
        INFO(file);
        for (const char* key : {"init", "fstab", "modloop_sig"}) {
            INFO(key);
            machine.configure(fmt::format("{}={}\n", key, file));
            check({});
        }
        for (const char* key : {"init", "fstab", "modloop-signature", "ca", "key", "append", "prepend",
                                "hardware", "extends"}) {
            INFO(key);
            machine.dir.write("tree/etc/mkpxerd/profiles/site.yaml",
                              fmt::format("features: [x]\n{}: {}\n", key, file));
            check({"-p", "site"});
        }
        machine.dir.write("tree/etc/mkpxerd/profiles/site.yaml",
                          fmt::format("features: [x]\npin: root={}\n", file));
        check({"-p", "site"});
    }
    // The tree of this machine is no tree of the tree's.
    machine.dir.write("host/etc/motd", "precious");
    for (const char* key : {"basedir", "kernel-root"}) {
        machine.dir.write("tree/etc/mkpxerd/profiles/site.yaml",
                          fmt::format("features: [x]\n{}: {}\n", key, machine.path("host")));
        check({"-p", "site"});
    }
}
