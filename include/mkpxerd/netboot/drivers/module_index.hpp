// SPDX-License-Identifier: MIT
// The image's lists of kernel modules: the text files modules.dep, modules.alias, modules.softdep and
// modules.builtin in kmod's formats. The index is made of views into the mapped files.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/drivers/modprobe_config.hpp"

namespace mkpxerd::netboot {

// Alias patterns ("pci:v00008086d0000100Esv*..."), indexed by the text before their first wildcard: a
// modalias is compared only with patterns that share its start. Among 20,000 patterns, a match costs one hash
// lookup for each distinct length of that text.
class AliasIndex {
  public:
    // Pattern and module must outlive the index.
    void add(std::string_view pattern, std::string_view module);
    // Modules of all matching patterns, in the order of adding, each once.
    std::vector<std::string_view> match(std::string_view modalias) const;
    // Has the module a pattern of a bus ("pci:...")? Patterns of devtmpfs ("devname:...") are not.
    bool drives_devices(std::string_view module) const { return drivers_.contains(module); }

  private:
    static constexpr std::uint32_t none = UINT32_MAX;
    struct Alias {
        std::string_view pattern;
        std::string_view module;
        std::uint32_t next; // the next alias with the same start
    };
    std::vector<Alias> aliases_;
    std::unordered_map<std::string_view, std::uint32_t> by_start_;
    std::set<std::size_t> start_lengths_;
    std::deque<std::string> kept_; // normalised patterns
    std::unordered_set<std::string_view> drivers_;
};

class ModuleIndex {
  public:
    struct Module {
        std::string_view path;         // below the directory: "kernel/fs/nfs/nfs.ko"
        std::string_view dependencies; // paths between spaces, the last one needed first
    };

    // directory: /lib/modules/VERSION. A missing list is empty, but modules.dep must exist.
    static Result<ModuleIndex> load(const std::filesystem::path& directory);
    ModuleIndex() = default; // no modules

    const std::filesystem::path& directory() const { return directory_; }
    // nullptr: the image has no such module. Names are normalised: '_' for '-'.
    const Module* find(std::string_view name) const;
    bool is_built_in(std::string_view name) const { return built_in_.contains(name); }
    const Softdep* softdep(std::string_view name) const;
    // Names of modules for a device or another alias.
    std::vector<std::string_view> match(std::string_view modalias) const { return aliases().match(modalias); }
    bool drives_devices(std::string_view name) const { return aliases().drives_devices(name); }
    std::vector<std::string> names() const;
    std::size_t size() const { return modules_.size(); }

  private:
    void read_dependencies(std::string_view text);
    void read_built_in(std::string_view text);
    const AliasIndex& aliases() const;

    std::filesystem::path directory_;
    std::optional<MappedFile> dependency_file_; // modules_ has views into it
    std::optional<MappedFile> alias_file_;      // aliases_ has views into it
    std::map<std::string, Module, std::less<>> modules_;
    std::set<std::string, std::less<>> built_in_;
    std::map<std::string, Softdep, std::less<>> softdeps_;
    mutable std::optional<AliasIndex> aliases_; // made by the first use
};

} // namespace mkpxerd::netboot
