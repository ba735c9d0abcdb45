// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/module_resolver.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "elf_module.hpp"
#include "kernel_tree.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/modules/module_lists.hpp"
#include "placed_modules.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

std::vector<Pattern> patterns(const std::vector<std::string>& globs) {
    std::vector<Pattern> list;
    unsigned line = 0;
    for (const auto& glob : globs) {
        const bool optional = glob.starts_with('?');
        list.push_back({glob.substr(optional ? 1 : 0), optional, "f", {"f.modules", ++line}});
    }
    return list;
}

std::vector<std::string> names(const ReadModules& set) {
    std::vector<std::string> all;
    for (const auto& module : set.modules)
        all.push_back(module.name);
    return all;
}

const ReadModule& named(const ReadModules& set, const std::string& name) {
    for (const auto& module : set.modules)
        if (module.name == name) return module;
    throw std::runtime_error("no module " + name);
}

// A tree with each kind of edge.
test::KernelTree make_kernel() {
    test::KernelTree kernel;
    kernel.module("kernel/net/sunrpc/sunrpc.ko", {.exports = {"rpc_call"}});
    kernel.module("kernel/fs/lockd/lockd.ko", {.exports = {"lock_it"}, .imports = {"rpc_call"}});
    kernel.module("kernel/fs/nfs/nfs.ko", {.imports = {"lock_it"}});
    kernel.module("kernel/fs/nfs/sub/nfs-layout.ko");
    kernel.module("kernel/drivers/net/phy/realtek.ko");
    kernel.module("kernel/drivers/net/ethernet/realtek/r8169.ko",
                  {.modinfo = {"softdep=pre: realtek post: late-one", "firmware=rtl_nic/a.fw",
                               "firmware=rtl_nic/none.fw", "alias=pci:v000010ECd00008168*"}});
    kernel.module("kernel/drivers/net/bonding/bonding.ko", {.modinfo = {"alias=rtnl-link-bond"}});
    kernel.module("kernel/misc/late-one.ko");
    kernel.module("extra/own.ko");
    kernel.builtin("kernel/net/packet/af_packet.ko");
    kernel.depmod();
    kernel.dir().write("lib/firmware/rtl_nic/real.fw.zst", "blob");
    std::filesystem::create_symlink("real.fw.zst", kernel.dir() / "lib/firmware/rtl_nic/a.fw.zst");
    return kernel;
}

struct Tree {
    test::KernelTree kernel;
    Sysroot root{kernel.dir().path()};
    Tree() : kernel(original()) {}
    static const test::KernelTree& original() {
        static const test::KernelTree made = make_kernel();
        return made;
    }
    Result<ReadModules> resolve(const std::vector<std::string>& globs,
                                const ModuleOptions& options = {}) const {
        MKPXERD_TRY_ASSIGN(const auto lists, read_kernel_lists(kernel.directory()));
        return ModuleResolver(root, kernel.version(), "lib/modules/" + kernel.version(), lists, options)
            .resolve(patterns(globs));
    }
};

} // namespace

TEST_CASE("module patterns: directories, compressed names, no match across directories") {
    CHECK(module_pattern_matches("kernel/fs/nfs/*", "kernel/fs/nfs/nfs.ko"));
    CHECK(module_pattern_matches("kernel/fs/nfs/*", "kernel/fs/nfs/sub/x.ko"));
    CHECK(module_pattern_matches("kernel/fs/nfs", "kernel/fs/nfs/nfs.ko"));
    CHECK(module_pattern_matches("kernel/fs/nfs/", "kernel/fs/nfs/nfs.ko"));
    CHECK_FALSE(module_pattern_matches("kernel/fs/nfs", "kernel/fs/nfsd/nfsd.ko"));
    CHECK(module_pattern_matches("kernel/drivers/net/ethernet/intel/e1000/*.ko",
                                 "kernel/drivers/net/ethernet/intel/e1000/e1000.ko.xz"));
    CHECK(module_pattern_matches("kernel/x.ko", "kernel/x.ko.zst"));
    CHECK(module_pattern_matches("kernel/x.ko.gz", "kernel/x.ko.gz"));
    CHECK_FALSE(module_pattern_matches("kernel/*.ko", "kernel/fs/x.ko"));
    CHECK_FALSE(module_pattern_matches("kernel/fs/x.ko/y", "kernel/fs/x.ko"));
    CHECK(module_name_of("kernel/fs/nfs-layout.ko.zst") == "nfs_layout");
}

TEST_CASE("dependencies and softdeps are followed, each with its reason") {
    const Tree tree;
    const auto set = tree.resolve({"kernel/fs/nfs/nfs.ko", "kernel/drivers/net/ethernet/realtek/r8169.ko"});
    REQUIRE(set);
    CHECK(names(*set) == std::vector<std::string>{"r8169", "realtek", "lockd", "nfs", "late_one", "sunrpc"});
    CHECK(named(*set, "nfs").reason.origin == Origin{"f.modules", 1});
    CHECK(named(*set, "lockd").reason == Reason{.kind = Reason::Kind::Depends, .from = "nfs"});
    CHECK(named(*set, "realtek").reason == Reason{.kind = Reason::Kind::SoftdepPre, .from = "r8169"});
    CHECK(named(*set, "late_one").reason == Reason{.kind = Reason::Kind::SoftdepPost, .from = "r8169"});
}

TEST_CASE("dependencies are followed in a tree that is named by a relative path") {
    const Tree tree;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(tree.kernel.dir().path());
    const Sysroot here(".");
    const auto lists = read_kernel_lists(tree.kernel.directory()).value();
    const auto set =
        ModuleResolver(here, tree.kernel.version(), "lib/modules/" + tree.kernel.version(), lists)
            .resolve(patterns({"kernel/fs/nfs/nfs.ko"}));
    std::filesystem::current_path(before);
    REQUIRE(set);
    CHECK(names(*set) == std::vector<std::string>{"lockd", "nfs", "sunrpc"});
}

TEST_CASE("directories of modules may be links, which never lead out of the tree") {
    namespace fs = std::filesystem;
    const Tree tree;
    const fs::path root = tree.kernel.dir().path();
    const fs::path fs_directory = tree.kernel.directory() / "kernel/fs";
    fs::create_directory(root / "elsewhere");
    fs::rename(fs_directory / "nfs", root / "elsewhere/nfs");
    fs::create_symlink("/elsewhere/nfs", fs_directory / "nfs");
    const auto source = [&](const std::string& glob = "kernel/fs/nfs/nfs.ko") -> std::string {
        const auto set = tree.resolve({glob});
        return set ? named(*set, "nfs").source.host().lexically_relative(root).string() : set.error().text();
    };
    CHECK(source() == "elsewhere/nfs/nfs.ko");
    CHECK(names(tree.resolve({"kernel/fs/nfs/sub/*"}).value()) == std::vector<std::string>{"nfs_layout"});

    // The root of the tree as a directory of modules.
    fs::remove(fs_directory / "nfs");
    fs::create_symlink("/", fs_directory / "nfs");
    fs::rename(root / "elsewhere/nfs/nfs.ko", root / "nfs.ko");
    CHECK(source() == "nfs.ko");
    // What lies there on this machine is none of the tree's.
    const test::TempDir outside;
    fs::rename(root / "nfs.ko", outside / "nfs.ko");
    fs::remove(fs_directory / "nfs");
    fs::remove_all(tree.kernel.directory() / "kernel/misc");
    fs::create_symlink("/", tree.kernel.directory() / "kernel/misc");
    const std::string beyond = "kernel/misc" + outside.path().string() + "/nfs.ko";
    tree.kernel.dir().write("lib/modules/6.1-test/modules.dep", beyond + ":\n");
    CHECK(source(beyond).find("is listed in modules.dep but does not exist") != std::string::npos);
}

TEST_CASE("several modules of one name have the dependencies of all") {
    const Tree tree;
    tree.kernel.dir().write("lib/modules/6.1-test/modules.dep",
                            "kernel/fs/nfs/nfs.ko:\nextra/own.ko:\nkernel/misc/late-one.ko:\n"
                            "updates/nfs.ko: extra/own.ko kernel/misc/late-one.ko\n");
    const auto set = tree.resolve({"kernel/fs/nfs/nfs.ko"});
    REQUIRE(set);
    CHECK(names(*set) == std::vector<std::string>{"own", "nfs", "late_one"});
}

TEST_CASE("a module of an absurd size is refused before anything of it is read") {
    const Tree tree;
    const auto nfs = tree.kernel.directory() / "kernel/fs/nfs/nfs.ko";
    std::filesystem::resize_file(nfs, (std::uintmax_t{512} << 20) + 1);
    const auto set = tree.resolve({"kernel/fs/nfs/nfs.ko"});
    REQUIRE_FALSE(set);
    CHECK(set.error().text() == nfs.string() + ": is larger than 536870912 bytes unpacked");
}

TEST_CASE("firmware comes with its links, and what is missing is reported with its module") {
    const Tree tree;
    const auto set = tree.resolve({"kernel/drivers/net/ethernet"});
    REQUIRE(set);
    REQUIRE(set->firmware.size() == 2);
    CHECK(set->firmware[0].path == "lib/firmware/rtl_nic/a.fw.zst");
    CHECK(set->firmware[0].target == "real.fw.zst");
    CHECK(set->firmware[1].path == "lib/firmware/rtl_nic/real.fw.zst");
    CHECK(set->firmware[1].size == 4);
    CHECK(set->missing_firmware == std::vector<MissingFirmware>{{"r8169", "rtl_nic/none.fw"}});
}

TEST_CASE("firmware is found through linked directories, and with blanks and commas in its name") {
    test::KernelTree kernel;
    const std::string blanks = "brcm/fw-pcie.Apple Inc.-MacBookPro15,1.txt";
    kernel.module("kernel/drivers/net/card.ko",
                  {.modinfo = {"firmware=" + blanks, "firmware=gp108/acr/bl.bin", "firmware=dead.bin"}});
    kernel.depmod();
    kernel.dir().write("lib/firmware/" + blanks, "[text]");
    kernel.dir().write("lib/firmware/gp102/acr/bl.bin.xz", "blob");
    std::filesystem::create_directories(kernel.dir() / "lib/firmware/gp108");
    std::filesystem::create_symlink("../gp102/acr", kernel.dir() / "lib/firmware/gp108/acr");
    std::filesystem::create_symlink("gone.bin", kernel.dir() / "lib/firmware/dead.bin");
    const Sysroot root(kernel.dir().path());
    const auto lists = read_kernel_lists(kernel.directory()).value();
    const auto set = ModuleResolver(root, kernel.version(), "lib/modules/" + kernel.version(), lists)
                         .resolve(patterns({"kernel/drivers/net/card.ko"}));
    REQUIRE(set);
    CHECK(set->missing_firmware == std::vector<MissingFirmware>{{"card", "dead.bin"}});
    std::vector<std::string> paths;
    for (const Firmware& firmware : set->firmware)
        paths.push_back(firmware.path + (firmware.target.empty() ? "" : " -> " + firmware.target));
    CHECK(paths == std::vector<std::string>{"lib/firmware/" + blanks, "lib/firmware/gp102/acr/bl.bin.xz",
                                            "lib/firmware/gp108/acr -> ../gp102/acr"});
}

TEST_CASE("a link among the modules that leads nowhere stops nothing") {
    Tree tree;
    std::filesystem::create_directories(tree.kernel.directory() / "weak-updates");
    std::filesystem::create_symlink("/gone/w.ko", tree.kernel.directory() / "weak-updates/w.ko");
    std::filesystem::create_symlink("../gone.ko", tree.kernel.directory() / "kernel/fs/nfs/gone.ko");
    const auto set = tree.resolve({"kernel/fs/nfs"});
    REQUIRE(set);
    CHECK(names(*set) == std::vector<std::string>{"lockd", "nfs", "nfs_layout", "sunrpc"});
}

TEST_CASE("firmware that a module does not name comes where the tree has it") {
    const Tree tree;
    for (const char* name : {"rtl_nic/card-1.bin.xz", "rtl_nic/card-2.bin.xz", "rtl_nic/other.bin"})
        tree.kernel.dir().write(std::string("lib/firmware/") + name, "blob");
    const auto undeclared = parse_undeclared_firmware(
        "# why\nr8169 rtl_nic/card-*.bin none.bin # both\n\nown rtl_nic/other.bin\n", "f");
    REQUIRE(undeclared);
    const auto resolve = [&](FirmwarePolicy policy) {
        return tree
            .resolve({"kernel/drivers/net/ethernet/realtek/r8169.ko"},
                     {.firmware = policy, .undeclared_firmware = *undeclared})
            .value();
    };
    const ReadModules with = resolve(FirmwarePolicy::Network);
    std::vector<std::string> paths;
    for (const Firmware& firmware : with.firmware) {
        CHECK(firmware.reason == Reason{.kind = Reason::Kind::Firmware, .from = "r8169"});
        paths.push_back(firmware.path);
    }
    CHECK(paths ==
          std::vector<std::string>{"lib/firmware/rtl_nic/a.fw.zst", "lib/firmware/rtl_nic/card-1.bin.xz",
                                   "lib/firmware/rtl_nic/card-2.bin.xz", "lib/firmware/rtl_nic/real.fw.zst"});
    // What is missing is told of names that the module has itself.
    CHECK(with.missing_firmware == std::vector<MissingFirmware>{{"r8169", "rtl_nic/none.fw"}});
    CHECK(resolve(FirmwarePolicy::None).firmware.empty());
}

TEST_CASE("a line of the list of undeclared firmware has a module and names") {
    const auto list = parse_undeclared_firmware("dash-ed a b\n", "f.list").value();
    CHECK(list == UndeclaredFirmware{{"dash_ed", "a"}, {"dash_ed", "b"}});
    CHECK(parse_undeclared_firmware("a b\nc # d\n", "f.list").error().text() ==
          "f.list:2: is not of the form: MODULE FIRMWARE...");
}

TEST_CASE("missing firmware is an error when it is to be, and firmware can be left out") {
    const Tree tree;
    const auto strict = tree.resolve({"kernel/drivers/net/ethernet"}, {.strict_firmware = true});
    REQUIRE_FALSE(strict);
    CHECK(strict.error().text().find("r8169: firmware 'rtl_nic/none.fw' is not in ") == 0);
    CHECK(
        tree.resolve({"kernel/drivers/net/ethernet"}, {.firmware = FirmwarePolicy::None})->firmware.empty());
    CHECK(tree.resolve({"kernel/drivers/net/ethernet"}, {.firmware = FirmwarePolicy::Network})
              ->firmware.size() == 2);
}

TEST_CASE("a built-in module is satisfied, an optional one may be absent, any other is an error") {
    const Tree tree;
    CHECK(tree.resolve({"kernel/net/packet/af_packet.ko", "?kernel/none.ko", "extra/*"}));
    const auto set = tree.resolve({"kernel/fs/nfs/nfs.ko", "kernel/fs/nsf/nfs.ko", "kernel/zz*/*"});
    REQUIRE_FALSE(set);
    CHECK(set.error().text() ==
          "f.modules:2: 'kernel/fs/nsf/nfs.ko' matches no module of kernel 6.1-test, built in or not "
          "(did you mean kernel/fs/nfs/nfs.ko?)\n"
          "f.modules:3: 'kernel/zz*/*' matches no module of kernel 6.1-test, built in or not "
          "(put '?' before the pattern if it may be absent)");
}

TEST_CASE("with leniency what matches nothing is a warning") {
    const Tree tree;
    const auto set = tree.resolve({"kernel/none.ko"}, {.lenient = true});
    REQUIRE(set);
    REQUIRE(set->warnings.size() == 1);
    CHECK(set->warnings[0].object == "f.modules:1");
}

TEST_CASE("network drivers that use phylib bring the PHY drivers, other modules do not") {
    test::KernelTree kernel;
    kernel.module("kernel/drivers/net/phy/libphy.ko", {.exports = {"phy_connect"}});
    kernel.module("kernel/drivers/net/phy/realtek.ko",
                  {.imports = {"phy_connect"}, .modinfo = {"alias=mdio:00000000000111001100????????????"}});
    kernel.module("kernel/drivers/net/ethernet/mac.ko", {.imports = {"phy_connect"}});
    kernel.module("kernel/drivers/net/ethernet/plain.ko");
    kernel.depmod();
    const Sysroot root(kernel.dir().path());
    const auto lists = read_kernel_lists(kernel.directory()).value();
    const ModuleResolver resolver(root, kernel.version(), "lib/modules/" + kernel.version(), lists);
    const auto with = resolver.resolve(patterns({"kernel/drivers/net/ethernet/mac.ko"}));
    REQUIRE(with);
    CHECK(names(*with) == std::vector<std::string>{"mac", "libphy", "realtek"});
    CHECK(named(*with, "realtek").reason == Reason{.kind = Reason::Kind::PhyDriver, .from = "mac"});
    CHECK(names(resolver.resolve(patterns({"kernel/drivers/net/ethernet/plain.ko"})).value()) ==
          std::vector<std::string>{"plain"});
}

TEST_CASE("a phylib that is built in is known by the symbols of drivers, also with --hardware") {
    test::KernelTree kernel;
    kernel.builtin("kernel/drivers/net/phy/libphy.ko");
    kernel.builtin("kernel/drivers/net/ethernet/builtin-mac.ko");
    kernel.module("kernel/drivers/net/phy/realtek.ko",
                  {.modinfo = {"alias=mdio:00000000000111001100????????????"}});
    kernel.module("kernel/drivers/net/ethernet/mac.ko",
                  {.imports = {"phy_connect"}, .modinfo = {"alias=pci:v00001234d*"}});
    kernel.module("kernel/drivers/net/ethernet/plain.ko", {.modinfo = {"alias=pci:v00005678d*"}});
    kernel.depmod();
    const Sysroot root(kernel.dir().path());
    const auto lists = read_kernel_lists(kernel.directory()).value();
    const auto resolve = [&](const char* pattern, const char* modalias) {
        ModuleOptions options;
        if (modalias != nullptr) options.machines = {parse_hardware_list(modalias, "h").value()};
        return ModuleResolver(root, kernel.version(), "lib/modules/" + kernel.version(), lists, options)
            .resolve(patterns({pattern}))
            .value();
    };
    using Names = std::vector<std::string>;
    CHECK(names(resolve("kernel/drivers/net/ethernet/mac.ko", nullptr)) == Names{"mac", "realtek"});
    CHECK(names(resolve("kernel/drivers/net/ethernet/plain.ko", nullptr)) == Names{"plain"});
    CHECK(names(resolve("kernel/drivers/net/ethernet/builtin-mac.ko", nullptr)) == Names{"realtek"});
    CHECK(names(resolve("kernel/drivers/net/*/[mr]*", "pci:v00001234d00000001\n")) ==
          Names{"mac", "realtek"});

    const auto other = resolve("kernel/drivers/net/*/[pr]*", "pci:v00005678d00000001\n");
    CHECK(names(other) == Names{"plain"});
    REQUIRE(other.left_out.size() == 1);
    CHECK(other.left_out[0].module == "realtek");
}

TEST_CASE("all softdeps of a module come, however many lines name them") {
    test::KernelTree kernel;
    kernel.module("kernel/fs/big.ko", {.modinfo = {"softdep=pre: algo-one", "softdep=pre: algo_two",
                                                   "softdep=post: algo_three"}});
    for (const char* name : {"one", "two", "three"})
        kernel.module(std::string("kernel/crypto/algo_") + name + ".ko");
    kernel.depmod();
    const Sysroot root(kernel.dir().path());
    const auto lists = read_kernel_lists(kernel.directory()).value();
    const auto set = ModuleResolver(root, kernel.version(), "lib/modules/" + kernel.version(), lists)
                         .resolve(patterns({"kernel/fs/big.ko"}));
    REQUIRE(set);
    CHECK(names(*set) == std::vector<std::string>{"algo_one", "algo_three", "algo_two", "big"});
}

TEST_CASE("built-in drivers that a feature names bring their firmware and softdeps, others do not") {
    test::KernelTree kernel;
    kernel.module("kernel/drivers/net/ethernet/a.ko", {.modinfo = {"softdep=pre: b-builtin"}});
    kernel.module("kernel/drivers/net/phy/realtek.ko");
    kernel.builtin("kernel/drivers/net/ethernet/realtek/r8169.ko");
    kernel.builtin("kernel/drivers/gpu/card.ko");
    kernel.builtin("kernel/lib/b-builtin.ko");
    for (const char* text : {"r8169.firmware=rtl.fw", "r8169.firmware=none.fw", "r8169.softdep=pre: realtek",
                             "r8169.alias=pci:v000010EC*", "card.firmware=gpu.fw", "b_builtin.firmware=b.fw"})
        kernel.builtin_modinfo(text);
    kernel.depmod();
    for (const char* name : {"rtl.fw", "gpu.fw", "b.fw", "more.fw"})
        kernel.dir().write(std::string("lib/firmware/") + name, "blob");
    const Sysroot root(kernel.dir().path());
    const auto lists = read_kernel_lists(kernel.directory()).value();
    const auto resolve = [&](const ModuleOptions& options) {
        return ModuleResolver(root, kernel.version(), "lib/modules/" + kernel.version(), lists, options)
            .resolve(patterns({"kernel/drivers/net/ethernet"}))
            .value();
    };
    const auto firmware = [](const ReadModules& set) {
        std::vector<std::string> paths;
        for (const Firmware& each : set.firmware)
            paths.push_back(each.path);
        return paths;
    };
    const ReadModules all = resolve({.undeclared_firmware = {{"r8169", "more.fw"}}});
    CHECK(names(all) == std::vector<std::string>{"a", "realtek"});
    CHECK(named(all, "realtek").reason == Reason{.kind = Reason::Kind::SoftdepPre, .from = "r8169"});
    CHECK(firmware(all) ==
          std::vector<std::string>{"lib/firmware/b.fw", "lib/firmware/more.fw", "lib/firmware/rtl.fw"});
    CHECK(all.firmware[2].reason == Reason{.kind = Reason::Kind::Firmware, .from = "r8169"});
    CHECK(all.missing_firmware == std::vector<MissingFirmware>{{"r8169", "none.fw"}});
    CHECK(firmware(resolve({.firmware = FirmwarePolicy::Network})) ==
          std::vector<std::string>{"lib/firmware/rtl.fw"});
    const auto machine = [](const std::string& modalias) {
        return ModuleOptions{.machines = {parse_hardware_list(modalias, "h").value()}};
    };
    CHECK(firmware(resolve(machine("pci:v000010ECd00008168"))).size() == 1);
    CHECK(firmware(resolve(machine("pci:v00008086d00008168"))).empty());
}

TEST_CASE("an algorithm that a softdep names brings every module that provides it") {
    test::KernelTree kernel;
    kernel.module("kernel/fs/ext4/ext4.ko", {.modinfo = {"softdep=pre: crypto-crc32c"}});
    kernel.module("kernel/lib/libcrc32c.ko", {.modinfo = {"softdep=pre: crc32c"}});
    for (const char* path : {"kernel/arch/x86/crypto/crc32c-intel.ko", "kernel/crypto/crc32c_generic.ko"})
        kernel.module(path, {.modinfo = {"alias=crc32c", "alias=crypto-crc32c"}});
    kernel.module("kernel/crypto/crc32_generic.ko", {.modinfo = {"alias=crypto-crc32"}});
    kernel.depmod();
    const Sysroot root(kernel.dir().path());
    const auto lists = read_kernel_lists(kernel.directory()).value();
    const ModuleResolver resolver(root, kernel.version(), "lib/modules/" + kernel.version(), lists);
    for (const std::string user : {"kernel/fs/ext4/ext4.ko", "kernel/lib/libcrc32c.ko"}) {
        const auto set = resolver.resolve(patterns({user}));
        REQUIRE(set);
        CHECK(names(*set) ==
              std::vector<std::string>{"crc32c_intel", "crc32c_generic", module_name_of(user)});
        CHECK(named(*set, "crc32c_intel").reason ==
              Reason{.kind = Reason::Kind::SoftdepPre, .from = module_name_of(user)});
    }
}

TEST_CASE("weak dependencies are followed") {
    const Tree tree;
    tree.kernel.dir().write("lib/modules/6.1-test/modules.weakdep", "# comment\nweakdep own late-one\n");
    CHECK(names(tree.resolve({"extra/own.ko"}).value()) == std::vector<std::string>{"own", "late_one"});
}

TEST_CASE("trees of other machines are resolved alike, 32-bit big-endian too") {
    const auto foreign =
        GENERATE(test::ElfModule{true, false, EM_AARCH64}, test::ElfModule{true, true, EM_S390},
                 test::ElfModule{false, true, EM_MIPS}, test::ElfModule{false, false, EM_ARM});
    const auto module = [&](std::vector<std::string> modinfo) {
        test::ElfModule file = foreign;
        file.modinfo = std::move(modinfo);
        return file.build();
    };
    test::KernelTree kernel;
    kernel.module("kernel/net/card.ko", module({"softdep=pre: helper", "firmware=card.fw", "alias=pci:v1*"}));
    kernel.module("kernel/lib/helper.ko", module({"license=GPL"}));
    kernel.depmod();
    kernel.dir().write("lib/firmware/card.fw", "blob");
    const Sysroot root(kernel.dir().path());
    const auto lists = read_kernel_lists(kernel.directory()).value();
    const ModuleResolver resolver(root, kernel.version(), "lib/modules/" + kernel.version(), lists);
    const auto set = resolver.resolve(patterns({"kernel/net/card.ko"}));
    REQUIRE(set);
    CHECK(names(*set) == std::vector<std::string>{"helper", "card"});
    REQUIRE(set->firmware.size() == 1);
    CHECK(set->firmware[0].path == "lib/firmware/card.fw");
    const auto reduced = add_module_lists(test::placed(*set), lists).lists;
    const auto alias =
        std::ranges::find(reduced, "modules.alias", &std::pair<std::string, std::string>::first);
    REQUIRE(alias != reduced.end());
    CHECK(alias->second.find("alias pci:v1* card\n") != std::string::npos);
}

TEST_CASE("only drivers that the listed machines need, each with its machine") {
    const Tree tree;
    const auto machines = [](const std::string& text) {
        return std::vector<Machine>{parse_hardware_list(text, "rack/host7.modalias").value()};
    };
    const std::vector<std::string> all = {"kernel/drivers/net/ethernet", "kernel/drivers/net/bonding",
                                          "kernel/fs/nfs/nfs.ko"};
    const auto with = tree.resolve(all, {.machines = machines("pci:v000010ECd00008168sv0 # the NIC\n")});
    REQUIRE(with);
    CHECK(named(*with, "r8169").reason.machine == "host7");
    CHECK(named(*with, "realtek").reason.kind == Reason::Kind::SoftdepPre);
    const auto without = tree.resolve(all, {.machines = machines("pci:v00008086d0000100Esv0\n")});
    REQUIRE(without);
    CHECK(names(*without) == std::vector<std::string>{"lockd", "nfs", "sunrpc"});
    const auto asked = tree.resolve({"kernel/drivers/net/bonding/bonding.ko"},
                                    {.machines = machines("pci:v00008086d0000100Esv0\n")});
    CHECK(names(asked.value()) == std::vector<std::string>{"bonding"});
    CHECK(parse_hardware_list("pci:x\nnonsense\n", "h")
              .error()
              .text()
              .find("h:2: 'nonsense' is not a modalias") == 0);
    CHECK_FALSE(parse_hardware_list("# nothing\n", "h"));
    // A list for which there is no driver is named, others are not.
    CHECK(with->warnings.empty());
    REQUIRE(without->warnings.size() == 1);
    CHECK(
        without->warnings[0].text.starts_with("no line of rack/host7.modalias matches a driver among the "));
    // What was dropped is known.
    REQUIRE(without->left_out.size() == 2);
    CHECK(without->left_out[0].module == "bonding");
    CHECK(without->left_out[1] ==
          LeftOut{"r8169", {.kind = Reason::Kind::Pattern, .feature = "f", .origin = {"f.modules", 1}}});
    CHECK(with->left_out.size() == 1);
    CHECK(asked->left_out.empty());
}

TEST_CASE("devices that ACPI and DMI announce have drivers as well") {
    // modules.alias of a real kernel: file2alias.c writes the bus of these with a wildcard.
    KernelLists lists;
    lists.aliases["amd_xgbe"] = {"acpi*:AMDI8001:*"};
    lists.aliases["other"] = {"acpi*:AMDI9999:*"};
    lists.aliases["board"] = {"dmi*:svnVendor:pnModel*"};
    lists.aliases["tree"] = {"of:N*T*Camd,xgbe-seattle-v1a", "of:N*T*Camd,xgbe-seattle-v1aC*"};
    const std::vector<Machine> machines = {
        parse_hardware_list(
            "acpi:AMDI8001:\ndmi:svnVendor:pnModel1:\nof:NethernetT(null)Camd,xgbe-seattle-v1a\n", "host7")
            .value()};
    const HardwareFilter filter(machines, lists);
    const auto verdict = [&](const std::string& module) {
        return filter.judge(module, "kernel/drivers/net/ethernet/" + module + ".ko", false).wanted;
    };
    CHECK(verdict("amd_xgbe"));
    CHECK_FALSE(verdict("other"));
    CHECK(verdict("board"));
    CHECK(verdict("tree"));
}

TEST_CASE("a module that modules.dep names and the tree lacks is an error") {
    const Tree tree;
    std::filesystem::remove(tree.kernel.directory() / "kernel/fs/nfs/nfs.ko");
    const auto set = tree.resolve({"kernel/fs/nfs/nfs.ko"});
    REQUIRE_FALSE(set);
    CHECK(set.error().text().find("nfs.ko: is listed in modules.dep but does not exist") !=
          std::string::npos);
}

TEST_CASE("the lists in the image name what is in the image and nothing else") {
    const Tree tree;
    const auto resolved = tree.resolve({"kernel/drivers/net/ethernet"});
    REQUIRE(resolved);
    const ModuleSet set =
        add_module_lists(test::placed(*resolved), read_kernel_lists(tree.kernel.directory()).value());
    const auto list = [&](const std::string& name) {
        for (const auto& [file, content] : set.lists)
            if (file == name) return content;
        return std::string("(none)");
    };
    CHECK(list("modules.dep") == "kernel/drivers/net/phy/realtek.ko:\n"
                                 "kernel/drivers/net/ethernet/realtek/r8169.ko:\nkernel/misc/late-one.ko:\n");
    CHECK(list("modules.alias").find("alias pci:v000010ECd00008168* r8169\n") != std::string::npos);
    CHECK(list("modules.softdep").find("softdep r8169 pre: realtek post: late-one\n") != std::string::npos);
    CHECK(list("modules.order").find("nfs") == std::string::npos);
    CHECK(list("modules.builtin") == "kernel/net/packet/af_packet.ko\n");
}
