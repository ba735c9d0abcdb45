// SPDX-License-Identifier: MIT
// The init indents what it writes: only the end of a whole report is a brace at the start of a line, and only
// at its begin two spaces follow the line of a brace. A report that was torn may precede that begin.
#include "mkpxerd/deploy/trial/report_catcher.hpp"

#include "mkpxerd/wrap/json_value.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr std::size_t max_bytes = std::size_t{2} << 20; // of a report
constexpr std::string_view begin_of_report = "{\n  \"";
constexpr std::string_view end_of_report = "\n}\n";

} // namespace

void ReportCatcher::feed(std::string_view bytes) {
    pending_ += bytes;
    for (auto end = pending_.find(end_of_report); end != std::string::npos;
         end = pending_.find(end_of_report)) {
        std::string report = pending_.substr(0, end + end_of_report.size());
        pending_.erase(0, report.size());
        if (const auto begin = report.rfind(begin_of_report); begin != std::string::npos)
            report.erase(0, begin);
        if (wrap::parse_json(report, "report")) last_ = std::move(report);
    }
    if (pending_.size() > max_bytes) pending_.clear();
}

} // namespace mkpxerd::deploy
