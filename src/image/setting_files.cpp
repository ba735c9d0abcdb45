// SPDX-License-Identifier: MIT
#include "mkpxerd/image/setting_files.hpp"

#include <fmt/format.h>

#include "mkpxerd/contract/image_paths.hpp"
#include "mkpxerd/contract/setting_lines.hpp"
#include "mkpxerd/image/command_line_check.hpp"

namespace mkpxerd::image {
namespace {

bool is_setting_file(std::string_view path) {
    return path.starts_with(fmt::format("{}/", settings_directory)) && path.ends_with(".conf");
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

Result<std::vector<Problem>> check_setting_files(const EffectiveView& view, const ContentSource& source) {
    MKPXERD_TRY_ASSIGN(const Texts texts, read_texts(view, setting_files(view), source));
    Problems errors;
    std::vector<Problem> warnings;
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
