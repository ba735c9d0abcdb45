// SPDX-License-Identifier: MIT
// A module is a driver if it has the alias of a bus. A machine without such a device does not need the
// driver, but a list can prove the absence only on buses where every device announces itself
// (include/linux/mod_devicetable.h): drivers of all other buses pass, like file systems and protocols.
#include "mkpxerd/generator/modules/hardware_filter.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t max_bad_lines = 3;                         // that an error names
constexpr std::size_t max_hardware_bytes = std::size_t{4} << 20; // of a list; a large server has 50 KiB

// With '_' for '-', sorted.
constexpr std::array<std::string_view, 24> device_buses = {
    "acpi",   "amba", "auxiliary", "bcma", "ccw", "ccwgroup", "dmi",    "eisa",
    "fsl_mc", "hid",  "i2c",       "mdio", "of",  "pci",      "pcmcia", "platform",
    "pnp",    "sdio", "spi",       "ssb",  "usb", "virtio",   "vmbus",  "xen",
};
// The others of file2alias.c. A file in which no line has a bus of either list is no list of devices: colons
// alone are in many files.
constexpr std::array<std::string_view, 47> other_buses = {
    "ap",       "apr",       "cdx",     "counter",  "cpu",       "css",    "dfl",   "fslmc",
    "gameport", "greybus",   "hdaudio", "hsi",      "input",     "ipack",  "isa",   "ishtp",
    "macio",    "mcb",       "mei",     "mhi",      "mips_cdmm", "mmc",    "nd",    "parisc",
    "pci_epf",  "peci",      "ps3",     "rapidio",  "rpmsg",     "scsi",   "sdw",   "serio",
    "slim",     "soundwire", "ssam",    "tbsvc",    "tee",       "typec",  "ulpi",  "usbmon",
    "vas",      "vfio_pci",  "vio",     "visorbus", "wmi",       "x86cpu", "zorro",
};
// As in sysfs' uevent files.
constexpr std::string_view uevent_key = "MODALIAS=";
// Aliases with a colon that do not belong to devices: names in /dev, and symbols.
constexpr std::array<std::string_view, 2> no_buses = {"devname", "symbol"};

// Empty: not the alias of a device.
std::string_view bus_of(std::string_view alias) {
    const auto colon = alias.find(':');
    if (colon == std::string_view::npos) return {};
    auto bus = alias.substr(0, colon);
    // file2alias.c writes "acpi*:AMDI8001:*" and "dmi*:svn...", the devices say "acpi:AMDI8001:".
    if (bus.ends_with('*')) bus.remove_suffix(1);
    return std::find(no_buses.begin(), no_buses.end(), bus) == no_buses.end() ? bus : std::string_view{};
}

bool announces_every_device(std::string_view bus) {
    return std::binary_search(device_buses.begin(), device_buses.end(), normal_module_name(bus));
}

bool is_known_bus(std::string_view bus) {
    return announces_every_device(bus) ||
           std::ranges::find(other_buses, normal_module_name(bus)) != other_buses.end();
}

template <class Test>
bool any_alias(const KernelLists& lists, std::string_view module, Test test) {
    const auto aliases = lists.aliases.find(module);
    return aliases != lists.aliases.end() &&
           std::any_of(aliases->second.begin(), aliases->second.end(), test);
}

} // namespace

Result<Machine> parse_hardware_list(std::string_view text, const std::string& file) {
    Machine machine;
    machine.name = std::filesystem::path(file).stem().string();
    machine.file = file;
    Problems problems;
    unsigned number = 0;
    std::size_t bad_lines = 0;
    bool knows_a_bus = false;
    for (const auto line : split_lines(text)) {
        ++number;
        const auto words = split_words(line);
        if (words.empty() || words[0].starts_with('#')) continue;
        auto modalias = words[0];
        if (modalias.starts_with(uevent_key)) modalias.remove_prefix(uevent_key.size());
        if (modalias.find(':') != std::string_view::npos) {
            knows_a_bus = knows_a_bus || is_known_bus(bus_of(modalias));
            machine.modaliases.emplace_back(modalias);
        } else if (++bad_lines <= max_bad_lines) {
            problems.add(fmt::format("{}:{}", file, number),
                         fmt::format("'{}' is not a modalias", excerpt(words[0])),
                         "a line looks like pci:v00008086d...; mkpxerd hardware writes such a list");
        }
    }
    const std::string remedy = "collect one on the machine: mkpxerd hardware > host.modalias";
    if (!knows_a_bus && (bad_lines > 0 || !machine.modaliases.empty()))
        return fail(file, "is not a list of modaliases: no line names a device", remedy);
    if (bad_lines > max_bad_lines)
        problems.add(file, fmt::format("{} more lines are no modaliases", bad_lines - max_bad_lines));
    MKPXERD_TRY(problems.finish());
    if (machine.modaliases.empty()) return fail(file, "names no device", remedy);
    return machine;
}

Result<std::vector<Machine>> read_hardware_lists(const std::vector<TreePath>& files) {
    std::vector<Machine> machines;
    Problems problems;
    for (const TreePath& file : files) {
        const auto text = read_file(file, max_hardware_bytes);
        auto machine = text ? parse_hardware_list(*text, file.string()) : Result<Machine>(fail(text.error()));
        if (machine)
            machines.push_back(std::move(*machine));
        else
            problems.add(machine.error());
    }
    MKPXERD_TRY(problems.finish());
    return machines;
}

bool is_phy_driver(const KernelLists& lists, std::string_view module) {
    return any_alias(lists, module, [](std::string_view alias) { return alias.starts_with("mdio:"); });
}

bool drives_devices(const KernelLists& lists, std::string_view module) {
    return any_alias(lists, module, [](std::string_view alias) { return !bus_of(alias).empty(); });
}

HardwareFilter::HardwareFilter(const std::vector<Machine>& machines, const KernelLists& lists)
    : machines_(machines), lists_(lists) {
    for (const Machine& machine : machines) {
        for (const std::string& modalias : machine.modaliases) {
            const auto bus = bus_of(modalias);
            lists_phys_ = lists_phys_ || bus == "mdio";
            if (!bus.empty()) by_bus_[normal_module_name(bus)].emplace_back(modalias, machine.name);
        }
    }
}

std::optional<std::string> HardwareFilter::machine_for(const std::vector<std::string_view>& patterns) const {
    for (const std::string_view pattern : patterns) {
        const auto devices = by_bus_.find(normal_module_name(bus_of(pattern)));
        if (devices == by_bus_.end()) continue;
        for (const auto& [modalias, machine] : devices->second)
            if (alias_matches(pattern, modalias)) return std::string(machine);
    }
    return std::nullopt;
}

std::vector<std::string> HardwareFilter::lists_without_driver() const {
    std::set<std::string_view> driven;
    for (const auto& [module, patterns] : lists_.aliases)
        for (const std::string_view pattern : patterns)
            if (const auto devices = by_bus_.find(normal_module_name(bus_of(pattern)));
                devices != by_bus_.end())
                for (const auto& [modalias, machine] : devices->second)
                    if (!driven.contains(machine) && alias_matches(pattern, modalias)) driven.insert(machine);
    std::vector<std::string> files;
    for (const Machine& machine : machines_)
        if (!driven.contains(machine.name)) files.push_back(machine.file);
    return files;
}

HardwareFilter::Verdict HardwareFilter::judge(const std::string& module, std::string_view path,
                                              bool named) const {
    if (machines_.empty()) return {};
    const auto aliases = lists_.aliases.find(module);
    if (aliases == lists_.aliases.end()) {
        // A driver without aliases is a library of drivers, which is added as a dependency.
        return {named || !path.starts_with("kernel/drivers/"), {}};
    }
    // Without PHYs in the lists, the rule for network drivers that use phylib decides about PHY drivers.
    if (const auto machine = machine_for(aliases->second)) return {true, *machine};
    if (!drives_devices(lists_, module)) {
        // Interfaces that must be created (bonds, tunnels): no machine has one before a system runs.
        return {named || !path.starts_with("kernel/drivers/net/"), {}};
    }
    const bool is_on_other_bus = any_alias(lists_, module, [](std::string_view alias) {
        const auto bus = bus_of(alias);
        return !bus.empty() && !announces_every_device(bus);
    });
    return {is_on_other_bus, {}};
}

} // namespace mkpxerd::generator
