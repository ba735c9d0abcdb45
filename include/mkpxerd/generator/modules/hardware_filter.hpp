// SPDX-License-Identifier: MIT
// Which drivers do these machines need? Modalias lists that were collected on them, compared with the aliases
// of a kernel's modules.
#pragma once

#include <map>
#include <optional>

#include "mkpxerd/generator/modules/kernel_lists.hpp"

namespace mkpxerd::generator {

struct Machine {
    std::string name; // of the file, without its extension
    std::vector<std::string> modaliases;
};

// A list: one modalias a line, "MODALIAS=" before it is optional; the rest of the line and '#' comments are
// ignored. Errors, with file and line: a line that is not a modalias, a list without any.
Result<Machine> parse_hardware_list(std::string_view text, const std::string& file);
// All of the files. Errors: also a file that cannot be read.
Result<std::vector<Machine>> read_hardware_lists(const std::vector<TreePath>& files);

class HardwareFilter {
  public:
    // No machines: everything passes.
    HardwareFilter(const std::vector<Machine>& machines, const KernelLists& lists);

    struct Verdict {
        bool wanted = true;
        std::string machine; // that asked for it; empty: it is not the driver of a device
    };
    // path: where the kernel has such a module. named: a feature names the module itself, not its directory
    // or a pattern.
    Verdict judge(const std::string& module, std::string_view path, bool named) const;

    // PHYs have no modalias in sysfs; only lists made by `mkpxerd hardware` hold them.
    bool knows_phys() const { return knows_phys_; }
    bool active() const { return !machines_.empty(); }

  private:
    std::optional<std::string> machine_for(const std::vector<std::string_view>& patterns) const;

    const std::vector<Machine>& machines_;
    const KernelLists& lists_;
    // bus, with '_' for '-' -> (modalias, machine): patterns are compared with modaliases of their own bus
    // only
    std::map<std::string, std::vector<std::pair<std::string_view, std::string_view>>, std::less<>> by_bus_;
    bool knows_phys_ = false;
};

bool is_phy_driver(const KernelLists& lists, std::string_view module);
// Does the module have an alias of any bus?
bool drives_devices(const KernelLists& lists, std::string_view module);

} // namespace mkpxerd::generator
