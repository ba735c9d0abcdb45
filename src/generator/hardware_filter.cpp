// SPDX-License-Identifier: MIT
// A module is a driver when one of its aliases is of a bus on which devices announce themselves
// (include/linux/mod_devicetable.h); only drivers are judged, file systems and protocols always pass.
#include "mkpxerd/generator/hardware_filter.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::array<std::string_view, 23> device_buses = {
    "acpi",   "amba", "auxiliary", "bcma", "ccw", "ccwgroup", "dmi",    "eisa",
    "fsl-mc", "hid",  "i2c",       "mdio", "of",  "pci",      "pcmcia", "platform",
    "pnp",    "sdio", "spi",       "ssb",  "usb", "virtio",   "vmbus",
};

std::string_view bus_of(std::string_view alias) {
    const auto colon = alias.find(':');
    if (colon == std::string_view::npos) return {};
    auto bus = alias.substr(0, colon);
    // file2alias.c writes "acpi*:AMDI8001:*" and "dmi*:svn...", the devices say "acpi:AMDI8001:".
    if (bus.ends_with('*')) bus.remove_suffix(1);
    // Device tree aliases read "of:N*T*C..."; Xen's "xen:vif" is listed apart, as it has no wildcard.
    if (bus == "xen" || std::find(device_buses.begin(), device_buses.end(), bus) != device_buses.end())
        return bus;
    return {};
}

} // namespace

Result<Machine> parse_hardware_list(std::string_view text, const std::string& file) {
    Machine machine;
    machine.name = std::filesystem::path(file).stem().string();
    Problems problems;
    unsigned number = 0;
    for (const auto line : split_lines(text)) {
        ++number;
        const auto words = split_words(line);
        if (words.empty() || words[0].starts_with('#')) continue;
        if (words[0].find(':') == std::string_view::npos)
            problems.add(fmt::format("{}:{}", file, number), fmt::format("'{}' is not a modalias", words[0]),
                         "a line looks like pci:v00008086d...; mkpxerd hardware writes such a list");
        else
            machine.modaliases.emplace_back(words[0]);
    }
    MKPXERD_TRY(problems.finish());
    if (machine.modaliases.empty())
        return fail(file, "names no device", "collect one on the machine: mkpxerd hardware > host.modalias");
    return machine;
}

bool is_phy_driver(const KernelLists& lists, std::string_view module) {
    const auto aliases = lists.aliases.find(module);
    return aliases != lists.aliases.end() &&
           std::any_of(aliases->second.begin(), aliases->second.end(),
                       [](std::string_view alias) { return alias.starts_with("mdio:"); });
}

HardwareFilter::HardwareFilter(const std::vector<Machine>& machines, const KernelLists& lists)
    : machines_(machines), lists_(lists) {
    for (const Machine& machine : machines) {
        for (const std::string& modalias : machine.modaliases) {
            const auto bus = bus_of(modalias);
            knows_phys_ = knows_phys_ || bus == "mdio";
            if (!bus.empty()) by_bus_[std::string(bus)].emplace_back(modalias, machine.name);
        }
    }
}

std::optional<std::string> HardwareFilter::machine_for(const std::vector<std::string_view>& patterns) const {
    for (const std::string_view pattern : patterns) {
        const auto devices = by_bus_.find(bus_of(pattern));
        if (devices == by_bus_.end()) continue;
        for (const auto& [modalias, machine] : devices->second)
            if (glob_match(pattern, modalias)) return std::string(machine);
    }
    return std::nullopt;
}

HardwareFilter::Verdict HardwareFilter::judge(const std::string& module, std::string_view path,
                                              bool named) const {
    if (machines_.empty()) return {};
    const auto aliases = lists_.aliases.find(module);
    if (aliases == lists_.aliases.end()) {
        // No alias at all among the drivers: a library of drivers, which comes by dependency when it is
        // needed.
        return {named || !path.starts_with("kernel/drivers/"), {}};
    }
    const auto is_device = [](std::string_view alias) { return !bus_of(alias).empty(); };
    if (std::none_of(aliases->second.begin(), aliases->second.end(), is_device)) {
        // Interfaces that somebody has to make (bonds, tunnels): no machine has one before a system runs.
        return {named || !path.starts_with("kernel/drivers/net/"), {}};
    }
    // Without PHYs in the lists they are left to the rule for network drivers that use phylib.
    if (const auto machine = machine_for(aliases->second)) return {true, *machine};
    return {false, {}};
}

} // namespace mkpxerd::generator
