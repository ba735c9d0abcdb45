// SPDX-License-Identifier: MIT
// The same content as in the indexes of kmod's tools/depmod.c, made from the lists in the image, so that both
// agree. A header (magic, version, position of the root), then nodes of a radix tree; numbers are big-endian.
//   node  text of the prefix; first and last letter of the children and their positions; number of values,
//         each a priority and a text. The upper bits of the node's position say which of the three exist.
#include "mkpxerd/generator/modules/module_indexes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/wrap/kmod_index.hpp"

namespace mkpxerd::generator {
namespace {

using namespace wrap::kmod_index;

constexpr std::uint32_t index_version = 0x00020001;
constexpr std::size_t longest_key = 4095; // libkmod recurses letter by letter

void put(std::string& bytes, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift);
}

// "e1000e" -> its position in modules.dep, which is depmod's order of preference.
using Priorities = std::map<std::string, std::uint32_t, std::less<>>;

Priorities priorities_of(std::string_view dependencies) {
    Priorities priorities;
    for (const auto line : split_lines(dependencies))
        priorities.emplace(module_name_of(line.substr(0, line.find(':'))), priorities.size());
    return priorities;
}
std::uint32_t priority_of(const Priorities& priorities, std::string_view module) {
    const auto found = priorities.find(module);
    return found == priorities.end() ? 0 : found->second;
}

KmodIndex index_dependencies(std::string_view text, const Priorities& priorities) {
    KmodIndex index;
    for (const auto line : split_lines(text)) {
        const std::string module = module_name_of(line.substr(0, line.find(':')));
        if (!module.empty()) index.add(module, std::string(line), priority_of(priorities, module));
    }
    return index;
}

// Lines "alias PATTERN MODULE", of modules.alias and modules.symbols.
KmodIndex index_aliases(std::string_view text, const Priorities& priorities) {
    KmodIndex index;
    for (const auto line : split_lines(text)) {
        constexpr std::string_view keyword = "alias ";
        const auto last = line.rfind(' ');
        if (!line.starts_with(keyword) || last <= keyword.size()) continue;
        const auto module = line.substr(last + 1);
        if (priorities.contains(module))
            index.add(normalize_alias(line.substr(keyword.size(), last - keyword.size())),
                      std::string(module), priority_of(priorities, module));
    }
    return index;
}

KmodIndex index_builtin(std::string_view text) {
    KmodIndex index;
    for (const auto line : split_lines(text))
        if (!line.empty()) index.add(module_name_of(line), "", 0);
    return index;
}

// Texts "MODULE.alias=PATTERN" among others, each ended by a zero byte.
KmodIndex index_builtin_aliases(std::string_view text) {
    KmodIndex index;
    for (const auto line : split(text, '\0')) {
        constexpr std::string_view key = ".alias=";
        const auto dot = line.find('.');
        if (dot != std::string_view::npos && line.substr(dot).starts_with(key))
            index.add(normalize_alias(line.substr(dot + key.size())), module_name_of(line.substr(0, dot)), 0);
    }
    return index;
}

} // namespace

// Children are written before their parent, which has their positions.
class KmodIndexWriter {
  public:
    std::string write(const std::vector<KmodIndex::Entry>& entries) {
        put(bytes_, magic);
        put(bytes_, index_version);
        put(bytes_, 0);
        const std::uint32_t root =
            entries.empty() ? static_cast<std::uint32_t>(bytes_.size()) : node(entries, 0);
        std::string place;
        put(place, root);
        bytes_.replace(8, place.size(), place);
        return std::move(bytes_);
    }

  private:
    using Entries = std::span<const KmodIndex::Entry>;

    // entries: sorted, with the same first `depth` letters. Returns the position of the node, with flags.
    std::uint32_t node(Entries entries, std::size_t depth) {
        const std::string_view first = std::string_view(entries.front().key).substr(depth);
        const std::string_view last = std::string_view(entries.back().key).substr(depth);
        const auto same = static_cast<std::size_t>(std::ranges::mismatch(first, last).in1 - first.begin());
        const std::size_t end = depth + same;
        const auto below =
            std::ranges::find_if(entries, [&](const auto& entry) { return entry.key.size() > end; });
        const Entries values(entries.begin(), below);
        std::map<unsigned char, std::uint32_t> children;
        for (auto group = below; group != entries.end();) {
            const char letter = group->key[end];
            const auto next = std::find_if(group, entries.end(),
                                           [&](const auto& entry) { return entry.key[end] != letter; });
            children[static_cast<unsigned char>(letter)] = node(Entries(group, next), end + 1);
            group = next;
        }
        return put_node(first.substr(0, same), children, values);
    }

    std::uint32_t put_node(std::string_view prefix, const std::map<unsigned char, std::uint32_t>& children,
                           Entries values) {
        auto place = static_cast<std::uint32_t>(bytes_.size());
        if (!prefix.empty()) {
            place |= has_prefix;
            bytes_.append(prefix);
            bytes_ += '\0';
        }
        if (!children.empty()) {
            place |= has_children;
            const unsigned first = children.begin()->first;
            const unsigned last = children.rbegin()->first;
            bytes_ += static_cast<char>(first);
            bytes_ += static_cast<char>(last);
            for (unsigned letter = first; letter <= last; ++letter) {
                const auto child = children.find(static_cast<unsigned char>(letter));
                put(bytes_, child == children.end() ? 0 : child->second);
            }
        }
        if (!values.empty()) {
            place |= has_values;
            put(bytes_, static_cast<std::uint32_t>(values.size()));
            for (const KmodIndex::Entry& value : values) {
                put(bytes_, value.priority);
                bytes_ += value.value;
                bytes_ += '\0';
            }
        }
        return place;
    }

    std::string bytes_;
};

void KmodIndex::add(std::string key, std::string value, std::uint32_t priority) {
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 128 && c != '\0'; };
    if (key.empty() || key.size() > longest_key || !std::ranges::all_of(key, is_ascii)) return;
    entries_.push_back({std::move(key), priority, std::move(value)});
}

Result<std::string> KmodIndex::bytes(const std::string& name) const {
    std::vector<Entry> entries = entries_;
    std::ranges::sort(entries);
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    std::string bytes = KmodIndexWriter().write(entries);
    if (bytes.size() > place_bits) return fail(name, "would exceed the size limit of an index");
    return bytes;
}

std::string normalize_alias(std::string_view alias) {
    std::string normal(alias);
    bool in_brackets = false;
    for (char& c : normal) {
        if (c == '[' || c == ']') in_brackets = c == '[';
        if (c == '-' && !in_brackets) c = '_';
    }
    return normal;
}

Result<ModuleSet> add_module_indexes(ModuleSet modules, const TreePath& directory) {
    std::map<std::string, std::string_view> lists;
    for (const auto& [name, text] : modules.lists)
        lists[name] = text;
    const TreePath symbols_path = directory / "modules.symbols";
    std::string symbols;
    MKPXERD_TRY_ASSIGN(const bool there,
                       is_there(symbols_path)); // nobody but the kernel's symbol_request() asks
    if (there) {
        MKPXERD_TRY_ASSIGN(symbols, read_regular(symbols_path));
    }
    const Priorities priorities = priorities_of(lists["modules.dep"]);
    std::vector<std::pair<std::string, std::string>> indexes;
    const auto add = [&](const std::string& name, const KmodIndex& index) -> Result<void> {
        MKPXERD_TRY_ASSIGN(std::string bytes, index.bytes((directory / name).string()));
        indexes.emplace_back(name, std::move(bytes));
        return {};
    };
    MKPXERD_TRY(add("modules.dep.bin", index_dependencies(lists["modules.dep"], priorities)));
    MKPXERD_TRY(add("modules.alias.bin", index_aliases(lists["modules.alias"], priorities)));
    MKPXERD_TRY(add("modules.symbols.bin", index_aliases(symbols, priorities)));
    MKPXERD_TRY(add("modules.builtin.bin", index_builtin(lists["modules.builtin"])));
    MKPXERD_TRY(add("modules.builtin.alias.bin", index_builtin_aliases(lists["modules.builtin.modinfo"])));
    modules.lists.insert(modules.lists.end(), std::make_move_iterator(indexes.begin()),
                         std::make_move_iterator(indexes.end()));
    return modules;
}

} // namespace mkpxerd::generator
