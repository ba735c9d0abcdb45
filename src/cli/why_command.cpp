// SPDX-License-Identifier: MIT
// Plans the image as a build would, writes nothing, and walks its reasons.
#include "mkpxerd/cli/why_command.hpp"

#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/profile_loader.hpp"
#include "mkpxerd/generator/reason_chains.hpp"

namespace mkpxerd::cli {

int run_why(const std::vector<std::string>& wanted, const generator::CommandOptions& options,
            const CommandContext& context) {
    const auto request = generator::ProfileLoader().load(options);
    if (!request) return report(request.error(), context);
    const auto plan = generator::plan_image(*request);
    if (!plan) return report(plan.error(), context);

    const generator::ReasonChains reasons(plan->tree, request->profile);
    int status = exit_done;
    for (const std::string& what : wanted) {
        const auto entries = reasons.find(what);
        for (const auto* entry : entries)
            context.out << reasons.chain(*entry) << '\n';
        if (!entries.empty()) continue;
        status = exit_failed;
        std::vector<std::string> names;
        for (const auto& entry : plan->tree.entries)
            names.push_back(std::filesystem::path(entry.path).filename().string());
        const auto near = nearest(what, names);
        context.err << fmt::format("mkpxerd: {}: is not in this image{}\n", what,
                                   near ? fmt::format(" (did you mean {}?)", *near) : "");
    }
    return status;
}

} // namespace mkpxerd::cli
