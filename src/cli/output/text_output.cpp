// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/output/text_output.hpp"

#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/cli/output/command_context.hpp"

namespace mkpxerd::cli {

int report(const Error& error, std::ostream& err, ShowPlace place) {
    for (const Problem& problem : error.problems()) {
        err << "mkpxerd: " << printable(to_text(problem));
        if (place == ShowPlace::Yes) err << " [" << problem.place.text() << ']';
        err << '\n';
    }
    return exit_failed;
}

void warn(const Problem& problem, std::ostream& err) {
    err << "mkpxerd: warning: " << printable(to_text(problem)) << '\n';
}

void note(const Problem& problem, std::ostream& err) {
    err << "mkpxerd: note: " << printable(to_text(problem)) << '\n';
}

void print_findings(const std::vector<Problem>& warnings, const std::vector<Problem>& secrets,
                    std::optional<unsigned> mode, std::ostream& err) {
    for (const Problem& problem : warnings)
        warn(problem, err);
    for (const Problem& secret : secrets)
        err << fmt::format("mkpxerd: note: {}: {}\n", printable(to_text(secret)),
                           mode ? fmt::format("the image has mode {:04o}", *mode)
                                : "anybody who reads the output can read it");
    if (!secrets.empty() && mode && (*mode & 07U) == 0)
        err << "mkpxerd: note: a server gives its files to everybody (to serve this one anyway, chown "
               "it to the server's user, or use --allow-secrets)\n";
}

} // namespace mkpxerd::cli
