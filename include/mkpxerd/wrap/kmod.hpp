// SPDX-License-Identifier: MIT
// libkmod for the module directory of any kernel: the modules for a name or an alias. Ignores the running
// kernel.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd::wrap {

class ModuleLookup {
  public:
    // Does directory (lib/modules/VERSION) contain intact binary indexes, as libkmod requires them?
    static bool is_indexed(const TreePath& directory);
    // Precondition: is_indexed(), which libkmod relies on. nullopt: libkmod refuses the directory anyway.
    static std::optional<ModuleLookup> open(const TreePath& directory);
    ModuleLookup(ModuleLookup&&) noexcept;
    ModuleLookup& operator=(ModuleLookup&&) noexcept;
    ~ModuleLookup();

    // Names, with '_', of all modules for a name or an alias, built in or not; empty: unknown.
    std::vector<std::string> lookup(std::string_view name_or_alias) const;

  private:
    struct Context;
    explicit ModuleLookup(std::unique_ptr<Context> context);
    std::unique_ptr<Context> context_;
};

} // namespace mkpxerd::wrap
