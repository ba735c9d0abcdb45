// SPDX-License-Identifier: MIT
// CLI11's description of the program -> text, because CLI11 2.1 neither wraps lines nor selects options.
#include "mkpxerd/cli/options/help_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/options/common_options.hpp"
#include "mkpxerd/cli/options/usage_advice.hpp"

namespace mkpxerd::cli {
namespace {

constexpr std::size_t width = 80;
constexpr std::size_t help_column = 28;

constexpr std::array<std::string_view, 15> usual = {
    "profile", "features", "basedir",       "hardware", "cmdline", "append",  "output",   "compression",
    "list",    "quiet",    "list-features", "verbose",  "json",    "version", "help-all",
};

bool is_shown(const CLI::Option& option) {
    return option.nonpositional() && !option.get_group().empty();
}
bool is_usual(const CLI::Option& option) {
    const auto& names = option.get_lnames();
    return is_shown(option) && !names.empty() && std::ranges::find(usual, names.front()) != usual.end();
}
// Whether this option of a build follows a command that takes such options.
bool is_taken(const CLI::Option& option, const CLI::App& command) {
    const auto& names = option.get_lnames();
    if (names.empty()) return is_shown(option);
    return is_shown(option) && takes_build_option(command, option) &&
           command.get_option_no_throw("--" + names.front()) == nullptr;
}

// "  NAME   text", with the text wrapped beside the name, or below a long one.
std::string row(std::string_view name, std::string_view text) {
    std::string out = fmt::format("  {}", name);
    if (out.size() + 2 > help_column)
        out += '\n' + std::string(help_column, ' ');
    else
        out.resize(help_column, ' ');
    std::size_t column = help_column;
    for (const std::string_view word : split_words(text)) {
        if (column > help_column && column + 1 + word.size() > width) {
            out += '\n' + std::string(help_column, ' ');
            column = help_column;
        } else if (column > help_column) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
    }
    return out + '\n';
}

// "-o,--output FILE": the type without what CLI11 adds about ranges.
std::string name_of(const CLI::Option& option) {
    std::string name = option.get_name(false, true);
    if (option.get_items_expected_max() == 0) return name;
    const std::string type = option.get_type_name();
    const auto range = type.find(" in [");
    return name + ' ' + (range == std::string::npos ? type : type.substr(0, type.rfind(':', range)));
}

// filter: whether to show an option.
template <class Filter>
std::string options(const CLI::App& app, const Filter& filter) {
    std::string out;
    for (const std::string& group : app.get_groups()) {
        std::string rows;
        for (const CLI::Option* option : app.get_options())
            if (option->get_group() == group && filter(*option))
                rows += row(name_of(*option), option->get_description());
        if (!rows.empty()) out += fmt::format("{}:\n{}", group, rows);
    }
    return out;
}

// "[WHAT ...]"
std::string usage_of(const CLI::Option& argument) {
    std::string usage = argument_name(argument.get_name(true));
    if (argument.get_expected_max() > 1) usage += " ...";
    return argument.get_required() ? usage : '[' + usage + ']';
}

std::string arguments(const CLI::App& app) {
    std::string rows;
    for (const CLI::Option* option : app.get_options())
        if (option->get_positional())
            rows += row(argument_name(option->get_name(true)), option->get_description());
    return rows.empty() ? "" : "Arguments:\n" + rows;
}

std::string commands(const CLI::App& app) {
    std::string out = "Commands (each has its own --help):\n";
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        out += row(command->get_name(), command->get_description());
    return out;
}

std::string help_of_program(const CLI::App& app, bool all) {
    return fmt::format("Usage: mkpxerd [OPTIONS] [KERNELVERSION]   write an image\n"
                       "       mkpxerd COMMAND [OPTIONS] ...\n{}{}",
                       options(app, all ? is_shown : is_usual), commands(app));
}

} // namespace

std::span<const std::string_view> usual_options() {
    return usual;
}

std::string HelpText::make_help(const CLI::App* app, std::string /*name*/, CLI::AppFormatMode mode) const {
    const bool all = mode == CLI::AppFormatMode::All;
    const CLI::App* program = app->get_parent();
    if (program == nullptr) return help_of_program(*app, all);
    std::string words;
    for (const CLI::Option* option : app->get_options())
        if (option->get_positional()) words += ' ' + usage_of(*option);
    std::string out = fmt::format("Usage: mkpxerd {} [OPTIONS]{}\n{}\n\n{}{}", app->get_name(), words,
                                  app->get_description(), arguments(*app), options(*app, is_shown));
    if (!app->get_fallthrough()) return out;
    const auto filter = [&](const CLI::Option& option) {
        return is_taken(option, *app) && (all || is_usual(option));
    };
    return fmt::format("{}\nBuild options{}:\n\n{}", out,
                       all ? ""
                           : fmt::format(", the usual ones (all: mkpxerd {} --help-all)", app->get_name()),
                       options(*program, filter));
}

} // namespace mkpxerd::cli
