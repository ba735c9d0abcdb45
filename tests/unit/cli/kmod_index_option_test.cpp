// SPDX-License-Identifier: MIT
// The real modprobe on an extracted image: what it would load is what it would load on the system itself.
#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <sstream>

#include "mkpxerd_program.hpp"

using namespace mkpxerd;

namespace {

struct System : test::CommandRunner {
    test::KernelTree kernel;
    test::TempDir extracted;
    System() {
        kernel.module("kernel/net/sunrpc/sunrpc.ko", {.exports = {"rpc_call"}});
        kernel.module("kernel/fs/nfs/nfs.ko", {.exports = {"nfs_mount"},
                                               .imports = {"rpc_call"},
                                               .modinfo = {"alias=fs-nfs", "softdep=pre: nfs-acl"}});
        kernel.module("kernel/fs/nfs/nfs-acl.ko");
        kernel.module("kernel/drivers/net/a.ko", {.modinfo = {"alias=pci:v00008086d*sv*"}});
        kernel.module("kernel/drivers/net/b.ko", {.modinfo = {"alias=pci:v00008086d000010[0-9]*sv*"}});
        kernel.module("kernel/drivers/net/left-out.ko", {.modinfo = {"alias=pci:v0000ffffd*sv*"}});
        kernel.builtin("kernel/net/packet/af_packet.ko");
        kernel.depmod();
        using namespace std::string_literals;
        kernel.dir().write("lib/modules/6.1-test/modules.builtin.modinfo",
                           "af_packet.alias=net-pf-17\0af_packet.license=GPL\0"s);
        test::KernelTree::run("depmod -b '" + kernel.dir().path().string() + "' 6.1-test");
        kernel.dir().write("init", "init");
        kernel.dir().write("share/features.d/x.modules", "kernel/fs/nfs\nkernel/drivers/net/[ab].ko\n");
    }
    void build(const std::vector<std::string>& options) {
        const auto& dir = kernel.dir();
        std::vector<std::string> arguments = {
            "-F", "x", "-b", dir.path().string(), "-o", (dir / "image").string()};
        arguments.insert(arguments.end(), options.begin(), options.end());
        REQUIRE(run(arguments) == 0);
        REQUIRE(run({"extract", "-C", extracted.path().string(), (dir / "image").string()}) != 2);
    }
    int run(const std::vector<std::string>& arguments) {
        return run_with(kernel.dir() / "share", kernel.dir() / "init", arguments);
    }
};

// What modprobe would do in a tree, with the tree's name taken out.
std::string modprobe(const std::filesystem::path& tree, const std::string& arguments) {
    const std::string command = "PATH=$PATH:/sbin:/usr/sbin modprobe -C /dev/null -d '" + tree.string() +
                                "' -S 6.1-test " + arguments + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    std::string text;
    for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
        text.append(buffer.data(), got);
    ::pclose(pipe);
    for (std::size_t at = 0; (at = text.find(tree.string(), at)) != std::string::npos;)
        text.erase(at, tree.string().size());
    return text;
}

} // namespace

TEST_CASE("kmod's modprobe finds modules, aliases, symbols and what is built in by the indexes of an image") {
    System system;
    system.build({"--kmod-index"});
    const auto& there = system.kernel.dir().path();
    const auto& here = system.extracted.path();
    CHECK(modprobe(here, "--show-depends nfs") ==
          "insmod /lib/modules/6.1-test/kernel/net/sunrpc/sunrpc.ko \n"
          "insmod /lib/modules/6.1-test/kernel/fs/nfs/nfs-acl.ko \n"
          "insmod /lib/modules/6.1-test/kernel/fs/nfs/nfs.ko \n");
    for (const char* arguments :
         {"--show-depends nfs", "--show-depends fs-nfs", "--show-depends nfs_acl",
          "-R pci:v00008086d00001015sv1",
          "-a --show-depends pci:v00008086d000010A5sv1 pci:v00008086d00001015sv1", "-R symbol:nfs_mount",
          "--show-depends af_packet", "--show-depends net-pf-17", "-R symbol:no_such"}) {
        INFO(arguments);
        CHECK(modprobe(here, arguments) == modprobe(there, arguments));
    }
    CHECK(modprobe(here, "--show-depends net-pf-17") == "builtin af_packet\n");
    CHECK(modprobe(here, "-R pci:v0000ffffd1sv1").find("not found") != std::string::npos);
}

TEST_CASE("an image has the indexes of kmod only when they are asked for") {
    System system;
    system.build({});
    CHECK(modprobe(system.extracted.path(), "--show-depends nfs").find("not found") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(system.extracted / "lib/modules/6.1-test/modules.dep.bin"));
}

TEST_CASE("a profile asks for the indexes of kmod, and compressed modules stay in them as they are") {
    System system;
    system.kernel.pack("gzip -n", ".gz");
    system.kernel.dir().write("share/profiles/p.yaml", "features: [x]\nkmod-index: yes\nmodules: keep\n");
    system.build({"--profile", "p"});
    CHECK(modprobe(system.extracted.path(), "--show-depends nfs_acl") ==
          "insmod /lib/modules/6.1-test/kernel/fs/nfs/nfs-acl.ko.gz \n");
}
