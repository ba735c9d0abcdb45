// SPDX-License-Identifier: MIT
// Decides which drivers some machines need, by modalias lists from those machines and the aliases of a
// kernel's modules.
#pragma once

#include <map>
#include <optional>

#include "mkpxerd/generator/modules/kernel_lists.hpp"

namespace mkpxerd::generator {

struct Machine {
    std::string name; // of the file, without its extension
    std::vector<std::string> modaliases;
    std::string file = {};
};

// A list: one modalias per line, optionally after "MODALIAS="; ignores the rest of the line and '#' comments.
// Errors: lines that are not modaliases (the first with their numbers), a file without any known bus.
Result<Machine> parse_hardware_list(std::string_view text, const std::string& file);
// All of the files. Errors: also an unreadable file.
Result<std::vector<Machine>> read_hardware_lists(const std::vector<TreePath>& files);

class HardwareFilter {
  public:
    // No machines: everything passes.
    HardwareFilter(const std::vector<Machine>& machines, const KernelLists& lists);

    struct Verdict {
        bool wanted = true;
        std::string machine; // the machine that needs it; empty: it is not the driver of a device
    };
    // path: the kernel's place for such a module. named: a feature names the module itself, not its directory
    // or a pattern.
    Verdict judge(const std::string& module, std::string_view path, bool named) const;

    // The files of machines for whose devices the kernel's tree has no driver at all.
    std::vector<std::string> lists_without_driver() const;

    // PHYs have no modalias in sysfs; only lists made by `mkpxerd hardware` contain them.
    bool lists_phys() const { return lists_phys_; }
    bool active() const { return !machines_.empty(); }

  private:
    std::optional<std::string> machine_for(const std::vector<std::string_view>& patterns) const;

    const std::vector<Machine>& machines_;
    const KernelLists& lists_;
    // bus, with '_' for '-' -> (modalias, machine): patterns are compared with modaliases of their own bus
    // only
    std::map<std::string, std::vector<std::pair<std::string_view, std::string_view>>, std::less<>> by_bus_;
    bool lists_phys_ = false;
};

bool is_phy_driver(const KernelLists& lists, std::string_view module);
// Does the module have an alias of any bus?
bool drives_devices(const KernelLists& lists, std::string_view module);

} // namespace mkpxerd::generator
