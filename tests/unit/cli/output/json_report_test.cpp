// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/output/json_report.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::generator;
using namespace std::chrono_literals;

namespace {

// Without the lines and the spaces between.
std::string compact(std::string_view json) {
    std::string out;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (json[i] == '"' && (i == 0 || json[i - 1] != '\\')) in_string = !in_string;
        if (in_string || (json[i] != '\n' && json[i] != ' ')) out += json[i];
    }
    return out;
}

} // namespace

TEST_CASE("an empty report is whole JSON, with every field") {
    const std::string json = cli::json_report({}, {});
    CHECK(json.back() == '\n');
    CHECK(
        compact(json) ==
        R"({"output":"","compression":"gzip","image_bytes":0,"archive_bytes":0,"memory_bytes":0,"memory_bytes_without_root":0,"mode":"","kernel":"",)"
        R"("profile":"","features":[],"modules":0,"firmware":0,"entries":0,"milliseconds":{"plan":0,"write":0},)"
        R"("timings":{},"missing_firmware":[],"left_out":[],"secrets":[],"warnings":[],"contents":[]})");
}

TEST_CASE("a report has its numbers, lists and times, and no text of it can end a string") {
    BuildRequest request;
    request.profile = "network";
    request.compression.format = wrap::Format::Xz;
    BuildReport report;
    report.output = "/a\"b\n";
    report.image_bytes = 5000000000;
    report.mode = 0640;
    report.features = {"base", "nfs"};
    report.timings = {{.stage = "features", .time = 3ms},
                      {.stage = "modules", .time = 4ms},
                      {.stage = "write", .time = 9ms}};
    report.missing_firmware = {{.module = "tg3", .name = "tigon/tg3.bin"}};
    report.left_out = {{.module = "e1000", .reason = {}}};
    report.warnings = {
        {.object = "x", .text = "is \\odd", .hint = "mend it", .code = {}, .place = {"a.cpp", 7}}};
    report.contents = {{.path = "init", .bytes = 7, .why = "init <- every image"}};
    const std::string json = compact(cli::json_report(report, request));
    for (const char* part :
         {R"("output":"/a\"b\n")", R"("compression":"xz")", R"("image_bytes":5000000000)", R"("mode":"0640")",
          R"("features":["base","nfs"])", R"("milliseconds":{"plan":7,"write":9})",
          R"("timings":{"features":3,"modules":4,"write":9})",
          R"("missing_firmware":[{"module":"tg3","name":"tigon/tg3.bin"}])", R"("left_out":["e1000"])",
          R"("warnings":[{"object":"x","text":"is \\odd","hint":"mend it","place":"a.cpp:7"}])",
          R"("contents":[{"path":"init","bytes":7,"why":"init <- every image"}])"})
        CHECK_THAT(json, Catch::Contains(part));
}
