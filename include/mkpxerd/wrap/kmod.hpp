// SPDX-License-Identifier: MIT
// libkmod over the module directory of any kernel: which modules a name or an alias stands for.
// Nothing of the running kernel is looked at.
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
    // Does directory (lib/modules/VERSION) hold the binary indexes that libkmod reads, as depmod writes them?
    static bool is_indexed(const TreePath& directory);
    // Precondition: is_indexed(), which libkmod relies on. nullopt: libkmod refuses the directory anyway.
    static std::optional<ModuleLookup> open(const TreePath& directory);
    ModuleLookup(ModuleLookup&&) noexcept;
    ModuleLookup& operator=(ModuleLookup&&) noexcept;
    ~ModuleLookup();

    // Names, with '_', of all modules that a name or an alias stands for, built in or not; empty: unknown.
    std::vector<std::string> lookup(std::string_view name_or_alias) const;

  private:
    struct Context;
    explicit ModuleLookup(std::unique_ptr<Context> context);
    std::unique_ptr<Context> context_;
};

} // namespace mkpxerd::wrap
