// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/module_homes.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "kernel_tree.hpp"
#include "mkpxerd/generator/modules/absent_driver_finder.hpp"
#include "mkpxerd/generator/modules/module_lists.hpp"
#include "mkpxerd/generator/modules/module_resolver.hpp"
#include "placed_modules.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

const std::string ethernet = "kernel/drivers/net/ethernet/";
const std::string card = "alias=pci:v00008086d00001533sv*sd*bc*sc*i*";

struct Tree {
    test::KernelTree kernel;
    Sysroot root{kernel.dir().path()};
    std::string directory() const { return "lib/modules/" + kernel.version(); }
    KernelLists lists() const {
        KernelLists all = read_kernel_lists(kernel.directory()).value();
        find_homes(all, root, directory());
        return all;
    }
    ModuleSet resolve(const std::vector<std::string>& globs, const ModuleOptions& options = {}) const {
        std::vector<Pattern> patterns;
        for (const std::string& glob : globs)
            patterns.push_back({glob, false, "f", {"f.modules", 1}});
        const KernelLists all = lists();
        const auto set = ModuleResolver(root, kernel.version(), directory(), all, options).resolve(patterns);
        if (!set) throw std::runtime_error(set.error().text());
        return add_module_lists(test::placed(*set), all);
    }
};

std::vector<std::string> paths(const ModuleSet& set) {
    std::vector<std::string> all;
    for (const Module& module : set.modules)
        all.push_back(module.path);
    return all;
}
std::string list(const ModuleSet& set, const std::string& name) {
    for (const auto& [file, text] : set.lists)
        if (file == name) return text;
    return "(none)";
}

using Paths = std::vector<std::string>;

} // namespace

TEST_CASE("a driver of the kernel that others replaced is where the kernel's lists have it") {
    const std::string directory = GENERATE("updates/dkms/", "extra/", "weak-updates/vendor/");
    Tree tree;
    tree.kernel.module(ethernet + "intel/e1000e/e1000e.ko");
    tree.kernel.made(ethernet + "intel/igb/igb.ko");
    tree.kernel.module(directory + "igb.ko", {.modinfo = {card, "firmware=igb.fw"}});
    tree.kernel.dir().write("lib/firmware/igb.fw", "blob");
    tree.kernel.depmod();
    CHECK(tree.lists().home(directory + "igb.ko") == ethernet + "intel/igb/igb.ko");
    CHECK(tree.lists().home(ethernet + "intel/e1000e/e1000e.ko") == ethernet + "intel/e1000e/e1000e.ko");
    for (const std::string& pattern :
         {ethernet + "intel/igb", ethernet + "intel/igb/igb.ko", directory + "*"}) {
        INFO(pattern);
        const ModuleSet set = tree.resolve({pattern}, {.firmware = FirmwarePolicy::Network});
        CHECK(paths(set) == Paths{directory + "igb.ko"});
        CHECK(set.firmware.size() == 1);
        CHECK(list(set, "modules.dep") == directory + "igb.ko:\n");
        // Whoever reads the image knows what it is.
        CHECK(list(set, "modules.order").find(ethernet + "intel/igb/igb.ko\n") != std::string::npos);
    }
}

TEST_CASE("without modules.order the kernel's own file tells the place of a replaced driver") {
    Tree tree;
    tree.kernel.module(ethernet + "intel/igb/igb.ko", {.modinfo = {card}});
    tree.kernel.module("updates/igb.ko", {.modinfo = {card}});
    tree.kernel.depmod();
    std::filesystem::remove(tree.kernel.directory() / "modules.order");
    CHECK(paths(tree.resolve({ethernet})) == Paths{"updates/igb.ko"});
    tree.kernel.pack("xz --check=crc32", ".xz");
    const ModuleSet set = tree.resolve({ethernet + "intel/igb/igb.ko.xz"});
    CHECK(paths(set) == Paths{"updates/igb.ko.xz"});
    CHECK(list(set, "modules.order") == ethernet + "intel/igb/igb.ko\n");
}

TEST_CASE("a driver that the kernel does not have is of the kind that it registers, compressed or not") {
    Tree tree;
    tree.kernel.module("kernel/fs/a.ko");
    tree.kernel.module("updates/dkms/r8125.ko",
                       {.imports = {"alloc_etherdev_mqs"}, .modinfo = {card, "firmware=r8125.fw"}});
    tree.kernel.module("updates/dkms/radio.ko",
                       {.imports = {"alloc_etherdev_mqs", "wiphy_new_nm"}, .modinfo = {card}});
    tree.kernel.module("updates/dkms/graphics.ko", {.imports = {"drm_dev_alloc"}, .modinfo = {card}});
    tree.kernel.depmod();
    const bool compressed = GENERATE(false, true);
    if (compressed) tree.kernel.pack("xz --check=crc32", ".xz");
    const std::string file = std::string("updates/dkms/r8125.ko") + (compressed ? ".xz" : "");
    CHECK(tree.lists().home(file) == ethernet + "r8125.ko");
    const ModuleSet set =
        tree.resolve({"kernel/drivers/net/ethernet"}, {.firmware = FirmwarePolicy::Network});
    CHECK(paths(set) == Paths{file});
    CHECK(set.missing_firmware == std::vector<MissingFirmware>{{"r8125", "r8125.fw"}});
    // A list may name it where it would be.
    CHECK(paths(tree.resolve({ethernet + "realtek/r8125.ko"})) == Paths{file});
}

TEST_CASE("network drivers outside kernel/ bring PHY drivers, and PHY drivers outside come") {
    Tree tree;
    tree.kernel.module("kernel/drivers/net/phy/libphy.ko",
                       {.exports = {"phy_connect", "phy_drivers_register"}});
    tree.kernel.module(
        "kernel/drivers/net/phy/realtek.ko",
        {.imports = {"phy_drivers_register"}, .modinfo = {"alias=mdio:00000000000111001100????????????"}});
    tree.kernel.module("extra/phy.ko", {.imports = {"phy_drivers_register"}});
    tree.kernel.module("updates/mac.ko",
                       {.imports = {"phy_connect", "alloc_etherdev_mqs"}, .modinfo = {card}});
    tree.kernel.depmod();
    const ModuleSet set = tree.resolve({"updates/mac.ko"});
    CHECK(paths(set) == Paths{"extra/phy.ko", "kernel/drivers/net/phy/libphy.ko",
                              "kernel/drivers/net/phy/realtek.ko", "updates/mac.ko"});
}

TEST_CASE("a module of depmod's external directories goes into the module directory of the image") {
    Tree tree;
    tree.kernel.module("kernel/drivers/net/ethernet/a.ko", {.exports = {"help"}});
    tree.kernel.depmod();
    tree.kernel.module("vendor.ko",
                       {.imports = {"help", "alloc_etherdev_mqs"}, .modinfo = {card, "firmware=none.fw"}});
    std::filesystem::create_directories(tree.kernel.dir() / "opt/modules");
    std::filesystem::rename(tree.kernel.directory() / "vendor.ko",
                            tree.kernel.dir() / "opt/modules/vendor.ko");
    const std::string external = "/opt/modules/vendor.ko";
    // depmod -b writes the place on its own machine.
    const bool is_here = GENERATE(false, true);
    const std::string path = is_here ? tree.kernel.dir().path().string() + external : external;
    tree.kernel.dir().write("lib/modules/6.1-test/modules.dep", "kernel/drivers/net/ethernet/a.ko:\n" + path +
                                                                    ": kernel/drivers/net/ethernet/a.ko\n");
    tree.kernel.dir().write("lib/modules/6.1-test/modules.alias", "alias pci:v00008086d00001533* vendor\n");
    CHECK(paths(tree.resolve({"kernel/drivers/net/ethernet/a.ko"})) == Paths{ethernet + "a.ko"});
    const ModuleSet set =
        tree.resolve({"kernel/drivers/net/ethernet"}, {.firmware = FirmwarePolicy::Network});
    CHECK(paths(set) == Paths{"external" + path, ethernet + "a.ko"});
    CHECK(std::get<TreePath>(set.modules[0].content).host() == tree.kernel.dir() / "opt/modules/vendor.ko");
    CHECK(set.missing_firmware.size() == 1);
    CHECK(list(set, "modules.dep") == ethernet + "a.ko:\nexternal" + path + ": " + ethernet + "a.ko\n");
    CHECK(list(set, "modules.order").ends_with(ethernet + "vendor.ko\n"));
    // Named by its place, with or without a slash in front, which features do without.
    CHECK(paths(tree.resolve({path.substr(1)})).front() == "external" + path);
    std::filesystem::remove(tree.kernel.dir() / "opt/modules/vendor.ko");
    CHECK_NOTHROW(tree.resolve({"kernel/drivers/net/ethernet/a.ko"}));
    CHECK_THROWS_WITH(tree.resolve({"kernel/drivers/net/ethernet", path.substr(1)}),
                      Catch::Contains("vendor.ko: is listed in modules.dep but does not exist"));
}

TEST_CASE("a driver outside kernel/ that the image lacks is listed as absent") {
    Tree tree;
    tree.kernel.made(ethernet + "intel/igb/igb.ko");
    tree.kernel.module("updates/igb.ko", {.modinfo = {card}});
    tree.kernel.module("kernel/net/packet/af_packet.ko");
    tree.kernel.depmod();
    const Pattern dhcp{"kernel/net/packet/af_packet.ko", false, "dhcp", {"dhcp.modules", 1}};
    const Pattern network{"kernel/drivers/net/ethernet", false, "network", {"network.modules", 1}};
    const ModuleSet set = tree.resolve({dhcp.glob});
    FeatureSet wanted;
    wanted.features = {"dhcp"};
    wanted.modules = {dhcp};
    CHECK(find_absent_drivers(set, tree.lists(), wanted, {dhcp, network}) ==
          std::vector<AbsentDriver>{{"igb", "network", {card.substr(6)}}});
}

TEST_CASE("a module outside kernel/ that cannot be read is an error only where it is wanted") {
    Tree tree;
    tree.kernel.module("kernel/fs/a.ko");
    tree.kernel.module("extra/broken.ko", {.imports = {"register_netdev"}, .modinfo = {card}});
    tree.kernel.depmod();
    tree.kernel.dir().write("lib/modules/6.1-test/extra/broken.ko", "module");
    CHECK(paths(tree.resolve({"kernel/fs"})) == Paths{"kernel/fs/a.ko"});
    CHECK_THROWS_WITH(tree.resolve({"extra"}), Catch::Contains("is not a kernel module"));
}
