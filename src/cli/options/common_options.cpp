// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/options/common_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::cli {
namespace {

constexpr std::string_view only_of_builds = "list list-features repro version";
// These plan an image and do not write it.
struct WithoutEffect {
    std::string_view command;
    std::string_view options;
};
constexpr std::array without_effect = {
    WithoutEffect{"why", "output level mode allow-secrets max-size no-cache"},
    WithoutEffect{"lint", "output level max-size no-cache"},
};

bool contains(std::string_view words, std::string_view word) {
    const auto all = split_words(words);
    return std::ranges::find(all, word) != all.end();
}

} // namespace

void add_message_options(CLI::App& command, CommandContext& context) {
    if (command.get_option_no_throw("--quiet") == nullptr)
        command.add_flag("-q,--quiet", context.is_quiet, "print only errors and the result");
    if (command.get_option_no_throw("--verbose") == nullptr)
        command.add_flag("-v,--verbose", context.is_verbose,
                         "print all warnings, stage times, and the source line of each error");
}

bool takes_build_option(const CLI::App& command, const CLI::Option& option) {
    if (option.get_lnames().empty()) return true;
    const std::string& name = option.get_lnames().front();
    const auto row = std::ranges::find(without_effect, command.get_name(), &WithoutEffect::command);
    return !contains(only_of_builds, name) && (row == without_effect.end() || !contains(row->options, name));
}

void add_json_option(CLI::App& command, CommandContext& context) {
    command.add_flag("--json", context.wants_json, "print the result as JSON");
}

} // namespace mkpxerd::cli
