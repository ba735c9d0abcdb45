// SPDX-License-Identifier: MIT
// `mkpxerd lint`: a command line, and an image for it, looked over before a machine boots with them.
#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/cli/image_commands.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/image/command_line_check.hpp"

namespace mkpxerd::cli {

int run_lint(const LintOptions& options, std::ostream& out, std::ostream& err) {
    std::optional<image::ImageFacts> facts;
    if (options.image) {
        auto read = image::ImageFacts::read(*options.image);
        if (!read) return report(read.error(), err);
        facts = std::move(*read);
    }
    std::size_t errors = 0;
    const auto findings = check_command_line(options.command_line, facts ? &*facts : nullptr);
    for (const image::Finding& finding : findings) {
        const bool is_error = finding.severity == image::Finding::Severity::Error;
        errors += is_error ? 1 : 0;
        const Problem problem{finding.option, finding.text, finding.hint, {}};
        out << (is_error ? "error: " : "warning: ") << printable(to_text(problem)) << '\n';
    }
    out << fmt::format("errors: {}, warnings: {}\n", errors, findings.size() - errors);
    return errors == 0 ? exit_done : exit_failed;
}

} // namespace mkpxerd::cli
