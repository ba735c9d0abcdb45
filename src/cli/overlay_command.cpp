// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/overlay_command.hpp"

#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/confinement.hpp"
#include "mkpxerd/cli/json_report.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/build_request.hpp"

namespace mkpxerd::cli {

int run_overlay(const std::vector<std::filesystem::path>& paths, const generator::CommandOptions& output,
                const CommandContext& context) {
    const auto request = generator::load_output_request(output);
    if (!request) return report(request.error(), context);
    confine_output(*request, {}, context);
    const auto done = generator::build_overlay(*request, paths);
    if (!done) return report(done.error(), context);
    std::ostream& out = message_stream(request->output, context);
    if (context.wants_json) {
        out << json_report(*done, *request);
        return exit_done;
    }
    if (context.is_quiet) return exit_done;
    print_findings(done->warnings, done->secrets, done->mode, context.err);
    out << fmt::format("{}: {} bytes, {} ({} unpacked)\n  files    {}\n", printable(done->output.string()),
                       done->image_bytes, wrap::format_name(request->compression.format),
                       human_bytes(done->archive_bytes), done->entries);
    return exit_done;
}

} // namespace mkpxerd::cli
