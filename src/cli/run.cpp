// SPDX-License-Identifier: MIT
// argv -> command -> exit code. CLI11's exceptions and its own exit codes end here.
#include "mkpxerd/cli/run.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>
#include <optional>
#include <ostream>
#include <sstream>

#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/command_table.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::cli {

int report(const Error& error, const CommandContext& context) {
    return report(error, context.err, context.is_verbose ? ShowPlace::Yes : ShowPlace::No);
}

std::ostream& message_stream(const std::filesystem::path& output, const CommandContext& context) {
    return is_standard_output(output) ? context.err : context.out;
}

namespace {

// A word that is not a command is a kernel version. If the tree has no such kernel and the word is similar to
// a command, the user probably meant the command.
std::optional<std::string> meant_command(const CLI::App& app, const generator::CommandOptions& build) {
    const std::string& word = build.kernel_version;
    if (word.empty() || !app.get_subcommands().empty()) return std::nullopt;
    std::filesystem::path tree = build.basedir;
    for (const auto& [key, value] : build.settings)
        if (key == "kernel-root") tree = value;
    std::error_code error;
    for (const char* directory : {"lib/modules", "usr/lib/modules"})
        if (std::filesystem::exists(tree / directory / word, error)) return std::nullopt;
    std::vector<std::string> commands;
    for (const CLI::App* command : app.get_subcommands({}))
        commands.push_back(command->get_name());
    return nearest(word, commands);
}

// Returns the exit code if there is nothing left to do, after printing why.
std::optional<int> parse(CLI::App& app, const std::vector<std::string>& arguments,
                         const CommandContext& context) {
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend()); // as CLI11 takes them
        app.parse(reversed);
        return std::nullopt;
    } catch (const CLI::Success& help) {
        std::ostringstream text; // CLI11 flushes, and errno of a failure would be lost
        app.exit(help, text, context.err);
        context.out << text.str();
        return exit_done;
    } catch (const CLI::Error& error) {
        context.err << "mkpxerd: " << printable(error.what()) << "\nmkpxerd: see mkpxerd --help\n";
        return exit_usage;
    }
}

// Usage errors that CLI11 does not see; returns the same.
std::optional<int> check_usage(const CLI::App& app, const CommandRow* command, const Arguments& given) {
    std::ostream& err = given.context.err;
    if (const auto meant = meant_command(app, given.build.options())) {
        err << "mkpxerd: " << printable(given.build.options().kernel_version)
            << ": is neither a command nor a kernel here (did you mean " << *meant << "?)\n";
        return exit_usage;
    }
    if (given.build.wants_repro() && (command != nullptr || !given.build.writes())) {
        err << "mkpxerd: --repro: only a build writes such a file\nmkpxerd: see mkpxerd --help\n";
        return exit_usage;
    }
    if (command != nullptr && command->build_options == BuildOptions::WithoutJson &&
        given.build.wants_json()) {
        err << "mkpxerd: --json: this command has no JSON report\nmkpxerd: see mkpxerd --help\n";
        return exit_usage;
    }
    return std::nullopt;
}

Duty duty_of(const CommandRow* command, const Arguments& given) {
    if (command != nullptr) return command->duty(given);
    return given.build.writes() ? Duty::builds() : Duty();
}

int run_command(const std::vector<std::string>& arguments, const CommandContext& context) {
    CLI::App app("mkpxerd: writes an initial RAM disk that boots a machine over the network", "mkpxerd");
    app.set_version_flag("--version", std::string("mkpxerd ") + version);
    app.require_subcommand(0, 1);
    app.fallthrough(); // `mkpxerd why nfs --profile network`: build options may follow the command
    Arguments given(app, context);
    add_bound_options(app, given.bounds);
    const CommandRow* command = nullptr; // none: a build
    for (const CommandRow& row : command_table()) {
        CLI::App* word = app.add_subcommand(row.name, row.help);
        word->fallthrough(row.build_options != BuildOptions::Refused);
        row.add_options(*word, given);
        word->callback([&command, &row] { command = &row; });
    }
    if (const auto code = parse(app, arguments, context)) return *code;
    if (const auto code = check_usage(app, command, given)) return *code;
    given.context.is_verbose = given.build.is_verbose();
    const wrap::Guards guards = confine(duty_of(command, given), given.bounds, context);
    if (given.build.is_verbose()) print_missing_guards(guards, context.err);
    try {
        return command != nullptr ? command->run(given) : given.build.run();
    } catch (const std::bad_alloc&) {
        wrap::lift_bounds(); // the report needs memory
        return report(out_of_memory(given.bounds), given.context);
    }
}

} // namespace

int run(const std::vector<std::string>& arguments, const CommandContext& context) {
    const int code = run_command(arguments, context);
    const bool failed_before = !context.out; // its errno is lost
    errno = 0;
    context.out.flush();
    if (context.out) return code;
    const int reason = failed_before ? 0 : errno;
    context.err << "mkpxerd: error: standard output: cannot write";
    if (reason != 0) context.err << ": " << std::strerror(reason);
    context.err << std::endl;
    return code == exit_done ? exit_failed : code;
}

} // namespace mkpxerd::cli
