// SPDX-License-Identifier: MIT
// CLI11's description of the program -> Command values -> the script of one shell, in the forms of its
// template.
#include "mkpxerd/cli/reference/completion_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ostream>

#include "mkpxerd/cli/options/option_words.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/cli/reference/shell_template.hpp"

namespace mkpxerd::cli {
namespace {

// The argument of an option or a command: the name of a form, and its words.
struct Argument {
    std::string form = "none";
    std::string words = {};
};
struct Option {
    std::vector<std::string> names; // "-o", "--output"
    std::string help;
    Argument argument;
};
struct Command {
    std::string name; // empty: the build
    std::string help;
    std::vector<Option> options;
    Argument argument;
    bool takes_build_options = false;
};

// Arguments that the program itself can list, by the long name of the option.
constexpr std::array<std::pair<std::string_view, const char*>, 2> listed = {{
    {"features", "feature"},
    {"profile", "profile"},
}};

Argument argument_of(const CLI::Option& from, const std::string& name) {
    for (const auto& [option, what] : listed)
        if (option == name) return {.form = "names", .words = what};
    if (const auto words = words_of_option(name); !words.empty())
        return {.form = "words", .words = fmt::format("{}", fmt::join(words, " "))};
    const std::string type = from.get_type_name();
    if (type.find("FILE") != std::string::npos) return {.form = "files"};
    return {.form = type.find("DIR") != std::string::npos ? "directories" : "free"};
}

Option describe(const CLI::Option& from) {
    Option option;
    option.help = from.get_description();
    for (const std::string& name : from.get_snames())
        option.names.push_back('-' + name);
    for (const std::string& name : from.get_lnames())
        option.names.push_back("--" + name);
    const auto& longs = from.get_lnames();
    if (from.get_items_expected_max() > 0)
        option.argument = argument_of(from, longs.empty() ? "" : longs.front());
    return option;
}

Command describe(const CLI::App& app) {
    Command command;
    command.name = app.get_parent() == nullptr ? "" : app.get_name();
    command.help = app.get_description();
    command.takes_build_options = app.get_parent() != nullptr && app.get_fallthrough();
    for (const CLI::Option* from : app.get_options()) {
        if (from->nonpositional() && from->get_group().empty()) continue; // hidden
        if (from->nonpositional())
            command.options.push_back(describe(*from));
        else if (command.argument.form != "files")
            command.argument = argument_of(*from, from->get_name(true));
    }
    return command;
}

using Commands = std::vector<Command>; // the build first

std::string joined(const std::vector<std::string>& pieces, std::string_view between = "\n") {
    return fmt::format("{}", fmt::join(pieces, between));
}

std::string replaced(std::string text, std::string_view old, std::string_view by) {
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + by.size()))
        text.replace(at, old.size(), by);
    return text;
}

std::string filled(ShellTemplate& shell, const Argument& argument) {
    return shell.form(argument.form, {{"words", argument.words}});
}

// ---- bash

// The words before the cursor that are followed by the argument of an option.
std::string bash_cases(ShellTemplate& shell, const Commands& commands, const Command& of,
                       const Option& option) {
    std::vector<std::string> cases;
    for (const Command& taker : commands)
        if (&taker == &of || (of.name.empty() && taker.takes_build_options))
            for (const std::string& name : option.names)
                cases.push_back(shell.form("case", {{"command", taker.name}, {"option", name}}));
    return joined(cases, " | ");
}

Result<std::string> bash_script(ShellTemplate shell, const Commands& commands) {
    std::vector<std::string> names, values, options, arguments;
    for (const Command& command : commands) {
        std::vector<std::string> own;
        for (const Option& option : command.options) {
            own.insert(own.end(), option.names.begin(), option.names.end());
            if (option.argument.form == "none") continue;
            values.push_back(shell.form("value", {{"cases", bash_cases(shell, commands, command, option)},
                                                  {"value", filled(shell, option.argument)}}));
        }
        if (command.takes_build_options)
            for (const Option& option : commands.front().options)
                own.insert(own.end(), option.names.begin(), option.names.end());
        options.push_back(shell.form("options", {{"command", command.name}, {"options", joined(own, " ")}}));
        if (command.name.empty()) continue;
        names.push_back(command.name);
        arguments.push_back(
            shell.form("argument", {{"command", command.name}, {"value", filled(shell, command.argument)}}));
    }
    return shell.script({{"commands", joined(names, " ")},
                         {"values", joined(values)},
                         {"options", joined(options)},
                         {"arguments", joined(arguments)}});
}

// ---- zsh

// Escapes text within a quoted specification, where "[", "]" and ":" end its parts.
std::string zsh_help(std::string text) {
    for (const std::string_view special : {"\\", "[", "]", ":"})
        text = replaced(text, special, "\\" + std::string(special));
    return replaced(text, "'", R"('\'')");
}

std::string zsh_options(ShellTemplate& shell, const Command& command) {
    std::vector<std::string> specs;
    for (const Option& option : command.options)
        for (const std::string& name : option.names)
            specs.push_back(shell.form(option.argument.form == "none" ? "switch" : "option",
                                       {{"option", name},
                                        {"help", zsh_help(option.help)},
                                        {"value", filled(shell, option.argument)}}));
    return joined(specs);
}

Result<std::string> zsh_script(ShellTemplate shell, const Commands& commands) {
    std::vector<std::string> names, cases;
    for (const Command& command : commands) {
        if (command.name.empty()) continue;
        names.push_back(shell.form("command", {{"command", command.name}, {"help", zsh_help(command.help)}}));
        cases.push_back(shell.form(command.takes_build_options ? "specs-build" : "specs-own",
                                   {{"command", command.name},
                                    {"options", zsh_options(shell, command)},
                                    {"value", filled(shell, command.argument)}}));
    }
    const std::string options = zsh_options(shell, commands.front());
    return shell.script({{"commands", joined(names)}, {"options", options}, {"cases", joined(cases)}});
}

// ---- fish

std::string fish_help(const std::string& text) {
    return replaced(replaced(text, "\\", "\\\\"), "'", "\\'");
}

std::string fish_names(const Option& option) {
    std::string names;
    for (const std::string& name : option.names)
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    return names;
}

Result<std::string> fish_script(ShellTemplate shell, const Commands& commands) {
    std::string without_build;
    for (const Command& command : commands)
        if (!command.name.empty() && !command.takes_build_options) without_build += ' ' + command.name;
    std::vector<std::string> lines;
    for (const Command& command : commands) {
        const bool is_build = command.name.empty();
        const std::string when = is_build ? shell.form("in-build", {{"commands", without_build}})
                                          : shell.form("in-command", {{"command", command.name}});
        if (!is_build)
            lines.push_back(
                shell.form("command", {{"command", command.name}, {"help", fish_help(command.help)}}));
        if (const auto& form = command.argument.form; !is_build && form != "none" && form != "free")
            lines.push_back(shell.form(form == "files" ? "argument-files" : "argument",
                                       {{"when", when}, {"value", filled(shell, command.argument)}}));
        for (const Option& option : command.options)
            lines.push_back(shell.form("option", {{"when", when},
                                                  {"names", fish_names(option)},
                                                  {"value", filled(shell, option.argument)},
                                                  {"help", fish_help(option.help)}}));
    }
    return shell.script({{"lines", joined(lines)}});
}

} // namespace

int run_completion(const CLI::App& app, const std::string& shell, const CommandContext& context) {
    Result<std::string> (*write)(ShellTemplate, const Commands&) = shell == "bash"   ? bash_script
                                                                   : shell == "zsh"  ? zsh_script
                                                                   : shell == "fish" ? fish_script
                                                                                     : nullptr;
    if (write == nullptr)
        return report(Error(shell, "is not a shell with completion", help_with_words("one of {}", "shell")),
                      context);
    auto forms = ShellTemplate::read(context.data_dir / "completions" / shell);
    if (!forms) return report(forms.error(), context);
    Commands commands = {describe(app)};
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        commands.push_back(describe(*command));
    const auto script = write(std::move(*forms), commands);
    if (!script) return report(script.error(), context);
    context.out << *script;
    return exit_done;
}

} // namespace mkpxerd::cli
