// SPDX-License-Identifier: MIT
// Features are data: this file finds and reads their lists, whatever they contain.
#include "mkpxerd/generator/features/feature_resolver.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/names.hpp"
#include "mkpxerd/generator/features/stage_findings.hpp"

namespace mkpxerd::generator {
namespace {

namespace fs = std::filesystem;

bool is_list(const fs::path& file) {
    return (file.extension() == ".modules" || file.extension() == ".files") &&
           is_feature_name(file.stem().string());
}

constexpr std::size_t max_list_bytes = std::size_t{4} << 20; // the longest of ours has 2 KiB

// The first list of that name. An unreadable list is not replaced by a weaker one.
Result<std::optional<TreePath>> find_list(const std::vector<TreePath>& directories, const std::string& name) {
    for (const TreePath& directory : directories) {
        MKPXERD_TRY_ASSIGN(const bool there, is_there(directory / name));
        if (there) return directory / name;
    }
    return std::nullopt;
}

// Reads NAME.modules or NAME.files into out; false: no directory has it.
bool read_list(const std::vector<TreePath>& directories, const std::string& feature, const char* suffix,
               std::vector<Pattern>& out, StageFindings& findings) {
    const auto file = find_list(directories, feature + suffix);
    if (!file) {
        findings.problem(file.error());
        return true;
    }
    if (!*file) return false;
    if (is_directory(**file)) {
        findings.problem((*file)->string(), "is a directory, but must be a list of patterns",
                         "rename the directory");
        return true;
    }
    const auto text = read_file(**file, max_list_bytes);
    if (!text) {
        findings.problem(text.error());
        return true;
    }
    auto patterns = parse_feature_list(*text, feature, (*file)->string());
    for (const Pattern& pattern : patterns)
        if (pattern.glob.empty()) findings.problem(pattern.origin.text(), "names no path", "delete the line");
    out.insert(out.end(), std::make_move_iterator(patterns.begin()), std::make_move_iterator(patterns.end()));
    return true;
}

// NAME.file and NAME.module are easily written for lists. Empty: there is none.
std::string misnamed_list(const std::vector<TreePath>& directories, const std::string& feature) {
    for (const char* suffix : {".file", ".module"})
        if (const auto found = find_list(directories, feature + suffix); found && *found)
            return (*found)->string();
    return {};
}

constexpr unsigned max_hints = 20; // each is compared with all features, of which a tree may have many

} // namespace

std::string list_description(std::string_view text) {
    std::string comment;
    for (std::string_view line : split_lines(text)) {
        line = trim(line);
        if (!line.starts_with('#')) break;
        line.remove_prefix(std::min(line.find_first_not_of('#'), line.size()));
        comment += fmt::format("{}{}", comment.empty() ? "" : " ", trim(line));
    }
    std::string sentence = comment.substr(0, comment.find(". "));
    if (sentence.ends_with('.')) sentence.pop_back();
    return excerpt(sentence);
}

std::vector<Pattern> parse_feature_list(std::string_view text, const std::string& feature,
                                        const std::string& file) {
    std::vector<Pattern> patterns;
    unsigned number = 0;
    for (std::string_view line : split_lines(text)) {
        ++number;
        line = trim(line);
        if (line.empty() || line.starts_with('#')) continue;
        Pattern pattern;
        if (line.starts_with('?')) {
            pattern.optional = true;
            line = trim(line.substr(1));
        }
        // ".." stays, so that the pattern matches nothing: a list cannot reach above a kernel's modules.
        if (fmt::format("/{}/", line).find("/../") == std::string::npos)
            pattern.glob = clean_path(line);
        else
            pattern.glob = line.substr(std::min(line.find_first_not_of('/'), line.size()));
        pattern.feature = feature;
        pattern.origin = {.file = file, .line = number};
        patterns.push_back(std::move(pattern));
    }
    return patterns;
}

Result<FeatureSet> FeatureResolver::resolve(const std::vector<FeatureName>& features) const {
    FeatureSet set;
    StageFindings findings(lenient_);
    std::vector<std::string> names; // of all features, once one is unknown
    unsigned unknown = 0;
    for (const FeatureName& feature : features) {
        if (std::find(set.features.begin(), set.features.end(), feature.name) != set.features.end()) continue;
        if (!is_feature_name(feature.name)) {
            findings.problem(feature.origin.text(),
                             fmt::format("'{}' is not a feature name", excerpt(feature.name)),
                             feature_name_form);
            continue;
        }
        const bool modules = read_list(directories_, feature.name, ".modules", set.modules, findings);
        const bool files = read_list(directories_, feature.name, ".files", set.files, findings);
        const std::string misnamed = misnamed_list(directories_, feature.name);
        if (!misnamed.empty() && (modules || files))
            findings.warning(misnamed, "is ignored: the name of a list ends with .modules or .files");
        if (!modules && !files) {
            if (names.empty())
                for (const auto& [name, directory] : known())
                    names.push_back(name);
            const auto near = unknown++ < max_hints ? nearest(feature.name, names) : std::nullopt;
            findings.hole(feature.origin.text(), fmt::format("unknown feature '{}'", excerpt(feature.name)),
                          !misnamed.empty() ? fmt::format("rename {} to {}.files or {}.modules", misnamed,
                                                          feature.name, feature.name)
                          : feature.name.find(',') != std::string::npos ? "separate features by spaces"
                          : near ? fmt::format("did you mean '{}'?", *near)
                                 : "mkpxerd -L lists all features");
            continue;
        }
        set.features.push_back(feature.name);
    }
    MKPXERD_TRY(findings.finish());
    set.warnings = findings.warnings();
    std::sort(set.features.begin(), set.features.end());
    return set;
}

std::vector<Pattern> FeatureResolver::known_modules(const FeatureSet& set) const {
    std::vector<Pattern> patterns;
    for (const auto& [name, directory] : known()) {
        if (std::binary_search(set.features.begin(), set.features.end(), name)) {
            std::copy_if(set.modules.begin(), set.modules.end(), std::back_inserter(patterns),
                         [&name = name](const Pattern& pattern) { return pattern.feature == name; });
            continue;
        }
        StageFindings ignored(true);
        read_list(directories_, name, ".modules", patterns, ignored);
    }
    return patterns;
}

std::vector<Pattern> FeatureResolver::known_files() const {
    std::vector<Pattern> patterns;
    StageFindings ignored(true);
    for (const auto& [name, directory] : known())
        read_list(directories_, name, ".files", patterns, ignored);
    return patterns;
}

std::map<std::string, fs::path> FeatureResolver::known() const {
    std::map<std::string, fs::path> names;
    for (const TreePath& directory : directories_) {
        const auto files = list_directory(directory);
        if (!files) continue;
        for (const fs::path file : *files) {
            if (is_list(file)) names.emplace(file.stem().string(), directory.host());
        }
    }
    return names;
}

std::string FeatureResolver::description(const std::string& name) const {
    for (const char* suffix : {".modules", ".files"}) {
        const auto file = find_list(directories_, name + suffix);
        if (!file || !*file) continue;
        const auto text = read_regular(**file, max_list_bytes);
        if (!text) continue;
        if (std::string sentence = list_description(*text); !sentence.empty()) return sentence;
    }
    return {};
}

std::vector<TreePath> FeatureResolver::lists() const {
    std::map<std::string, TreePath> by_name;
    for (const TreePath& directory : directories_)
        if (const auto files = list_directory(directory))
            for (const std::string& file : *files)
                if (is_list(file)) by_name.emplace(file, directory / file);
    std::vector<TreePath> lists;
    for (const auto& [name, list] : by_name)
        lists.push_back(list);
    return lists;
}

} // namespace mkpxerd::generator
