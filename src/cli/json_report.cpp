// SPDX-License-Identifier: MIT
// Written by hand: the report is flat, and every text goes through json_text.
#include "mkpxerd/cli/json_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mkpxerd::cli {
namespace {

template <class Items, class ToText>
std::string json_list(const Items& items, ToText&& to_json) {
    std::vector<std::string> texts;
    for (const auto& item : items)
        texts.push_back(to_json(item));
    return fmt::format("[{}]", fmt::join(texts, ", "));
}

std::string json_problem(const Problem& problem) {
    return fmt::format("{{\"object\": {}, \"text\": {}}}", json_text(problem.object),
                       json_text(problem.text));
}

} // namespace

std::string json_text(std::string_view text) {
    std::string json = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            json += fmt::format("\\{}", c);
        else if (static_cast<unsigned char>(c) < 0x20)
            json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            json += c;
    }
    return json + '"';
}

std::string json_report(const generator::BuildReport& report, const generator::BuildRequest& request) {
    std::string json = "{\n";
    const auto line = [&](std::string_view key, const std::string& value, const char* end = ",") {
        json += fmt::format("  \"{}\": {}{}\n", key, value, end);
    };
    line("output", json_text(report.output.string()));
    line("compression", json_text(wrap::format_name(request.compression.format)));
    line("image_bytes", fmt::format("{}", report.image_bytes));
    line("archive_bytes", fmt::format("{}", report.archive_bytes));
    line("mode", json_text(fmt::format("{:04o}", report.mode)));
    line("kernel", json_text(report.kernel_version));
    line("profile", json_text(request.profile));
    line("features", json_list(report.features, [](const std::string& name) { return json_text(name); }));
    line("modules", fmt::format("{}", report.modules));
    line("firmware", fmt::format("{}", report.firmware));
    line("entries", fmt::format("{}", report.entries));
    line("milliseconds",
         fmt::format("{{\"plan\": {}, \"write\": {}}}", report.plan_time.count(), report.write_time.count()));
    line("missing_firmware", json_list(report.missing_firmware, [](const generator::MissingFirmware& blob) {
             return fmt::format("{{\"module\": {}, \"name\": {}}}", json_text(blob.module),
                                json_text(blob.name));
         }));
    line("secrets", json_list(report.secrets, json_problem));
    line("warnings", json_list(report.warnings, json_problem));
    line("contents",
         json_list(report.contents,
                   [](const generator::ReportedEntry& entry) {
                       return fmt::format("\n    {{\"path\": {}, \"bytes\": {}, \"why\": {}}}",
                                          json_text(entry.path), entry.bytes, json_text(entry.why));
                   }),
         "");
    return json + "}\n";
}

} // namespace mkpxerd::cli
