// SPDX-License-Identifier: MIT
// Every driver registers what it drives with a subsystem, by a symbol of that subsystem.
#include "mkpxerd/contract/driver_home.hpp"

#include <algorithm>
#include <array>

namespace mkpxerd {
namespace {

struct Registration {
    std::string_view symbol; // a whole name, or a family of them up to its last '_'
    std::string_view directory;
    bool needs_device = false;
};
// The first that fits counts. Radios and CAN controllers use symbols of Ethernet, too.
constexpr std::array registrations = {
    Registration{"phy_drivers_register", "kernel/drivers/net/phy/"}, // include/linux/phy.h
    Registration{"phy_driver_register", "kernel/drivers/net/phy/"},
    Registration{"ieee80211_", "kernel/drivers/net/wireless/"},         // include/net/mac80211.h
    Registration{"wiphy_", "kernel/drivers/net/wireless/"},             // include/net/cfg80211.h
    Registration{"register_candev", "kernel/drivers/net/can/"},         // include/linux/can/dev.h
    Registration{"usbnet_probe", "kernel/drivers/net/usb/"},            // include/linux/usb/usbnet.h
    Registration{"alloc_etherdev_mqs", "kernel/drivers/net/ethernet/"}, // include/linux/etherdevice.h
    Registration{"devm_alloc_etherdev_mqs", "kernel/drivers/net/ethernet/"},
    Registration{"register_netdev", "kernel/drivers/net/ethernet/", true}, // include/linux/netdevice.h
    Registration{"devm_register_netdev", "kernel/drivers/net/ethernet/", true},
    Registration{"nvme_init_ctrl", "kernel/drivers/nvme/host/"},      // drivers/nvme/host/nvme.h
    Registration{"ata_host_alloc", "kernel/drivers/ata/"},            // include/linux/libata.h
    Registration{"scsi_host_alloc", "kernel/drivers/scsi/", true},    // include/scsi/scsi_host.h
    Registration{"mmc_alloc_host", "kernel/drivers/mmc/host/", true}, // include/linux/mmc/host.h
};

constexpr std::array<std::string_view, 7> card_directories = {
    "kernel/drivers/net/ethernet/", "kernel/drivers/net/usb/",        "kernel/drivers/net/hyperv/",
    "kernel/drivers/net/vmxnet3/",  "kernel/drivers/net/virtio_net.", "kernel/drivers/net/xen-netfront.",
    "kernel/drivers/s390/net/"};

} // namespace

std::string_view driver_home(std::span<const std::string> imports, bool drives_devices) {
    for (const Registration& kind : registrations) {
        if (kind.needs_device && !drives_devices) continue;
        const bool is_family = kind.symbol.ends_with('_');
        if (std::any_of(imports.begin(), imports.end(), [&](const std::string& symbol) {
                return is_family ? symbol.starts_with(kind.symbol) : symbol == kind.symbol;
            }))
            return kind.directory;
    }
    return {};
}

bool is_network_driver(std::string_view home) {
    return home.starts_with("kernel/drivers/net/") || home.starts_with("kernel/drivers/s390/net/");
}

bool is_card_driver(std::string_view home) {
    return std::any_of(card_directories.begin(), card_directories.end(),
                       [&](std::string_view directory) { return home.starts_with(directory); });
}

} // namespace mkpxerd
