// SPDX-License-Identifier: MIT
// Plans the image as a build does, writes nothing, and follows its reasons.
#include "mkpxerd/cli/why_command.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/cli/text_output.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/archive/reason_chains.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/generator/pipeline.hpp"
#include "mkpxerd/generator/request/build_request.hpp"

namespace mkpxerd::cli {

namespace {

// One answer, for people or as JSON.
class Answers {
  public:
    Answers(bool json, std::ostream& out) : json_(json), out_(out) { list_.begin_array(); }
    void add(const std::string& asked, const std::string& path, std::uint64_t bytes, const std::string& why) {
        if (json_)
            list_.begin_object()
                .field("asked", asked)
                .field("path", path)
                .field("bytes", bytes)
                .field("why", why)
                .end_object();
        else
            out_ << printable(why) << '\n';
    }
    void finish() {
        if (json_) out_ << list_.end_array().text();
    }

  private:
    bool json_;
    std::ostream& out_;
    JsonWriter list_;
};

} // namespace

int run_why(std::vector<std::string> wanted, const generator::CommandOptions& options, bool json,
            const CommandContext& context) {
    const auto request = generator::load_request(options);
    if (wanted.empty() && (!request || request->hardware.empty())) {
        context.err << "mkpxerd: why: name a path, a module or a file, or use --hardware to list all that it "
                       "leaves out\n";
        return exit_usage;
    }
    if (!request) return report(request.error(), context);
    const auto plan = generator::plan_image(*request);
    if (!plan) return report(plan.error(), context);

    const generator::ReasonChains reasons(plan->tree, request->profile);
    const auto& left_out = plan->report.left_out;
    if (wanted.empty())
        for (const generator::LeftOut& driver : left_out)
            wanted.push_back(driver.module);
    int status = exit_done;
    Answers answers(json, context.out);
    for (const std::string& what : wanted) {
        const auto entries = reasons.find(what);
        for (const auto* entry : entries)
            answers.add(what, entry->path, entry->size, reasons.chain(*entry));
        if (!entries.empty()) continue;
        const auto driver = std::ranges::find(left_out, module_name_of(what), &generator::LeftOut::module);
        if (driver != left_out.end()) {
            answers.add(what, "", 0, reasons.chain(*driver));
            continue;
        }
        status = exit_failed;
        std::vector<std::string> names;
        for (const auto& entry : plan->tree.entries)
            names.push_back(std::filesystem::path(entry.path).filename().string());
        const auto near = nearest(what, names);
        report(Error(what, "is not in this image", near ? fmt::format("did you mean {}?", *near) : ""),
               context);
    }
    answers.finish();
    return status;
}

} // namespace mkpxerd::cli
