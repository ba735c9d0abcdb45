// SPDX-License-Identifier: MIT
// ModuleSet with lists -> ModuleSet with depmod's binary indexes as well. kmod's modprobe reads only these;
// busybox and the init do not need them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// Keys -> values, in the format of libkmod/libkmod-index.h.
class KmodIndex {
  public:
    // Of several values of a key, the one with the lowest priority comes first. Leaves out keys that libkmod
    // does not look up: those that are not ASCII or longer than any path.
    void add(std::string key, std::string value, std::uint32_t priority);
    // Errors: more than 256 MiB; they name the file.
    Result<std::string> bytes(const std::string& name) const;

  private:
    struct Entry {
        std::string key;
        std::uint32_t priority;
        std::string value;
        auto operator<=>(const Entry&) const = default;
    };
    std::vector<Entry> entries_;
    friend class KmodIndexWriter;
};

// The form in which modprobe looks an alias up: '_' for '-', except in brackets.
std::string normalize_alias(std::string_view alias);

// directory: lib/modules/VERSION on this machine, for modules.symbols, which the image's lists do not have.
Result<ModuleSet> add_module_indexes(ModuleSet modules, const TreePath& directory);

} // namespace mkpxerd::generator
