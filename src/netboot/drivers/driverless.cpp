// SPDX-License-Identifier: MIT
// A network card is recognised by its class. A USB adapter has no such class; it counts if a network driver
// that the image lacks supports it.
#include "mkpxerd/netboot/drivers/driverless.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/absent_drivers.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::array buses = {"pci", "usb", "virtio", "vmbus", "xen"};

// PCI class 02 (PCI Code and ID Assignment Specification 1.3), virtio type 1 (virtio 1.1, 5).
bool is_network_card(std::string_view modalias) {
    return glob_match("pci:*bc02*", modalias) || modalias.starts_with("virtio:d00000001");
}

bool shows_its_class(std::string_view modalias) {
    return modalias.starts_with("pci:") || modalias.starts_with("virtio:");
}

// The name that lspci and lsusb print; modaliases begin "pci:v00008086d000010D3" and "usb:v0BDAp8153".
std::string name_of(std::string_view bus, std::string_view device, std::string_view modalias) {
    const auto ids = [&](std::size_t vendor, std::size_t product) {
        return to_lower(fmt::format(" {}:{}", modalias.substr(vendor, 4), modalias.substr(product, 4)));
    };
    const bool pci = glob_match("pci:v????????d????????*", modalias);
    const bool usb = glob_match("usb:v????p????*", modalias);
    return fmt::format("{}{} at {}", bus, pci ? ids(9, 18) : usb ? ids(5, 10) : "", device);
}

std::vector<const AbsentDriver*> find_absent(const std::vector<AbsentDriver>& drivers,
                                             std::string_view modalias) {
    std::vector<const AbsentDriver*> found;
    for (const AbsentDriver& driver : drivers)
        if (std::any_of(driver.patterns.begin(), driver.patterns.end(),
                        [&](const std::string& pattern) { return glob_match(pattern, modalias); }))
            found.push_back(&driver);
    return found;
}

// Why a device has no driver although the image has one for it.
std::string explain_present(const System& system, const std::vector<std::string_view>& modules,
                            const std::vector<std::string>& loading) {
    for (const std::string_view module : modules)
        if (std::find(loading.begin(), loading.end(), normal_module_name(module)) != loading.end())
            return fmt::format("module {} is still loading", module);
    std::error_code ignored;
    const auto is_loaded = [&](std::string_view module) {
        return std::filesystem::exists(system.host(fmt::format("/sys/module/{}", module)), ignored);
    };
    return fmt::format("module {} {}", fmt::join(modules, " or "),
                       std::any_of(modules.begin(), modules.end(), is_loaded)
                           ? "is loaded but did not bind to the device: see dmesg"
                           : "is in this image but was not loaded: blacklist= excludes it, or the kernel "
                             "refused it, as reported above");
}

std::string explain_absent(const std::vector<const AbsentDriver*>& drivers,
                           const std::vector<std::string>& features) {
    std::vector<std::string_view> modules;
    for (const AbsentDriver* driver : drivers)
        modules.push_back(driver->module);
    const std::string& feature = drivers.front()->feature;
    return fmt::format(
        "module {} is not in this image: rebuild it with {}", fmt::join(modules, " or "),
        std::binary_search(features.begin(), features.end(), feature)
            ? fmt::format("the --hardware list of this machine, or without one (feature {})", feature)
            : "feature " + feature);
}

} // namespace

std::vector<std::string> read_devices_without_driver(const System& system, const ModuleIndex& modules,
                                                     const std::vector<std::string>& features,
                                                     const std::vector<std::string>& loading) {
    // Read only when a device needs it, which is rare.
    std::optional<std::vector<AbsentDriver>> absent;
    const auto absent_drivers_for = [&](std::string_view modalias) {
        if (!absent)
            absent = parse_absent_drivers(
                read_file(system.host(fmt::format("/{}", absent_drivers_path))).value_or(""));
        return find_absent(*absent, modalias);
    };
    const Sysroot sys(system.host("/sys/bus"));
    std::vector<std::string> found;
    for (const std::string bus : buses) {
        for (const std::string& device : sys.list(bus + "/devices")) {
            const std::string path = bus + "/devices/" + device;
            const auto text = read_file(sys.host(path + "/modalias"));
            std::error_code ignored;
            if (!text || std::filesystem::is_symlink(sys.host(path + "/driver"), ignored)) continue;
            const std::string_view modalias = trim(*text);
            const bool known = is_network_card(modalias);
            if (!known && shows_its_class(modalias)) continue;
            const auto drivers = absent_drivers_for(modalias);
            if (!known && drivers.empty()) continue;
            std::string line = name_of(bus, device, modalias);
            if (const auto present = modules.match(modalias); !present.empty())
                line += ": " + explain_present(system, present, loading);
            else if (!drivers.empty())
                line += ": " + explain_absent(drivers, features);
            found.push_back(std::move(line));
        }
    }
    return found;
}

} // namespace mkpxerd::netboot
