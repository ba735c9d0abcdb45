// SPDX-License-Identifier: MIT
// Reads kmod's text files. Formats: modules.dep(5), and the comments at the start of each file.
#include "mkpxerd/netboot/drivers/module_index.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/module_alias.hpp"

namespace mkpxerd::netboot {
namespace {

std::string_view text_of(const MappedFile& file) {
    const auto bytes = file.bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Calls line() for each line except comments. A vector of 20,000 lines would cost memory for nothing.
template <class F>
void for_each_line(std::string_view text, F line) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view one = text.substr(0, end);
        if (!one.empty() && one.front() != '#') line(one);
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

} // namespace

void AliasIndex::add(std::string_view pattern, std::string_view module) {
    if (pattern.find('-') != std::string_view::npos)
        pattern = kept_.emplace_back(normal_module_name(pattern));
    const std::string_view start = pattern.substr(0, pattern.find_first_of("*?[\\"));
    const auto index = static_cast<std::uint32_t>(aliases_.size());
    const auto [first, is_new] = by_start_.try_emplace(start, index);
    aliases_.push_back({pattern, module, is_new ? none : std::exchange(first->second, index)});
    start_lengths_.insert(start.size());
    const bool is_device = pattern.find(':') != std::string_view::npos && !pattern.starts_with("devname:");
    if (is_device) drivers_.insert(module);
}

std::vector<std::string_view> AliasIndex::match(std::string_view modalias) const {
    const std::string wanted = normal_module_name(modalias);
    std::vector<std::uint32_t> found;
    for (const std::size_t length : start_lengths_) {
        if (length > wanted.size()) break;
        const auto first = by_start_.find(std::string_view(wanted).substr(0, length));
        if (first == by_start_.end()) continue;
        for (std::uint32_t i = first->second; i != none; i = aliases_[i].next)
            if (glob_match(aliases_[i].pattern, wanted)) found.push_back(i);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string_view> modules;
    for (const std::uint32_t i : found)
        if (std::find(modules.begin(), modules.end(), aliases_[i].module) == modules.end())
            modules.push_back(aliases_[i].module);
    return modules;
}

Result<ModuleIndex> ModuleIndex::load(const std::filesystem::path& directory) {
    ModuleIndex index;
    index.directory_ = directory;
    MKPXERD_TRY_ASSIGN(index.dependency_file_, MappedFile::open(directory / "modules.dep"));
    index.read_dependencies(text_of(*index.dependency_file_));
    if (const auto built_in = MappedFile::open(directory / "modules.builtin"))
        index.read_built_in(text_of(*built_in));
    if (const auto softdeps = MappedFile::open(directory / "modules.softdep"))
        for_each_line(text_of(*softdeps), [&](std::string_view line) {
            if (line.starts_with("softdep ")) parse_softdep(line.substr(8), index.softdeps_);
        });
    // modules.builtin.modinfo has the aliases of built-in modules, which need no loading.
    if (auto aliases = MappedFile::open(directory / "modules.alias")) index.alias_file_ = std::move(*aliases);
    return index;
}

void ModuleIndex::read_dependencies(std::string_view text) {
    for_each_line(text, [&](std::string_view line) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return;
        const std::string_view path = line.substr(0, colon);
        modules_.try_emplace(module_name_of(path), Module{path, trim(line.substr(colon + 1))});
    });
}

void ModuleIndex::read_built_in(std::string_view text) {
    for_each_line(text, [&](std::string_view line) { built_in_.insert(module_name_of(line)); });
}

const ModuleIndex::Module* ModuleIndex::find(std::string_view name) const {
    const auto found = modules_.find(name);
    return found == modules_.end() ? nullptr : &found->second;
}

const Softdep* ModuleIndex::softdep(std::string_view name) const {
    const auto found = softdeps_.find(name);
    return found == softdeps_.end() ? nullptr : &found->second;
}

const AliasIndex& ModuleIndex::aliases() const {
    if (!aliases_) {
        aliases_.emplace();
        if (alias_file_)
            for_each_line(text_of(*alias_file_), [&](std::string_view line) {
                // "alias PATTERN MODULE"; a pattern contains no spaces.
                if (!line.starts_with("alias ")) return;
                line.remove_prefix(6);
                const auto space = line.rfind(' ');
                if (space != std::string_view::npos)
                    aliases_->add(line.substr(0, space), line.substr(space + 1));
            });
    }
    return *aliases_;
}

std::vector<std::string> ModuleIndex::names() const {
    std::vector<std::string> names;
    for (const auto& [name, module] : modules_)
        names.push_back(name);
    return names;
}

} // namespace mkpxerd::netboot
