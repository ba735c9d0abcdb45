// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/driver_home.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace mkpxerd;

namespace {

std::string_view home(const std::vector<std::string>& imports, bool drives_devices = true) {
    return driver_home(imports, drives_devices);
}

} // namespace

TEST_CASE("a driver is of the kind that it registers") {
    CHECK(home({"kfree", "alloc_etherdev_mqs", "register_netdev"}) == "kernel/drivers/net/ethernet/");
    CHECK(home({"register_netdev"}) == "kernel/drivers/net/ethernet/");
    CHECK(home({"phy_drivers_register"}, false) == "kernel/drivers/net/phy/");
    CHECK(home({"usbnet_probe", "alloc_etherdev_mqs"}) == "kernel/drivers/net/usb/");
    CHECK(home({"scsi_host_alloc"}) == "kernel/drivers/scsi/");
}

TEST_CASE("radios, CAN controllers and interfaces without a device are no network cards of a wire") {
    CHECK(home({"alloc_etherdev_mqs", "wiphy_new_nm"}) == "kernel/drivers/net/wireless/");
    CHECK(home({"ieee80211_alloc_hw_nm", "register_netdev"}) == "kernel/drivers/net/wireless/");
    CHECK(home({"alloc_candev_mqs", "register_candev", "register_netdev"}) == "kernel/drivers/net/can/");
    CHECK(home({"register_netdev"}, false).empty());
    CHECK(home({"kfree"}).empty());
    CHECK(home({}).empty());
}

TEST_CASE("network drivers lie in the directories of all machines") {
    CHECK(is_network_driver("kernel/drivers/net/ethernet/intel/igb/igb.ko"));
    CHECK(is_network_driver("kernel/drivers/s390/net/qeth.ko"));
    CHECK_FALSE(is_network_driver("kernel/net/8021q/8021q.ko"));
    CHECK_FALSE(is_network_driver("updates/igb.ko"));
}

TEST_CASE("a driver of wired cards is more than a place below drivers/net") {
    for (const char* card :
         {"kernel/drivers/net/ethernet/intel/igb/igb.ko", "kernel/drivers/net/virtio_net.ko.xz",
          "kernel/drivers/net/hyperv/hv_netvsc.ko", "kernel/drivers/s390/net/qeth.ko"})
        CHECK(is_card_driver(card));
    for (const char* other : {"kernel/drivers/net/phy/realtek.ko", "kernel/drivers/net/wireless/ath9k.ko",
                              "kernel/drivers/net/tun.ko", "updates/igb.ko"})
        CHECK_FALSE(is_card_driver(other));
}
