// SPDX-License-Identifier: MIT
// Modules that are asked for -> all that they need: dependencies, softdeps, weakdeps, PHY drivers. Built-in
// ones ask as well.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "mkpxerd/generator/modules/hardware_filter.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"

namespace mkpxerd::generator {

// A module that somebody asks for.
struct WantedModule {
    std::string name; // as lsmod shows it: '_' for '-'
    std::string path; // as modules.dep has it
    Reason reason;
};

class ModuleClosure {
  public:
    explicit ModuleClosure(const KernelLists& lists) : lists_(lists) {}

    // The first wish for a module is the one that counts.
    void add(WantedModule module);
    // It has no file, but may ask for modules and firmware.
    void add_builtin(std::string name);
    void close();
    // A network driver finds its PHY by the id on the wire, which no dependency mentions: r8169 without
    // realtek has no link. So every driver that uses phylib adds the PHY drivers that the hardware lists do
    // not rule out.
    void add_phy_drivers(const HardwareFilter& hardware);

    const std::map<std::string, WantedModule>& wanted() const { return modules_; } // by name
    const std::set<std::string>& builtin() const { return builtin_; }

  private:
    void add_all(const std::vector<std::string_view>& wanted, Reason::Kind kind, const std::string& from);
    std::vector<std::string_view> dependencies(const std::string& name) const;
    std::string phylib_user() const;

    const KernelLists& lists_;
    std::map<std::string, WantedModule> modules_; // by name
    std::set<std::string> builtin_;               // names
    std::deque<std::string> todo_;                // names whose dependencies are still to be followed
};

} // namespace mkpxerd::generator
