// SPDX-License-Identifier: MIT
// argv -> command -> exit code. CLI11's exceptions and its own exit codes end here.
#include "mkpxerd/cli/run.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <new>
#include <optional>
#include <ostream>
#include <sstream>

#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/build_command.hpp"
#include "mkpxerd/cli/bundle_command.hpp"
#include "mkpxerd/cli/completion_command.hpp"
#include "mkpxerd/cli/confinement.hpp"
#include "mkpxerd/cli/explain_command.hpp"
#include "mkpxerd/cli/hardware_command.hpp"
#include "mkpxerd/cli/image_commands.hpp"
#include "mkpxerd/cli/lint_command.hpp"
#include "mkpxerd/cli/overlay_command.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/cli/try_command.hpp"
#include "mkpxerd/cli/why_command.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::cli {

int report(const Error& error, const CommandContext& context) {
    return report(error, context.err);
}

std::ostream& talk_beside(const std::filesystem::path& output, const CommandContext& context) {
    return is_standard_output(output) ? context.err : context.out;
}

namespace {

// A word that is no command is the version of a kernel. One that no tree has, and that is nearly a command,
// was meant as one.
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

int run_command(const std::vector<std::string>& arguments, const CommandContext& context) {
    CLI::App app("mkpxerd: writes an initial RAM disk that boots a machine over the network", "mkpxerd");
    app.set_version_flag("--version", std::string("mkpxerd ") + version);
    app.require_subcommand(0, 1);
    app.fallthrough(); // `mkpxerd why nfs --profile network`: options of the build stand behind the command
                       // as well
    BuildCommand build(app, context);
    std::function<int()> command = [&] { return build.run(); };
    Duty duty;
    BoundOptions bounds;
    add_bound_options(app, bounds);

    std::vector<std::string> wanted;
    CLI::App* why = app.add_subcommand("why", "why is this path or module in the image?");
    why->add_option("what", wanted,
                    "paths, module names or file names; none: all that --hardware leaves out");
    why->callback(
        [&] { command = [&] { return run_why(wanted, build.options(), build.wants_json(), context); }; });

    std::vector<std::filesystem::path> laid_over;
    CLI::App* overlay =
        app.add_subcommand("overlay", "pack files of one machine, to be loaded behind the image");
    overlay->fallthrough(false); // what goes in is said by the paths alone
    build.add_output_options(*overlay)->required();
    overlay->add_option("path", laid_over, "a directory stands for the tree in it, a file for itself")
        ->required()
        ->type_name("PATH");
    add_bound_options(*overlay, bounds);
    overlay->callback([&] {
        duty = Duty::builds();
        command = [&] { return run_overlay(laid_over, build.options(), context); };
    });

    add_image_commands(app, context, command, duty, bounds);

    LintOptions lint;
    CLI::App* lint_word =
        app.add_subcommand("lint", "check a kernel command line, and whether an image covers it");
    add_lint_options(*lint_word, lint);
    lint_word->callback([&] {
        if (lint.image) duty = Duty::reads({*lint.image});
        command = [&] { return run_lint(lint, build.options(), context); };
    });

    BundleOptions bundle;
    CLI::App* bundle_word =
        app.add_subcommand("bundle", "make a directory that web and TFTP servers can serve");
    add_bundle_options(*bundle_word, bundle);
    bundle_word->callback([&] {
        duty = Duty::makes_bundle(bundle.site.directory);
        command = [&] { return run_bundle(bundle, build.options(), context); };
    });

    CLI::App* snippet = app.add_subcommand("snippet", "print the configuration of one loader or server");
    snippet->fallthrough(false);
    add_snippet_options(*snippet, bundle);
    snippet->callback([&] {
        duty = Duty::prints(wrap::Network::Any); // asks for this machine's address
        command = [&] { return run_snippet(bundle, context); };
    });

    TryOptions trial;
    CLI::App* try_word = app.add_subcommand("try", "boot an image or a bundle in QEMU");
    try_word->fallthrough(false); // options of the build mean nothing here
    add_try_options(*try_word, trial);
    try_word->callback([&] {
        duty = Duty::boots();
        command = [&] { return run_try(trial, context); };
    });

    CLI::App* hardware = app.add_subcommand("hardware", "list this machine's devices for --hardware");
    hardware->fallthrough(false); // options of the build mean nothing here
    hardware->callback([&] {
        duty = Duty::prints();
        command = [&] { return run_hardware("/sys", context); };
    });

    std::vector<std::string> codes;
    CLI::App* explain = app.add_subcommand("explain", "what does this failure code of the init mean?");
    explain->fallthrough(false);
    explain->add_option("code", codes, "codes like MPX-DHCP-01; without one, all are listed");
    explain->callback([&] {
        duty = Duty::prints();
        command = [&] { return run_explain(codes, context); };
    });

    std::string shell;
    CLI::App* completion =
        app.add_subcommand("completion", "print the completion of command lines for a shell");
    completion->fallthrough(false);
    completion->add_option("shell", shell, "bash, zsh or fish")->required()->type_name("SHELL");
    completion->callback([&] {
        duty = Duty::prints();
        command = [&] { return run_completion(app, shell, context); };
    });
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend()); // as CLI11 takes them
        app.parse(reversed);
    } catch (const CLI::Success& help) {
        std::ostringstream text; // CLI11 flushes, and the reason of a failure would be lost
        app.exit(help, text, context.err);
        context.out << text.str();
        return exit_done;
    } catch (const CLI::Error& error) {
        context.err << "mkpxerd: " << printable(error.what()) << "\nmkpxerd: see mkpxerd --help\n";
        return exit_usage;
    }
    if (const auto meant = meant_command(app, build.options())) {
        context.err << "mkpxerd: " << printable(build.options().kernel_version)
                    << ": is neither a command nor a kernel here (did you mean " << *meant << "?)\n";
        return exit_usage;
    }
    if (build.wants_json() && (app.got_subcommand(lint_word) || app.got_subcommand(bundle_word))) {
        context.err << "mkpxerd: --json: this command has no report as JSON\nmkpxerd: see mkpxerd --help\n";
        return exit_usage;
    }
    if (app.get_subcommands().empty() && build.writes()) duty = Duty::builds();
    const wrap::Guards guards = confine(std::move(duty), bounds, context);
    if (build.is_verbose()) tell_unguarded(guards, context.err);
    try {
        return command();
    } catch (const std::bad_alloc&) {
        wrap::lift_bounds(); // what follows needs some
        return report(out_of_memory(bounds), context);
    }
}

} // namespace

int run(const std::vector<std::string>& arguments, const CommandContext& context) {
    const int code = run_command(arguments, context);
    const bool failed_before = !context.out; // of that failure nothing more is known
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
