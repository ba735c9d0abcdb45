// SPDX-License-Identifier: MIT
#include "mkpxerd/image/setting_files.hpp"

#include <fmt/format.h>

#include "mkpxerd/contract/image_paths.hpp"
#include "mkpxerd/contract/setting_lines.hpp"
#include "mkpxerd/image/command_line_check.hpp"

namespace mkpxerd::image {
namespace {

// The name of a file in the directory itself, which alone the init reads; empty: it is elsewhere.
std::string_view name_there(std::string_view path) {
    if (!path.starts_with(fmt::format("{}/", settings_directory))) return {};
    const std::string_view name = path.substr(settings_directory.size() + 1);
    return name.find('/') == std::string_view::npos ? name : std::string_view();
}

bool is_setting_file(std::string_view path) {
    return name_there(path).ends_with(".conf");
}

} // namespace

std::set<std::string> setting_files(const EffectiveView& view) {
    std::set<std::string> files;
    for (const auto& [path, node] : view.nodes())
        if (is_setting_file(path)) files.insert(path);
    return files;
}

std::vector<CmdlineSource> settings_in(const Texts& texts) {
    std::vector<CmdlineSource> settings;
    for (const auto& [path, text] : texts)
        if (is_setting_file(path)) settings.push_back({"/" + path, join_setting_lines(text)});
    return settings;
}

std::vector<Problem> ignored_settings(const EffectiveView& view) {
    std::vector<Problem> ignored;
    for (const auto& [path, node] : view.nodes()) {
        const std::string_view name = name_there(path);
        if (name.empty() || node.is_directory || is_setting_file(path) || name.starts_with("README"))
            continue;
        ignored.push_back({.object = "/" + path,
                           .text = "is ignored: the init reads the files there whose names end with .conf",
                           .hint = {}});
    }
    return ignored;
}

Result<std::vector<Problem>> check_setting_files(const EffectiveView& view, const ContentSource& source) {
    MKPXERD_TRY_ASSIGN(const Texts texts, read_texts(view, setting_files(view), source));
    Problems errors;
    std::vector<Problem> warnings = ignored_settings(view);
    for (const CmdlineSource& file : settings_in(texts)) {
        const auto found = check_baked_options(file);
        if (found)
            warnings.insert(warnings.end(), found->begin(), found->end());
        else
            errors.add(found.error());
    }
    MKPXERD_TRY(errors.finish());
    return warnings;
}

} // namespace mkpxerd::image
