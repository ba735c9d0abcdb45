// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/output/command_context.hpp"

#include "mkpxerd/base/output_place.hpp"
#include "mkpxerd/cli/output/text_output.hpp"

namespace mkpxerd::cli {

int report(const Error& error, const CommandContext& context) {
    return report(error, context.err, context.is_verbose ? ShowPlace::Yes : ShowPlace::No);
}

void warn(const Problem& problem, const CommandContext& context) {
    if (!context.is_quiet) warn(problem, context.err);
}

void note(const Problem& problem, const CommandContext& context) {
    if (!context.is_quiet) note(problem, context.err);
}

std::ostream& message_stream(const std::filesystem::path& output, const CommandContext& context) {
    return is_standard_output(output) ? context.err : context.out;
}

} // namespace mkpxerd::cli
