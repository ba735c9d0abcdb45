// SPDX-License-Identifier: MIT
// A command line, and an image or a build for it, looked over before a machine boots with them.
#include "mkpxerd/cli/lint_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <ostream>
#include <sys/stat.h>

#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/profile_loader.hpp"
#include "mkpxerd/image/command_line_check.hpp"

namespace mkpxerd::cli {
namespace {

bool asks_for_a_build(const generator::CommandOptions& build) {
    return !build.settings.empty() || !build.profile.empty() || build.config || !build.feature_dirs.empty() ||
           !build.kernel_version.empty() || build.basedir != "/";
}

Result<image::ImageFacts> plan(const generator::CommandOptions& build) {
    MKPXERD_TRY_ASSIGN(const auto request, generator::ProfileLoader().load(build));
    MKPXERD_TRY_ASSIGN(const auto plan, generator::plan_image(request));
    std::set<std::string> paths;
    std::optional<std::string> builtin;
    std::string order;
    for (const auto& entry : plan.tree.entries) {
        if (!S_ISREG(entry.mode) || entry.size > 0) paths.insert(entry.path);
        const auto* text = std::get_if<std::string>(&entry.content);
        if (text != nullptr && entry.path.ends_with("/modules.builtin")) builtin = *text;
        if (text != nullptr && entry.path.ends_with("/modules.order")) order = *text;
    }
    return image::ImageFacts::planned("the planned image", std::move(paths), builtin, order,
                                      plan.tree.config);
}

} // namespace

void add_lint_options(CLI::App& command, LintOptions& options) {
    command.add_option("cmdline", options.command_line, "kernel command line, as one argument")
        ->required()
        ->type_name("TEXT");
    command.add_option("image", options.image, "image file; without it, that of the build options, if any")
        ->type_name("FILE");
}

int run_lint(const LintOptions& options, const generator::CommandOptions& build,
             const CommandContext& context) {
    // CLI11 hands what is left over to the build, which has a place for one more word.
    if (options.image && !build.kernel_version.empty()) {
        context.err << fmt::format(
            "mkpxerd: lint: one image is expected, and '{}' stands behind '{}' (quote the "
            "kernel command line: it is one argument)\n",
            printable(build.kernel_version), printable(options.image->string()));
        return exit_usage;
    }
    if (options.image && asks_for_a_build(build)) {
        context.err << "mkpxerd: lint: give an image, or options of a build, not both\n";
        return exit_usage;
    }
    std::optional<image::ImageFacts> facts;
    if (options.image || asks_for_a_build(build)) {
        auto found = options.image ? image::ImageFacts::read(*options.image) : plan(build);
        if (!found) return report(found.error(), context);
        facts = std::move(*found);
    }
    std::size_t errors = 0;
    const auto findings = check_command_line(options.command_line, facts ? &*facts : nullptr);
    for (const image::Finding& finding : findings) {
        const bool is_error = finding.severity == image::Finding::Severity::Error;
        errors += is_error ? 1 : 0;
        const Problem problem{finding.option, finding.text, finding.hint, {}};
        context.out << (is_error ? "error: " : "warning: ") << printable(to_text(problem)) << '\n';
    }
    context.out << fmt::format("errors: {}, warnings: {}\n", errors, findings.size() - errors);
    return errors == 0 ? exit_done : exit_failed;
}

} // namespace mkpxerd::cli
