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

std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text) {
        const auto value = static_cast<unsigned char>(c);
        if (value < 0x20 || value == 0x7f)
            shown += fmt::format("\\x{:02x}", value);
        else
            shown += c;
    }
    return shown;
}

} // namespace mkpxerd::cli
