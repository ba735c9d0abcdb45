// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/absent_driver_finder.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/contract/module_alias.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

Pattern pattern(const std::string& feature, const std::string& glob) {
    return {glob, true, feature, {feature + ".modules", 1}};
}

// A kernel with four cards, one of which no feature names, and an image with the driver of one.
struct Build {
    Build() {
        add("kernel/drivers/net/ethernet/intel/e1000e/e1000e.ko",
            {"pci:v00008086d000010D3sv*sd*bc*sc*i*", "pci:v00008086d00001049sv*sd*bc*sc*i*",
             "of:N*T*Cintel,x"});
        add("kernel/drivers/net/ethernet/intel/e1000/e1000.ko.xz", {"pci:v00008086d0000100Esv*sd*bc*sc*i*"});
        add("kernel/drivers/net/virtio_net.ko", {"virtio:d00000001v*"});
        add("kernel/drivers/net/wireless/ath9k.ko", {"pci:v0000168Cd0000002Asv*sd*bc*sc*i*"});
        add("kernel/drivers/net/bonding/bonding.ko", {"rtnl-link-bond"});
        add("kernel/drivers/ata/ahci.ko", {"pci:v*d*sv*sd*bc01sc06i01*"});
        modules.modules = {{.name = "virtio_net",
                            .path = "kernel/drivers/net/virtio_net.ko",
                            .content = {},
                            .size = 0,
                            .reason = {}}};
    }
    void add(const std::string& path, const std::vector<std::string_view>& aliases) {
        lists.modules.push_back(path);
        lists.aliases[module_name_of(path)] = aliases;
    }
    std::vector<AbsentDriver> find(const std::string& feature, const std::string& glob) const {
        FeatureSet wanted;
        wanted.features = {feature};
        wanted.modules = {pattern(feature, glob)};
        return find_absent_drivers(modules, lists, wanted, known);
    }
    KernelLists lists;
    ModuleSet modules;
    std::vector<Pattern> known = {pattern("ata", "kernel/drivers/ata"),
                                  pattern("network", "kernel/drivers/net/ethernet"),
                                  pattern("network", "kernel/drivers/net/bonding"),
                                  pattern("site", "kernel/drivers/net/ethernet/*/e1000e"),
                                  pattern("virtio", "kernel/drivers/net/virtio_net.ko")};
};

const std::vector<std::string> e1000e_patterns = {"pci:v00008086d00001049sv*sd*bc*sc*i*",
                                                  "pci:v00008086d000010D3sv*sd*bc*sc*i*"};

} // namespace

TEST_CASE("network drivers that a feature names and the image lacks are listed, sorted, by what can be seen "
          "of cards") {
    CHECK(Build().find("virtio", "kernel/drivers/net/virtio_net.ko") ==
          std::vector<AbsentDriver>{{"e1000", "network", {"pci:v00008086d0000100Esv*sd*bc*sc*i*"}},
                                    {"e1000e", "network", e1000e_patterns}});
}

TEST_CASE("of several features with a driver, one that the image has is named") {
    const auto drivers = Build().find("site", "kernel/drivers/net/ethernet/*/e1000e");
    REQUIRE(drivers.size() == 2);
    CHECK(drivers[1] == AbsentDriver{"e1000e", "site", e1000e_patterns});
}

TEST_CASE("an image without a network lists nothing") {
    CHECK(Build().find("ata", "kernel/drivers/ata").empty());
    CHECK_FALSE(Build().find("dhcp", "kernel/net/packet/af_packet.ko").empty());
}

TEST_CASE("an image lacks the network if neither a module nor the kernel drives a card, as far as is known") {
    Build build;
    build.lists.texts["modules.builtin"] = "";
    CHECK_FALSE(lacks_network(build.modules, build.lists));
    build.modules.modules[0].path = "kernel/drivers/ata/ahci.ko";
    CHECK(lacks_network(build.modules, build.lists));
    build.lists.builtin = {"kernel/drivers/net/hyperv/hv_netvsc.ko"};
    CHECK_FALSE(lacks_network(build.modules, build.lists));
    build.lists.builtin.clear();
    build.modules.modules[0].path = "updates/mine.ko";
    build.lists.homes["updates/mine.ko"] = "kernel/drivers/net/ethernet/mine.ko";
    CHECK_FALSE(lacks_network(build.modules, build.lists));
    build.modules.modules.clear();
    build.lists.texts.clear();
    CHECK_FALSE(lacks_network(build.modules, build.lists));
}
