// SPDX-License-Identifier: MIT
// Wanted modules -> all that they need: dependencies, softdeps, weakdeps, PHY drivers. Built-in modules have
// needs as well.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "mkpxerd/generator/modules/hardware_filter.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"

namespace mkpxerd::generator {

// A module that the image must contain.
struct WantedModule {
    std::string name; // as lsmod shows it: '_' for '-'
    std::string path; // as in modules.dep
    Reason reason;
};

// The symbols that a module imports; empty if it cannot be read.
using ReadImports = std::function<std::vector<std::string>(const std::string& path)>;

class ModuleClosure {
  public:
    explicit ModuleClosure(const KernelLists& lists) : lists_(lists) {}

    // Only the first request for a module counts.
    void add(WantedModule module);
    // A built-in module has no file, but may need modules and firmware.
    void add_builtin(std::string name);
    void close();
    // A network driver finds its PHY by the id on the wire, which no dependency mentions: r8169 has no link
    // without realtek. So every driver that uses phylib adds the PHY drivers that the hardware lists do not
    // rule out. A phylib that is built in is no dependency: then the symbols tell who uses it.
    void add_phy_drivers(const HardwareFilter& hardware, const ReadImports& imports);

    const std::map<std::string, WantedModule>& wanted() const { return modules_; } // by name
    const std::set<std::string>& builtin() const { return builtin_; }

  private:
    void add_all(const std::vector<std::string_view>& wanted, Reason::Kind kind, const std::string& from);
    std::vector<std::string_view> dependencies(const std::string& name) const;
    std::string phylib_user(const ReadImports& imports) const;

    const KernelLists& lists_;
    std::map<std::string, WantedModule> modules_; // by name
    std::set<std::string> builtin_;               // names
    std::deque<std::string> todo_;                // names whose dependencies must still be followed
};

} // namespace mkpxerd::generator
