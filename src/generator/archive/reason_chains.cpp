// SPDX-License-Identifier: MIT
// Each reason names another entry or a line of a feature; following them gives the chain.
#include "mkpxerd/generator/archive/reason_chains.hpp"

#include <fmt/format.h>
#include <set>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/modules/compressed_firmware.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"

namespace mkpxerd::generator {
namespace {

bool is_module(std::string_view path) {
    return is_module_file(path);
}

// Modules are named by their file name, everything else by its path.
std::string shown(const std::string& path) {
    return is_module(path) ? std::filesystem::path(path).filename().string() : path;
}

// Is this firmware the wanted one, which a driver asks for without the suffix of a compression?
bool is_packed_firmware(std::string_view path, std::string_view wanted) {
    const std::string_view suffix = firmware_suffix(path);
    if (suffix.empty() || !path.starts_with("lib/firmware/")) return false;
    const std::filesystem::path plain(path.substr(0, path.size() - suffix.size()));
    return plain == clean_path(wanted) || plain.filename() == wanted;
}

} // namespace

ReasonChains::ReasonChains(const ImageTree& tree, std::string profile)
    : tree_(tree), profile_(std::move(profile)) {
    for (const ImageEntry& entry : tree.entries) {
        by_path_[entry.path] = &entry;
        if (is_module(entry.path)) by_module_[module_name_of(entry.path)] = &entry;
    }
}

const ImageEntry* ReasonChains::source(const Reason& reason) const {
    switch (reason.kind) {
    case Reason::Kind::Pattern:
    case Reason::Kind::BuiltIn:
        return nullptr;
    case Reason::Kind::LinkTarget:
    case Reason::Kind::Interpreter:
    case Reason::Kind::Library:
    case Reason::Kind::Dlopen: {
        const auto found = by_path_.find(reason.from);
        return found == by_path_.end() ? nullptr : found->second;
    }
    default: {
        const auto found = by_module_.find(reason.from);
        return found == by_module_.end() ? nullptr : found->second;
    }
    }
}

std::string ReasonChains::chain(const ImageEntry& entry) const {
    std::string text = shown(entry.path);
    std::set<const ImageEntry*> seen;
    const ImageEntry* at = &entry;
    while (at != nullptr && seen.insert(at).second) {
        const Reason& reason = at->reason;
        if (reason.kind == Reason::Kind::BuiltIn) return text + " <- every image";
        if (reason.kind == Reason::Kind::Pattern) return text + line_of(reason);
        const ImageEntry* from = source(reason);
        text += fmt::format(" <- {} ({})", from != nullptr ? shown(from->path) : reason.from,
                            kind_name(reason.kind));
        at = from;
    }
    return text;
}

// The end of a chain: the line of a list.
std::string ReasonChains::line_of(const Reason& reason) const {
    const std::filesystem::path file = reason.origin.file;
    std::string text = " <- " + Origin{.file = file.filename().string(), .line = reason.origin.line}.text();
    if (!reason.feature.empty()) text += " <- feature " + reason.feature;
    if (!profile_.empty()) text += " <- profile " + profile_;
    if (!reason.machine.empty()) text += " <- machine " + reason.machine;
    return text;
}

std::string ReasonChains::chain(const LeftOut& driver) const {
    return fmt::format("{} is left out by --hardware: no listed machine has a device for it{}", driver.module,
                       line_of(driver.reason));
}

std::vector<const ImageEntry*> ReasonChains::find(std::string_view wanted) const {
    if (const auto found = by_path_.find(clean_path(wanted)); found != by_path_.end()) return {found->second};
    if (const auto found = by_module_.find(module_name_of(wanted)); found != by_module_.end())
        return {found->second};
    std::vector<const ImageEntry*> named;
    for (const ImageEntry& entry : tree_.entries)
        if (std::filesystem::path(entry.path).filename() == wanted) named.push_back(&entry);
    if (!named.empty()) return named;
    for (const ImageEntry& entry : tree_.entries)
        if (is_packed_firmware(entry.path, wanted)) named.push_back(&entry);
    return named;
}

} // namespace mkpxerd::generator
