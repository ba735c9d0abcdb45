// SPDX-License-Identifier: MIT
// argv -> command -> exit code. CLI11's exceptions and its own exit codes end here.
#include "mkpxerd/cli/run.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <ostream>

#include "mkpxerd/cli/build_command.hpp"
#include "mkpxerd/cli/hardware_command.hpp"
#include "mkpxerd/cli/image_commands.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/cli/why_command.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::cli {

int report(const Error& error, const CommandContext& context) {
    return report(error, context.err);
}

int run(const std::vector<std::string>& arguments, const CommandContext& context) {
    CLI::App app("mkpxerd: writes an initial RAM disk that boots a machine over the network", "mkpxerd");
    app.set_version_flag("--version", std::string("mkpxerd ") + version);
    app.require_subcommand(0, 1);
    app.fallthrough(); // `mkpxerd why nfs --profile network`: options of the build stand behind the command
                       // as well
    BuildCommand build(app, context);
    std::function<int()> command = [&] { return build.run(); };

    std::vector<std::string> wanted;
    CLI::App* why = app.add_subcommand("why", "why is this path or module in the image?");
    why->add_option("what", wanted, "paths, module names or file names")->required();
    why->callback([&] { command = [&] { return run_why(wanted, build.options(), context); }; });

    add_image_commands(app, context, command);

    CLI::App* hardware = app.add_subcommand("hardware", "list this machine's devices for --hardware");
    hardware->callback([&] { command = [&] { return run_hardware("/sys", context); }; });
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend()); // as CLI11 takes them
        app.parse(reversed);
    } catch (const CLI::Success& help) {
        app.exit(help, context.out, context.err);
        return exit_done;
    } catch (const CLI::Error& error) {
        context.err << "mkpxerd: " << error.what() << "\nmkpxerd: see mkpxerd --help\n";
        return exit_usage;
    }
    return command();
}

} // namespace mkpxerd::cli
