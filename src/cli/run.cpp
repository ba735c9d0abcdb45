// SPDX-License-Identifier: MIT
// argv -> command -> exit code. CLI11's exceptions and its own exit codes end here.
#include "mkpxerd/cli/run.hpp"

#include <CLI/CLI.hpp>
#include <ostream>

#include "mkpxerd/cli/build_command.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::cli {

int run(const std::vector<std::string>& arguments, const CommandContext& context) {
    CLI::App app("mkpxerd: writes an initial RAM disk that boots a machine over the network", "mkpxerd");
    app.set_version_flag("--version", std::string("mkpxerd ") + version);
    BuildCommand build(app, context);
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
    return build.run();
}

} // namespace mkpxerd::cli
