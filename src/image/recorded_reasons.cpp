// SPDX-License-Identifier: MIT
// The reasons describe the archive that they are in: what other parts bring has none.
#include "mkpxerd/image/recorded_reasons.hpp"

#include <fmt/format.h>
#include <set>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/image/compressed_files.hpp"
#include "mkpxerd/image/module_path.hpp"

namespace mkpxerd::image {
namespace {

constexpr std::size_t max_bytes_of_a_list = std::size_t{16} << 20;

std::string_view file_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

// Modules are named by their file name, everything else by its path.
std::string shown(const std::string& path) {
    return is_module_file(path) ? std::string(file_name(path)) : path;
}

// Empty: the image has none, or it is too large.
Result<std::string> read_list(const Image& image, const EffectiveView& view, const std::string& path) {
    std::string text;
    const auto* list = view.find(path);
    if (list == nullptr || list->content == EffectiveView::none ||
        image.entries()[list->content].size > max_bytes_of_a_list)
        return text;
    MKPXERD_TRY(image.read_contents({list->content}, [&](std::size_t, std::span<const std::byte> piece) {
        text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return Result<void>();
    }));
    return text;
}

} // namespace

Result<RecordedReasons> RecordedReasons::read(const std::filesystem::path& file) {
    const std::string reasons_path(provenance_path);
    const std::string config_path(boot_config_path);
    const std::string drivers_path(absent_drivers_path);
    MKPXERD_TRY_ASSIGN(const Image image, Image::open(file, {reasons_path, config_path, drivers_path}));
    const EffectiveView view(image.entries());
    const auto record = view.nodes().find(reasons_path);
    const std::string* text = image.kept(reasons_path);
    if (text == nullptr || record == view.nodes().end())
        return fail(image.summary().name, "does not say why its entries are there",
                    fmt::format("only images of mkpxerd do, in /{}", provenance_path));
    RecordedReasons reasons;
    MKPXERD_TRY_ASSIGN(const auto lines, parse_provenance(*text));
    for (const Provenance& line : lines)
        reasons.reasons_.try_emplace(line.path, line);
    if (const std::string* config = image.kept(config_path))
        if (const auto parsed = parse_boot_config(*config)) {
            reasons.kernel_version_ = parsed->kernel_version;
            reasons.features_ = parsed->features;
        }
    if (const std::string* drivers = image.kept(drivers_path))
        reasons.absent_drivers_ = parse_absent_drivers(*drivers);
    MKPXERD_TRY_ASSIGN(const auto plain_sizes, image::plain_sizes(image));
    const std::size_t own = image.entries()[record->second.entry].archive;
    for (const auto& [path, node] : view.nodes()) {
        if (node.entry == EffectiveView::none) continue;
        const Entry& entry = image.entries()[node.entry];
        const auto plain = plain_sizes.find(node.content);
        reasons.items_[path] = {
            .bytes = node.content == EffectiveView::none ? 0 : image.entries()[node.content].size,
            .plain = plain == plain_sizes.end() ? std::nullopt : std::optional(plain->second),
            .part = entry.part,
            .is_recorded = entry.archive == own && reasons.reasons_.contains(path)};
        if (node.is_link)
            if (auto real = view.resolve(path)) reasons.links_[path] = std::move(*real);
        if (is_module_file(path)) reasons.modules_[module_name(path)] = path;
    }
    const std::string lists = fmt::format("lib/modules/{}/", reasons.kernel_version_);
    MKPXERD_TRY_ASSIGN(reasons.builtin_, read_list(image, view, lists + "modules.builtin"));
    MKPXERD_TRY_ASSIGN(reasons.aliases_, read_list(image, view, lists + "modules.alias"));
    return reasons;
}

std::vector<RecordedReasons::Answer> RecordedReasons::find(std::string_view wanted) const {
    std::vector<std::string> paths;
    if (const std::string path = clean_path(wanted); items_.contains(path))
        paths = {path};
    else if (const auto module = modules_.find(module_name_of(wanted)); module != modules_.end())
        paths = {module->second};
    else
        for (const auto& [item, facts] : items_)
            if (file_name(item) == wanted) paths.push_back(item);
    if (const std::string path = real_path(clean_path(wanted)); paths.empty() && items_.contains(path))
        paths = {path};
    if (paths.empty())
        for (const auto& [item, facts] : items_) {
            const std::string_view plain = plain_path(item); // of compressed firmware
            if (plain == clean_path(wanted) || file_name(plain) == wanted) paths.push_back(item);
        }
    if (paths.empty()) paths = modules_of_alias(wanted);
    std::vector<Answer> answers;
    for (const std::string& path : paths)
        answers.push_back({.path = path,
                           .bytes = items_.at(path).bytes,
                           .plain = items_.at(path).plain,
                           .why = chain(path)});
    return answers;
}

// Lines "alias PATTERN MODULE".
std::vector<std::string> RecordedReasons::modules_of_alias(std::string_view wanted) const {
    const std::string name = normal_module_name(wanted);
    std::set<std::string> paths;
    for (const std::string_view line : split_lines(aliases_)) {
        const auto words = split_words(line);
        if (words.size() != 3 || words[0] != "alias" || !alias_matches(words[1], name)) continue;
        if (const auto module = modules_.find(module_name_of(words[2])); module != modules_.end())
            paths.insert(module->second);
    }
    return {paths.begin(), paths.end()};
}

// Where links lead is real, so only the rest of the path can have another one.
std::string RecordedReasons::real_path(std::string path) const {
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
        if (const auto link = links_.find(path.substr(0, slash)); link != links_.end()) {
            path = link->second + path.substr(slash);
            slash = link->second.size();
        }
    return path;
}

// A hostile image could contain a loop.
std::string RecordedReasons::chain(const std::string& path) const {
    std::string text = shown(path);
    if (const Item& item = items_.at(path); !item.is_recorded)
        return text + fmt::format(" <- part {} of the image, which records no reasons", item.part + 1);
    std::set<const Provenance*> seen;
    auto at = reasons_.find(path);
    while (at != reasons_.end() && seen.insert(&at->second).second) {
        const Provenance& reason = at->second;
        if (!reason.from.empty()) {
            const auto module = modules_.find(reason.from);
            at = reasons_.find(module != modules_.end() ? module->second : reason.from);
            text += fmt::format(" <- {} ({})", at != reasons_.end() ? shown(at->first) : reason.from,
                                reason.kind);
            continue;
        }
        if (reason.origin_file.empty()) return text + " <- every image";
        text += " <- " + std::string(file_name(reason.origin_file));
        if (reason.origin_line != 0) text += fmt::format(":{}", reason.origin_line);
        if (!reason.feature.empty()) text += " <- feature " + reason.feature;
        break;
    }
    return text;
}

std::string RecordedReasons::builtin(std::string_view module) const {
    const std::string name = module_name_of(module);
    for (const std::string_view line : split_lines(builtin_))
        if (module_name_of(line) == name) return std::string(line);
    return {};
}

std::string RecordedReasons::absent_driver(std::string_view module) const {
    const std::string name = module_name_of(module);
    for (const AbsentDriver& driver : absent_drivers_)
        if (driver.module == name) return driver.feature;
    return {};
}

std::vector<std::string> RecordedReasons::names() const {
    std::vector<std::string> names;
    for (const auto& [path, item] : items_)
        names.emplace_back(file_name(path));
    return names;
}

} // namespace mkpxerd::image
