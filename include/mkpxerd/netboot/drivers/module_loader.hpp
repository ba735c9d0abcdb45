// SPDX-License-Identifier: MIT
// Loads kernel modules from the image, by name or by alias, each after its dependencies.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/netboot/drivers/module_index.hpp"
#include "mkpxerd/netboot/drivers/module_load.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

class ModuleLoader {
  public:
    // directory: /lib/modules/VERSION as the kernel sees it; a test may read the index from elsewhere.
    ModuleLoader(System& system, Log& log, ModuleIndex index, ModprobeConfig config, std::string directory);

    // Loads by name or alias. Succeeds for a module that is already loaded or built in. Errors (MPX-MOD-01
    // not in the image, MPX-MOD-02 refused by the kernel) name the module.
    Result<void> load(std::string_view name, std::string_view parameters = {});
    // Loads all modules for a device's modalias, if there are any. Warns once about each that fails.
    void load_alias(std::string_view modalias);

    // Lets the next request try failed modules again.
    void forget_failures();

    // Does the image have the module, or is it loaded or built in?
    bool knows(std::string_view name) const;
    const std::vector<std::string>& loaded() const { return loaded_; } // in order
    const std::vector<ModuleLoad>& loads() const { return loads_; }    // in the order of queueing
    const ModuleIndex& index() const { return index_; }

  private:
    enum class State { Loading, Loaded, Failed };
    Result<void> load_one(const std::string& name, std::string_view parameters);
    Result<void> insert(const std::string& name, const ModuleIndex::Module& module,
                        std::string_view parameters);
    void load_soft(const std::vector<std::string>& names);
    bool is_present(const std::string& name) const;
    std::vector<std::string> resolve_alias(std::string_view alias) const;
    Problem not_found(std::string_view name) const;

    System& system_;
    Log& log_;
    ModuleIndex index_;
    ModprobeConfig config_;
    std::string directory_;
    std::map<std::string, State, std::less<>> states_;
    std::set<std::string, std::less<>> seen_aliases_;
    std::vector<std::string> loaded_;
    std::vector<ModuleLoad> loads_;
};

} // namespace mkpxerd::netboot
