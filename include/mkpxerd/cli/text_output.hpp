// SPDX-License-Identifier: MIT
// What all commands do with text for people. Whatever comes from elsewhere (names, values, words of other
// programs) goes through printable(), which is base's.
#pragma once

#include <iosfwd>
#include <optional>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/result.hpp"

namespace mkpxerd::cli {

// Whether an error names the line of our sources that found it, for whoever mends the program.
enum class ShowPlace { No, Yes };
// One line a problem, behind "mkpxerd: ". Returns exit_failed.
int report(const Error& error, std::ostream& err, ShowPlace place = ShowPlace::No);
void warn(const Problem& problem, std::ostream& err);
void note(const Problem& problem, std::ostream& err);
// Warnings of a build, and what its file has this mode for; a stream has none.
void tell_findings(const std::vector<Problem>& warnings, const std::vector<Problem>& secrets,
                   std::optional<unsigned> mode, std::ostream& err);

} // namespace mkpxerd::cli
