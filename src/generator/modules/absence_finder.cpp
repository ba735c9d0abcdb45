// SPDX-License-Identifier: MIT
// In the order of certainty: the kernel's own lists, then files by their paths.
#include "mkpxerd/generator/modules/absence_finder.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/features/feature_resolver.hpp"
#include "mkpxerd/generator/modules/firmware_finder.hpp"
#include "mkpxerd/generator/modules/kernel_finder.hpp"
#include "mkpxerd/generator/modules/module_homes.hpp"
#include "mkpxerd/generator/modules/module_names.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t max_features_named = 3;
constexpr std::array<const char*, 6> program_directories = {"usr/bin/", "usr/sbin/",      "bin/",
                                                            "sbin/",    "usr/local/bin/", "usr/local/sbin/"};
constexpr std::string_view firmware_directory = "lib/firmware/";

std::string list_hint(std::string_view path, std::string_view kind) {
    return fmt::format(
        "no feature has it: put the line {} into a list, /etc/mkinitfs/features.d/NAME.{}, and "
        "add -F +NAME",
        path, kind);
}

// Firmware is named below lib/firmware, and may be compressed.
std::string firmware_name(std::string_view wanted) {
    std::string name = clean_path(wanted);
    if (name.starts_with("usr/")) name.erase(0, 4);
    if (name.starts_with(firmware_directory)) name.erase(0, firmware_directory.size());
    for (const std::string_view suffix : {".xz", ".zst"})
        if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
    return name;
}

bool names_firmware(std::string_view path, std::string_view name) {
    path = path.substr(std::min(path.size(), firmware_directory.size()));
    for (const std::string_view suffix : {"", ".xz", ".zst"})
        if (path == std::string(name) + std::string(suffix)) return true;
    return false;
}

// In the image, firmware is below lib, whatever lib is.
std::string find_firmware_file(const Sysroot& tree, const std::string& version, const std::string& name) {
    FirmwareFinder finder(tree, version);
    if (finder.add(name, "")) {
        const auto found = finder.take();
        const auto file = std::find_if(found.begin(), found.end(),
                                       [&](const Firmware& each) { return names_firmware(each.path, name); });
        return file == found.end() ? found.front().path : file->path;
    }
    if (name.find('/') != std::string::npos || has_glob(name)) return {};
    for (const std::string_view depth : {"*/", "*/*/", "*/*/*/"})
        for (const std::string_view suffix : {"", ".xz", ".zst"})
            for (std::string path :
                 tree.glob(fmt::format("{}{}{}{}", firmware_directory, depth, name, suffix)))
                return path;
    return {};
}

} // namespace

AbsenceFinder::AbsenceFinder(const BuildRequest& request, const ImageTree& image)
    : basedir_(request.basedir), is_for_hardware_(!request.hardware.empty()) {
    for (const FeatureName& feature : request.features)
        selected_.insert(feature.name);
    const FeatureResolver resolver(request.feature_dirs);
    module_patterns_ = resolver.known_modules({});
    file_patterns_ = resolver.known_files();
    for (const ImageEntry& entry : image.entries)
        if (is_module_file(entry.path)) present_.push_back(module_name_of(entry.path));
}

Result<AbsenceFinder> AbsenceFinder::make(const BuildRequest& request, const ImageTree& image,
                                          const std::string& kernel_version) {
    AbsenceFinder finder(request, image);
    if (kernel_version.empty()) return finder;
    const Sysroot tree(request.kernel_root);
    MKPXERD_TRY_ASSIGN(const Kernel kernel, KernelFinder(tree, "").find(kernel_version));
    MKPXERD_TRY_ASSIGN(KernelLists lists, read_kernel_lists(tree.file(kernel.directory)));
    find_homes(lists, tree, kernel.directory);
    finder.kernel_ =
        std::make_unique<KernelTree>(KernelTree{.tree = tree,
                                                .version = kernel.version,
                                                .directory = kernel.directory,
                                                .lists = std::move(lists),
                                                .undeclared_firmware = request.undeclared_firmware});
    return finder;
}

Result<std::optional<Problem>> AbsenceFinder::find(const std::string& wanted) const {
    if (kernel_ == nullptr) return find_file(wanted);
    if (auto module = find_module(wanted)) return module;
    MKPXERD_TRY_ASSIGN(auto firmware, find_firmware(wanted));
    return firmware ? std::move(firmware) : find_file(wanted);
}

std::string AbsenceFinder::find_hint(const std::string& wanted) const {
    for (const std::string& name : names(is_module_file(wanted) ? module_name_of(wanted) : wanted))
        if (const auto listed = kernel_->lists.by_name.find(name);
            listed != kernel_->lists.by_name.end() && !listed->second.path.empty())
            return module_hint(listed->second.path);
    return {};
}

std::vector<std::string> AbsenceFinder::names(const std::string& wanted) const {
    if (kernel_ == nullptr) return {};
    const auto names = kernel_->lists.lookup(wanted);
    return {names.begin(), names.end()};
}

std::string AbsenceFinder::find_present(const std::string& wanted) const {
    const auto all = names(wanted);
    const auto present = std::find_if(all.begin(), all.end(), [&](const std::string& name) {
        return std::find(present_.begin(), present_.end(), name) != present_.end();
    });
    return present == all.end() ? std::string() : *present;
}

std::vector<std::string> AbsenceFinder::modules(bool as_files) const {
    std::vector<std::string> names;
    if (kernel_ == nullptr) return names;
    for (const auto& [name, listed] : kernel_->lists.by_name)
        names.push_back(as_files ? name + ".ko" : name);
    return names;
}

// "-F +a or -F +b brings it"; empty: no feature has it. A feature that the image has cannot bring it.
std::string AbsenceFinder::features_hint(const std::vector<Pattern>& known,
                                         const std::vector<std::string_view>& paths,
                                         std::string_view because) const {
    std::vector<std::string> named;
    std::string selected;
    for (const Pattern& pattern : known) {
        const bool matches = std::any_of(paths.begin(), paths.end(), [&](std::string_view path) {
            return module_pattern_matches(pattern.glob, path);
        });
        if (!matches || std::find(named.begin(), named.end(), pattern.feature) != named.end()) continue;
        if (selected_.contains(pattern.feature)) {
            selected = pattern.feature;
            continue;
        }
        named.push_back(pattern.feature);
        if (named.size() == max_features_named) break;
    }
    if (!named.empty()) return fmt::format("-F +{} brings it{}", fmt::join(named, " or -F +"), because);
    if (selected.empty()) return {};
    return fmt::format("feature {} of this image names it{}{}", selected, because,
                       is_for_hardware_ ? "; --hardware leaves out what no listed machine needs"
                                        : "; build the image again");
}

std::string AbsenceFinder::module_hint(std::string_view path) const {
    const KernelLists& lists = kernel_->lists;
    std::string hint = features_hint(module_patterns_, {path, lists.home(path)});
    if (!hint.empty()) return hint;
    const std::string name = module_name_of(path);
    std::vector<std::string_view> dependents;
    for (const auto& [other, listed] : lists.by_name)
        for (const std::string_view piece : listed.dependencies)
            for (const std::string_view dependency : split_words(piece))
                if (module_name_of(dependency) == name)
                    dependents.insert(dependents.end(), {listed.path, lists.home(listed.path)});
    hint = features_hint(module_patterns_, dependents, ": its modules need it");
    return hint.empty() ? list_hint(path, "modules") : hint;
}

std::optional<Problem> AbsenceFinder::find_module(const std::string& wanted) const {
    const KernelLists& lists = kernel_->lists;
    const std::string spelled = module_name_of(wanted);
    const auto names = lists.lookup(is_module_file(wanted) ? spelled : wanted);
    if (names.empty()) return std::nullopt;
    const std::string name(names.front());
    const std::string means = spelled == name ? "" : fmt::format("means {}, which ", name);
    const std::string_view path = lists.by_name.find(name)->second.path;
    if (!path.empty())
        return Problem{.object = wanted,
                       .text =
                           fmt::format("{}is in the kernel's tree ({}), but not in this image", means,
                                       path.starts_with('/') ? std::string(path)
                                                             : kernel_->directory + '/' + std::string(path)),
                       .hint = module_hint(path)};
    const auto builtin = std::find_if(lists.builtin.begin(), lists.builtin.end(),
                                      [&](const std::string& each) { return module_name_of(each) == name; });
    return Problem{
        .object = wanted,
        .text = fmt::format("{}is built into kernel {}{}", means, kernel_->version,
                            builtin == lists.builtin.end() ? std::string() : fmt::format(" ({})", *builtin)),
        .hint = "it works without a module"};
}

// Takes seconds for a whole kernel, so only for names of firmware.
Result<ReadModules> AbsenceFinder::read_all_modules() const {
    MKPXERD_TRY_ASSIGN(auto undeclared, read_undeclared_firmware(kernel_->undeclared_firmware));
    return ModuleResolver(kernel_->tree, kernel_->version, kernel_->directory, kernel_->lists,
                          {.lenient = true, .undeclared_firmware = std::move(undeclared)})
        .resolve({{.glob = "*", .optional = true}});
}

Result<std::optional<Problem>> AbsenceFinder::find_firmware(const std::string& wanted) const {
    const std::string name = firmware_name(wanted);
    const bool is_path = name.find('/') != std::string::npos || name.size() != clean_path(wanted).size();
    if (name.empty() || is_module_file(name) || (!is_path && name.find('.') == std::string::npos))
        return std::optional<Problem>();
    const std::string path = find_firmware_file(kernel_->tree, kernel_->version, name);
    if (path.empty() && basedir_.resolve(clean_path(wanted))) return std::optional<Problem>(); // another file
    MKPXERD_TRY_ASSIGN(const ReadModules all, read_all_modules());
    if (!path.empty()) return std::optional(judge_firmware(wanted, path, all.firmware));
    const auto missing = std::find_if(
        all.missing_firmware.begin(), all.missing_firmware.end(),
        [&](const MissingFirmware& each) { return each.name == name || each.name.ends_with('/' + name); });
    if (missing == all.missing_firmware.end()) return std::optional<Problem>();
    return std::optional(
        Problem{.object = wanted,
                .text = fmt::format("the driver {} asks for {}, but the tree does not have it",
                                    missing->module, missing->name),
                .hint = "install the package with this firmware in the tree"});
}

Problem AbsenceFinder::judge_firmware(const std::string& wanted, const std::string& path,
                                      const std::vector<Firmware>& requested) const {
    const auto request = std::find_if(requested.begin(), requested.end(),
                                      [&](const Firmware& each) { return each.path == path; });
    if (request == requested.end())
        return {.object = wanted,
                .text = fmt::format("is in the tree (/{}), but no driver of kernel {} asks for it", path,
                                    kernel_->version),
                .hint = list_hint('/' + path, "files")};
    const std::string& driver = request->reason.from;
    if (std::find(present_.begin(), present_.end(), driver) != present_.end())
        return {.object = wanted,
                .text = fmt::format("is in the tree (/{}) for the driver {} of this image, but --firmware "
                                    "leaves it out",
                                    path, driver),
                .hint = "build with --firmware all"};
    const auto listed = kernel_->lists.by_name.find(driver);
    const bool is_module = listed != kernel_->lists.by_name.end() && !listed->second.path.empty();
    return {.object = wanted,
            .text = fmt::format("is in the tree (/{}) for the driver {}, which is not in this image", path,
                                driver),
            .hint = is_module ? module_hint(listed->second.path) : ""};
}

std::optional<Problem> AbsenceFinder::find_file(const std::string& wanted) const {
    std::string path = clean_path(wanted);
    auto real = path.empty() ? std::nullopt : basedir_.resolve(path);
    if (!real && !path.empty() && path.find('/') == std::string::npos)
        for (const std::string directory : program_directories) {
            real = basedir_.resolve(directory + path);
            if (!real) continue;
            path = directory + path;
            break;
        }
    if (!real) return std::nullopt;
    // A list may name it with or without the usr/ of a merged system.
    const auto other = [](const std::string& name) {
        return name.starts_with("usr/") ? name.substr(4) : "usr/" + name;
    };
    std::string hint = features_hint(file_patterns_, {path, other(path), real->path, other(real->path)});
    return Problem{.object = wanted,
                   .text = fmt::format("is in the tree (/{}), but not in this image", path),
                   .hint = hint.empty() ? list_hint('/' + path, "files") : hint};
}

} // namespace mkpxerd::generator
