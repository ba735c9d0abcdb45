// SPDX-License-Identifier: MIT
// Breadth first, so that the reason for a module is the shortest chain.
#include "mkpxerd/generator/modules/module_closure.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/driver_home.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::string_view phy_drivers = "kernel/drivers/net/phy/";
constexpr const char* phylib = "libphy"; // drivers/net/phy/Makefile

// include/linux/phy.h, of_mdio.h, phylink.h: the driver of a card connects its PHY by one of these, or
// registers the bus on which the kernel finds it.
constexpr std::array phylib_symbols = std::to_array<std::string_view>(
    {"phy_connect", "phy_connect_direct", "phy_attach", "phy_attach_direct", "of_phy_connect",
     "of_phy_get_and_connect", "phylink_create", "__mdiobus_register", "__devm_mdiobus_register"});

bool uses_phylib(const std::vector<std::string>& imports) {
    return std::ranges::any_of(imports, [](const std::string& symbol) {
        return std::ranges::find(phylib_symbols, symbol) != phylib_symbols.end();
    });
}

} // namespace

void ModuleClosure::add(WantedModule module) {
    std::string name = module.name;
    if (modules_.try_emplace(name, std::move(module)).second) todo_.push_back(std::move(name));
}

void ModuleClosure::add_builtin(std::string name) {
    if (builtin_.insert(name).second) todo_.push_back(std::move(name));
}

void ModuleClosure::close() {
    while (!todo_.empty()) {
        const std::string name = std::move(todo_.front());
        todo_.pop_front();
        for (const std::string_view path : dependencies(name))
            add({.name = module_name_of(path),
                 .path = std::string(path),
                 .reason = {.kind = Reason::Kind::Depends, .from = name}});
        if (const auto soft = lists_.softdeps.find(name); soft != lists_.softdeps.end()) {
            add_all(soft->second.pre, Reason::Kind::SoftdepPre, name);
            add_all(soft->second.post, Reason::Kind::SoftdepPost, name);
        }
        if (const auto weak = lists_.weakdeps.find(name); weak != lists_.weakdeps.end())
            add_all(weak->second, Reason::Kind::Weakdep, name);
    }
}

void ModuleClosure::add_phy_drivers(const HardwareFilter& hardware, const ReadImports& imports) {
    const std::string user = phylib_user(imports);
    if (user.empty()) return;
    for (const std::string& path : lists_.modules) {
        const std::string name = module_name_of(path);
        const std::string_view home = lists_.home(path);
        // A PHY driver without aliases in another directory is recognised by the symbols that it imports.
        if (!is_phy_driver(lists_, name) && (home == path || !home.starts_with(phy_drivers))) continue;
        if (hardware.lists_phys() && !hardware.judge(name, home, false).wanted) continue;
        add({.name = name, .path = path, .reason = {.kind = Reason::Kind::PhyDriver, .from = user}});
    }
    close();
}

void ModuleClosure::add_all(const std::vector<std::string_view>& wanted, Reason::Kind kind,
                            const std::string& from) {
    for (const std::string_view each : wanted)
        for (const std::string_view name : lists_.lookup(each)) {
            const std::string_view path = lists_.by_name.find(name)->second.path;
            if (path.empty())
                add_builtin(std::string(name));
            else
                add({.name = std::string(name),
                     .path = std::string(path),
                     .reason = {.kind = kind, .from = from}});
        }
}

std::vector<std::string_view> ModuleClosure::dependencies(const std::string& name) const {
    std::vector<std::string_view> paths;
    if (const auto found = lists_.by_name.find(name); found != lists_.by_name.end())
        for (const std::string_view line : found->second.dependencies)
            for (const std::string_view path : split_words(line))
                paths.push_back(path);
    return paths;
}

std::string ModuleClosure::phylib_user(const ReadImports& imports) const {
    const auto listed = lists_.by_name.find(phylib);
    const bool is_builtin = listed != lists_.by_name.end() && listed->second.path.empty();
    for (const auto& [name, module] : modules_) {
        const std::string_view home = lists_.home(module.path);
        if (!is_network_driver(home) || is_phy_driver(lists_, name)) continue;
        if (home.starts_with(phy_drivers) || home.starts_with("kernel/drivers/net/mdio/")) continue;
        for (const std::string_view path : dependencies(name))
            if (module_name_of(path) == phylib) return name;
        if (is_builtin && uses_phylib(imports(module.path))) return name;
    }
    if (!is_builtin) return {};
    // Of a card's driver that is built in as well nothing tells whether it uses it.
    for (const std::string& path : lists_.builtin)
        if (path.starts_with("kernel/drivers/net/ethernet/") || path.starts_with("kernel/drivers/net/usb/"))
            if (std::string name = module_name_of(path); builtin_.contains(name)) return name;
    return {};
}

} // namespace mkpxerd::generator
