// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/module_index.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("aliases match as fnmatch does, in the order of the file, each module once") {
    AliasIndex index;
    index.add("pci:v00008086d0000100Esv*sd*bc*sc*i*", "e1000");
    index.add("pci:v00008086d*sv*sd*bc02sc*i*", "any_intel");
    index.add("pci:v00008086d0000100Esv*sd*bc*sc00i*", "e1000");
    index.add("usb:v0BDAp8152d*", "r8152");
    index.add("of:N*T*Cvendor,chip-x", "chip");
    index.add("*", "greedy");
    CHECK(index.match("pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00") ==
          std::vector<std::string_view>{"e1000", "any_intel", "greedy"});
    CHECK(index.match("of:NnodeT<NULL>Cvendor,chip-x") == std::vector<std::string_view>{"chip", "greedy"});
    CHECK(index.match("of:NnodeT<NULL>Cvendor,chip_x").front() == "chip");
    CHECK(index.match("pci:v00008087") == std::vector<std::string_view>{"greedy"});
}

TEST_CASE("a large table is searched fast enough for every device of a machine") {
    AliasIndex index;
    std::vector<std::string> patterns;
    for (unsigned i = 0; i < 20000; ++i)
        patterns.push_back(fmt::format("pci:v{:08X}d{:08X}sv*sd*bc*sc*i*", i % 40, i));
    for (const auto& pattern : patterns)
        index.add(pattern, "m");
    for (unsigned i = 0; i < 2000; ++i)
        CHECK(index.match(fmt::format("pci:v{:08X}d{:08X}sv1sd1bc1sc1i1", i % 40, i)).size() == 1);
}

TEST_CASE("kmod's files are read") {
    const test::TempDir dir;
    dir.write("modules.dep", "kernel/fs/nfs/nfs.ko: kernel/fs/lockd/lockd.ko kernel/net/sunrpc/sunrpc.ko\n"
                             "kernel/fs/lockd/lockd.ko: kernel/net/sunrpc/sunrpc.ko\n"
                             "kernel/net/sunrpc/sunrpc.ko:\nextra/a-b.ko.zst:\n");
    dir.write("modules.builtin", "kernel/net/packet/af_packet.ko\nkernel/net/unix/unix-diag.ko\n");
    dir.write("modules.softdep", "# Soft dependencies\nsoftdep nfs pre: crc32c post: x\n");
    dir.write("modules.alias", "# Aliases\nalias fs-nfs nfs\nalias net-pf-17 af_packet\n");
    const auto index = ModuleIndex::load(dir.path()).value();
    REQUIRE(index.find("nfs") != nullptr);
    CHECK(index.find("nfs")->path == "kernel/fs/nfs/nfs.ko");
    CHECK(index.find("a_b")->path == "extra/a-b.ko.zst");
    CHECK(index.find("a-b") == nullptr);
    CHECK(index.is_built_in("unix_diag"));
    CHECK(index.softdep("nfs")->pre == std::vector<std::string>{"crc32c"});
    CHECK(index.match("fs-nfs") == std::vector<std::string_view>{"nfs"});
    CHECK(index.match("fs_nfs") == std::vector<std::string_view>{"nfs"});
    CHECK(index.names() == std::vector<std::string>{"a_b", "lockd", "nfs", "sunrpc"});
}

TEST_CASE("without modules.dep there is no index, the other lists may be missing") {
    const test::TempDir dir;
    CHECK_FALSE(ModuleIndex::load(dir.path()));
    dir.write("modules.dep", "a.ko:\n");
    const auto index = ModuleIndex::load(dir.path()).value();
    CHECK(index.match("x").empty());
    CHECK(index.size() == 1);
}

TEST_CASE("a driver is what has an alias of a bus") {
    AliasIndex aliases;
    aliases.add("pci:v00008086d*", "e1000e");
    aliases.add("devname:loop-control", "loop");
    aliases.add("fs-nfs", "nfs");
    CHECK(aliases.drives_devices("e1000e"));
    CHECK_FALSE(aliases.drives_devices("loop"));
    CHECK_FALSE(aliases.drives_devices("nfs"));
}
