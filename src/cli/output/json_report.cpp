// SPDX-License-Identifier: MIT
// First the fields of the text report, then those for programs only.
#include "mkpxerd/cli/output/json_report.hpp"

#include <fmt/format.h>

namespace mkpxerd::cli {
namespace {

// Milliseconds of writing, or of all stages before it.
std::int64_t time_of(const generator::BuildReport& report, bool writing) {
    std::int64_t milliseconds = 0;
    for (const generator::StageTime& each : report.timings)
        if ((each.stage == "write") == writing) milliseconds += each.time.count();
    return milliseconds;
}

} // namespace

void add_problems(JsonWriter& json, std::string_view key, const std::vector<Problem>& problems) {
    json.key(key).begin_array();
    for (const Problem& problem : problems)
        json.begin_object()
            .field("object", problem.object)
            .field("text", problem.text)
            .field("hint", problem.hint)
            .field("place", problem.place.text())
            .end_object();
    json.end_array();
}

std::string json_report(const generator::BuildReport& report, const generator::BuildRequest& request) {
    JsonWriter json;
    json.begin_object()
        .field("output", report.output.string())
        .field("compression", wrap::format_name(request.compression.format))
        .field("image_bytes", report.image_bytes)
        .field("archive_bytes", report.archive_bytes)
        .field("memory_bytes", report.memory.with_root)
        .field("memory_bytes_without_root", report.memory.without_root)
        .field("mode", report.mode ? fmt::format("{:04o}", *report.mode) : "")
        .field("kernel", report.kernel_version)
        .field("profile", request.profile)
        .key("features")
        .begin_array();
    for (const std::string& name : report.features)
        json.value(name);
    json.end_array()
        .field("modules", report.modules)
        .field("firmware", report.firmware)
        .field("entries", report.entries)
        .key("milliseconds")
        .begin_object()
        .field("plan", time_of(report, false))
        .field("write", time_of(report, true))
        .end_object()
        .key("timings")
        .begin_object();
    for (const generator::StageTime& each : report.timings)
        json.field(each.stage, each.time.count());
    json.end_object().key("missing_firmware").begin_array();
    for (const generator::MissingFirmware& blob : report.missing_firmware)
        json.begin_object().field("module", blob.module).field("name", blob.name).end_object();
    json.end_array();
    json.key("left_out").begin_array();
    for (const generator::LeftOut& driver : report.left_out)
        json.value(driver.module);
    json.end_array();
    add_problems(json, "secrets", report.secrets);
    add_problems(json, "warnings", report.warnings);
    json.key("contents").begin_array();
    for (const generator::ReportedEntry& entry : report.contents)
        json.begin_object()
            .field("path", entry.path)
            .field("bytes", entry.bytes)
            .field("why", entry.why)
            .end_object();
    json.end_array().end_object();
    return json.text();
}

} // namespace mkpxerd::cli
