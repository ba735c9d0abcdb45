// SPDX-License-Identifier: MIT
// How commands print text for people. Untrusted text (names, values, output of other programs) goes through
// printable() of base.
#pragma once

#include <iosfwd>
#include <optional>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/result.hpp"

namespace mkpxerd::cli {

// Whether errors name the source line that found them, for the maintainer.
enum class ShowPlace { No, Yes };
// One line per problem, after "mkpxerd: ". Returns exit_failed.
int report(const Error& error, std::ostream& err, ShowPlace place = ShowPlace::No);
void warn(const Problem& problem, std::ostream& err);
void note(const Problem& problem, std::ostream& err);
// Warnings of a build, and the reason for the mode of its file; a stream has no mode.
void print_findings(const std::vector<Problem>& warnings, const std::vector<Problem>& secrets,
                    std::optional<unsigned> mode, std::ostream& err);

} // namespace mkpxerd::cli
