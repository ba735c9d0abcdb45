// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/chart/chart_command.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::cli;

namespace {

constexpr const char* report_text =
    R"({"result": "handover", "init": "/sbin/init", "timeline": {"written": 2, "phases": [{"name": "network", "begin": 1, "end": 2}]}})";

struct Ran {
    int code;
    std::string out;
    std::string err;
};

Ran draw(const ChartOptions& options) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = run_chart(options, CommandContext{out, err, {}, {}, {}, false, {}, false});
    return {code, out.str(), err.str()};
}

} // namespace

TEST_CASE("chart draws to standard output, or into a file") {
    const test::TempDir directory;
    REQUIRE(write_file(directory.path() / "r.json", report_text));
    const Ran printed = draw({directory.path() / "r.json"});
    CHECK(printed.code == exit_done);
    CHECK(printed.out.starts_with("<svg "));
    const Ran written = draw({directory.path() / "r.json", directory.path() / "boot.svg"});
    CHECK(written.code == exit_done);
    CHECK(written.out.empty());
    CHECK(read_file(directory.path() / "boot.svg").value_or("") == printed.out);
}

TEST_CASE("a bad report leaves an old picture as it was") {
    const test::TempDir directory;
    REQUIRE(write_file(directory.path() / "r.json", "{\"result\": \"failed\"}"));
    REQUIRE(write_file(directory.path() / "boot.svg", "old"));
    const Ran ran = draw({directory.path() / "r.json", directory.path() / "boot.svg"});
    CHECK(ran.code == exit_failed);
    CHECK(ran.err.find("r.json: has no timeline") != std::string::npos);
    CHECK(read_file(directory.path() / "boot.svg").value_or("") == "old");
    CHECK(draw({directory.path() / "absent.json"}).code == exit_failed);
}
