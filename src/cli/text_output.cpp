// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/text_output.hpp"

#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/cli/run.hpp"

namespace mkpxerd::cli {

int report(const Error& error, std::ostream& err) {
    for (const Problem& problem : error.problems())
        err << "mkpxerd: " << printable(to_text(problem)) << '\n';
    return exit_failed;
}

void warn(const Problem& problem, std::ostream& err) {
    err << "mkpxerd: warning: " << printable(to_text(problem)) << '\n';
}

void tell_findings(const std::vector<Problem>& warnings, const std::vector<Problem>& secrets,
                   std::optional<unsigned> mode, std::ostream& err) {
    for (const Problem& problem : warnings)
        warn(problem, err);
    for (const Problem& secret : secrets)
        err << fmt::format("mkpxerd: note: {}: {}\n", printable(to_text(secret)),
                           mode ? fmt::format("the image has mode {:04o}", *mode)
                                : "who reads the output reads it");
    if (!secrets.empty() && mode && (*mode & 07U) == 0)
        err << "mkpxerd: note: what a server hands out everybody reads (to hand it out all the same, give it "
               "to the server's user by chown, or use --mode 0644 --allow-secrets)\n";
}

std::string printable(std::string_view text) {
    std::string shown;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto value = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (value < 0x20 || value == 0x7f) {
            shown += fmt::format("\\x{:02x}", value);
        } else if (value == 0xc2 && next >= 0x80 && next < 0xa0) { // U+0080 to U+009F: one is CSI
            shown += fmt::format("\\xc2\\x{:02x}", next);
            ++i;
        } else {
            shown += text[i];
        }
    }
    return shown;
}

} // namespace mkpxerd::cli
