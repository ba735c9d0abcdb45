// SPDX-License-Identifier: MIT
// Plans the image as a build would, writes nothing, and walks its reasons.
#include "mkpxerd/cli/why_command.hpp"

#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/profile_loader.hpp"
#include "mkpxerd/generator/reason_chains.hpp"

namespace mkpxerd::cli {

int run_why(const std::vector<std::string>& wanted, const generator::CommandOptions& options, bool json,
            const CommandContext& context) {
    const auto request = generator::ProfileLoader().load(options);
    if (!request) return report(request.error(), context);
    const auto plan = generator::plan_image(*request);
    if (!plan) return report(plan.error(), context);

    const generator::ReasonChains reasons(plan->tree, request->profile);
    int status = exit_done;
    JsonWriter list;
    list.begin_array();
    for (const std::string& what : wanted) {
        const auto entries = reasons.find(what);
        for (const auto* entry : entries) {
            const std::string chain = reasons.chain(*entry);
            if (json)
                list.begin_object()
                    .field("asked", what)
                    .field("path", entry->path)
                    .field("bytes", entry->size)
                    .field("why", chain)
                    .end_object();
            else
                context.out << printable(chain) << '\n';
        }
        if (!entries.empty()) continue;
        status = exit_failed;
        std::vector<std::string> names;
        for (const auto& entry : plan->tree.entries)
            names.push_back(std::filesystem::path(entry.path).filename().string());
        const auto near = nearest(what, names);
        report(Error(what, "is not in this image", near ? fmt::format("did you mean {}?", *near) : ""),
               context);
    }
    if (json) context.out << list.end_array().text();
    return status;
}

} // namespace mkpxerd::cli
