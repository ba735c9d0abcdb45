// SPDX-License-Identifier: MIT
// argv -> command -> exit code. CLI11's exceptions and its own exit codes end here.
#include "mkpxerd/cli/run.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <new>
#include <optional>
#include <ostream>
#include <sstream>

#include "mkpxerd/cli/command_table.hpp"
#include "mkpxerd/cli/options/common_options.hpp"
#include "mkpxerd/cli/options/help_text.hpp"
#include "mkpxerd/cli/options/usage_advice.hpp"
#include "mkpxerd/cli/output/text_output.hpp"
#include "mkpxerd/generator/request/setting_sources.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::cli {

namespace {

// A word that is not a command is a kernel version. If the tree has no such kernel and the word is similar to
// a command, the user probably meant the command. Returns the text of the error.
std::optional<std::string> misspelt_command(const CLI::App& app, const generator::CommandOptions& build) {
    const std::string& word = build.kernel_version;
    if (word.empty() || !app.get_subcommands().empty()) return std::nullopt;
    const std::filesystem::path tree = generator::kernel_tree(build);
    std::error_code error;
    for (const char* directory : {"lib/modules", "usr/lib/modules"})
        if (std::filesystem::exists(tree / directory / word, error)) return std::nullopt;
    const auto hint = hint_for_command(app, word);
    if (!hint) return std::nullopt;
    return fmt::format("{}: is neither a command nor a kernel here ({})", printable(word), *hint);
}

// Prints the error, and where the right forms are. Returns exit_usage.
int refuse(const CLI::App& app, std::string_view text, std::ostream& err) {
    const auto chosen = app.get_subcommands();
    err << fmt::format("mkpxerd: {}\nmkpxerd: see mkpxerd {}--help\n", text,
                       chosen.empty() ? "" : chosen.back()->get_name() + ' ');
    return exit_usage;
}

// "help ls" -> "ls --help"
std::vector<std::string> without_help_word(const std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments.size() > 2 || arguments[0] != "help") return arguments;
    if (arguments.size() == 1) return {"--help"};
    const bool is_command =
        std::ranges::any_of(command_table(), [&](const CommandRow& row) { return row.name == arguments[1]; });
    return is_command ? std::vector<std::string>{arguments[1], "--help"} : arguments;
}

// Returns the exit code if there is nothing left to do, after printing why.
std::optional<int> parse(const std::vector<std::string>& arguments, Arguments& given) {
    CLI::App& app = given.app;
    std::ostream& err = given.context.err;
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend()); // as CLI11 takes them
        app.parse(reversed);
        return std::nullopt;
    } catch (const CLI::Success& help) {
        std::ostringstream text; // CLI11 flushes, and errno of a failure would be lost
        app.exit(help, text, err);
        given.context.out << text.str();
        return exit_done;
    } catch (const CLI::Error& error) {
        auto text = single_dash(app, arguments);
        if (!text) text = misspelt_command(app, given.build.options());
        if (!text) text = unknown_option(app, app.remaining(true));
        return refuse(app, text ? *text : printable(plain_error(app, error)), err);
    }
}

// Usage errors that CLI11 does not see; returns the same.
std::optional<int> check_usage(const CLI::App& app, const CommandRow* command, const Arguments& given,
                               const std::vector<std::string>& arguments) {
    std::ostream& err = given.context.err;
    if (const auto text = single_dash(app, arguments)) return refuse(app, printable(*text), err);
    if (const auto text = misspelt_command(app, given.build.options())) return refuse(app, *text, err);
    if (const auto text = empty_value(app)) return refuse(app, *text, err);
    if (command != nullptr && !given.build.writes())
        return refuse(app, "--list and --list-features have no effect on a command", err);
    if (given.build.lists_files() && given.build.lists_features())
        return refuse(app, "--list and --list-features: give one of them", err);
    if (given.build.lists_files() && given.context.wants_json)
        return refuse(app, "--json: --list has no JSON form (mkpxerd ls --json has, for an image)", err);
    if (given.build.wants_repro() && (command != nullptr || !given.build.writes()))
        return refuse(app, "--repro: only a build writes such a file", err);
    if (const auto text = ignored_option(app)) return refuse(app, *text, err);
    if (const auto text = contradiction(given.build.options())) return refuse(app, *text, err);
    return std::nullopt;
}

// Without any argument but those about messages, mkpxerd does what mkinitfs does, if mkinitfs is configured
// here. Otherwise somebody wants to know what the program does, and a file in /boot would be no answer.
bool asks_for_usage(const std::vector<std::string>& arguments, const Arguments& given) {
    static constexpr std::array<std::string_view, 5> of_messages = {"-q", "--quiet", "-v", "--verbose",
                                                                    "--json"};
    if (!std::ranges::all_of(arguments, [](const std::string& word) {
            return std::ranges::find(of_messages, word) != of_messages.end();
        }))
        return false;
    const auto configured = generator::has_configuration(given.build.options());
    return configured && !*configured; // the build reports an unreadable one
}

Duty duty_of(const CommandRow* command, const Arguments& given) {
    if (command != nullptr) return command->duty(given);
    return given.build.writes() ? Duty::builds() : Duty();
}

void add_commands(Arguments& given, const CommandRow*& chosen) {
    for (const CommandRow& row : command_table()) {
        CLI::App* word = given.app.add_subcommand(row.name, row.help);
        const bool takes_build_options = row.build_options != BuildOptions::Refused;
        word->fallthrough(takes_build_options);
        row.add_options(*word, given);
        if (!takes_build_options) add_message_options(*word, given.context);
        word->callback([&chosen, &row] { chosen = &row; });
    }
}

int run_confined(const CommandRow* command, const Arguments& given) {
    const wrap::Guards guards = confine(duty_of(command, given), given.bounds, given.context);
    if (given.context.is_verbose) print_missing_guards(guards, given.context.err);
    try {
        return command != nullptr ? command->run(given) : given.build.run();
    } catch (const std::bad_alloc&) {
        wrap::lift_bounds(); // the report needs memory
        report(out_of_memory(given.bounds), given.context);
        return command != nullptr ? command->failed : exit_failed;
    }
}

// Flushes the output; returns the exit code.
int finish(int code, int failed, const CommandContext& context) {
    const bool failed_before = !context.out; // its errno is lost
    errno = 0;
    context.out.flush();
    if (context.out) return code;
    const int reason = failed_before ? 0 : errno;
    context.err << "mkpxerd: error: standard output: cannot write";
    if (reason != 0) context.err << ": " << std::strerror(reason);
    context.err << std::endl;
    return code == exit_done ? failed : std::max(code, failed);
}

} // namespace

int run(const std::vector<std::string>& arguments, const CommandContext& context) {
    CLI::App app("mkpxerd: writes an initial RAM disk that boots a machine over the network", "mkpxerd");
    app.formatter(std::make_shared<HelpText>());
    app.require_subcommand(0, 1);
    app.fallthrough(); // `mkpxerd why nfs --profile network`: build options may follow the command
    Arguments given(app, context);
    // Below the build's messages: CLI11 orders groups by their first option.
    app.set_help_flag("-h,--help", "print the usual options and exit");
    app.set_help_all_flag("--help-all", "print all options and exit");
    app.set_version_flag("--version", std::string("mkpxerd ") + version, "print the version and exit");
    app.option_defaults()->group(confinement_group);
    add_bound_options(app, given.bounds);
    app.option_defaults()->group("Options");
    const CommandRow* command = nullptr; // none: a build
    add_commands(given, command);
    const auto ended = [&](int code) {
        return finish(code, command != nullptr ? command->failed : exit_failed, context);
    };
    if (const auto code = parse(without_help_word(arguments), given)) return ended(*code);
    if (asks_for_usage(arguments, given)) {
        context.err << app.help();
        return exit_usage;
    }
    if (const auto code = check_usage(app, command, given, arguments)) return ended(*code);
    return ended(run_confined(command, given));
}

} // namespace mkpxerd::cli
