// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/chart/report_reader.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace mkpxerd;
using namespace mkpxerd::cli;

namespace {

std::string report_with(const std::string& timeline, const std::string& more = "") {
    return fmt::format(R"({{"result": "handover", "init": "/sbin/init", "image": "0.2", "kernel": "6.1",{}
"timeline": {{"written": 9.5, {}}}}})",
                       more, timeline);
}

Chart chart_of(const std::string& timeline) {
    const auto chart = read_report(report_with(timeline), "r.json");
    INFO((chart ? "" : chart.error().text()));
    REQUIRE(chart);
    return *chart;
}

std::vector<std::string> names_of(const ChartLane& lane) {
    std::vector<std::string> names;
    for (const Bar& bar : lane.bars)
        names.push_back(bar.name);
    return names;
}

std::string error_of(const std::string& text) {
    const auto chart = read_report(text, "r.json");
    return chart ? "" : chart.error().text();
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("the kernel's lane has what the kernel's log told, and nothing that it did not") {
    const Chart chart = chart_of(R"("kernel": {"unpack_begin": 0.5, "unpack_end": 0.75, "run_init": 2})");
    REQUIRE(chart.lanes.size() == 1);
    CHECK(names_of(chart.lanes[0]) == Names{"kernel until /init", "unpacks image"});
    CHECK(chart.lanes[0].bars[1].end == 0.75);
    CHECK(chart.end == 9.5);
    CHECK(chart.heading[0] == "Handed over to /sbin/init after 9.50 s");
    CHECK(chart_of(R"("kernel": {"unpack_begin": 0.5})").lanes.empty());
}

TEST_CASE("an interface has a bar for each thing that it waits for") {
    const Chart chart = chart_of(R"("interfaces": [
        {"name": "eth0", "driver": "e1000e", "begin": 2, "carrier": 3, "discover": 2.1, "lease": 3.5, "reach": 3.6, "end": 3.7},
        {"name": "eth1", "driver": "ice", "begin": 2, "carrier": 2, "discover": 2.2, "end": 3.7,
         "code": "MPX-DHCP-01", "problem": "no offer"},
        {"name": "eth2", "driver": "", "begin": 2.5, "carrier": 2.5}])");
    REQUIRE(chart.lanes.size() == 1);
    CHECK(names_of(chart.lanes[0]) == Names{"eth0 carrier", "eth0 DHCP", "eth1 DHCP", "eth2", "eth0 reach"});
    CHECK(chart.lanes[0].bars[1].end == 3.5);
    CHECK(chart.lanes[0].bars[2].problem == "no offer");
    CHECK(chart.lanes[0].bars[2].code == "MPX-DHCP-01");
    CHECK(!chart.lanes[0].bars[3].end);
}

TEST_CASE("modules wait, load and fail") {
    const Chart chart = chart_of(R"("modules": [
        {"name": "ice", "device": "pci 0000:00:03.0", "queued": 1, "begin": 2, "end": 3},
        {"name": "nfs", "device": "", "queued": 4},
        {"name": "bad", "device": "", "queued": 5, "problem": "Invalid argument"}])");
    const auto& bars = chart.lanes.at(0).bars;
    CHECK(bars[0].queued == 1.0);
    CHECK(bars[0].detail == "pci 0000:00:03.0");
    CHECK(!bars[1].end);
    CHECK(bars[2].end == 5.0);
    CHECK(bars[2].problem == "Invalid argument");
}

TEST_CASE("downloads, mounts and phases have their particulars, and the hand-over is a moment") {
    const Chart chart = chart_of(R"("phases": [{"name": "network", "begin": 2, "end": 3, "attempts": 2},
                       {"name": "handover", "begin": 9, "attempts": 1}],
        "downloads": [{"name": "root", "url": "http://h/r", "bytes": 1200000, "attempts": 1, "begin": 3, "first_byte": 3.25, "end": 4}],
        "mounts": [{"name": "/newroot", "what": "nfs h:/srv", "begin": 4}], "handover": 9.5)");
    REQUIRE(chart.lanes.size() == 3);
    CHECK(names_of(chart.lanes[0]) == Names{"network", "handover", "hand-over"});
    CHECK(chart.lanes[0].bars[0].detail == "2 attempts");
    CHECK(chart.lanes[0].bars[1].end == 9.5);
    CHECK(chart.lanes[0].bars[2].is_moment);
    CHECK(chart.lanes[1].bars[0].detail == "1.20 MB, first byte after 0.25 s, http://h/r");
    CHECK(chart.lanes[2].bars[0].detail == "nfs h:/srv");
}

TEST_CASE("the heading of a failure has its code") {
    const auto chart =
        read_report(report_with("\"kernel\": {}", R"("failure": {"code": "MPX-NET-01", "stage": "network",
                    "object": "eth0", "text": "no carrier"},)"),
                    "r.json");
    REQUIRE(chart);
    CHECK(chart->heading[0] == "Failed MPX-NET-01 in network after 9.50 s");
    CHECK(chart->heading[1] == "eth0: no carrier");
}

TEST_CASE("the heading says how many older events the report lacks") {
    const auto last_of = [](const std::string& timeline) { return chart_of(timeline).heading.back(); };
    CHECK(last_of("\"dropped\": 17") == "older events that the report lacks: 17");
    CHECK(last_of("\"dropped\": 0") == "mkpxerd 0.2, kernel 6.1");
    CHECK(last_of("\"kernel\": {}") == "mkpxerd 0.2, kernel 6.1");
    CHECK(last_of("\"dropped\": 1e300").size() < 80);
    CHECK(error_of(report_with("\"dropped\": \"x\"")).find("dropped is not a number") != std::string::npos);
}

TEST_CASE("a report that cannot be drawn is refused, with all its problems") {
    CHECK(error_of("{}") ==
          "r.json: is not the report of a boot (give the report.json that /init has written)");
    CHECK(error_of(R"({"result": "handover", "image": "0.1.0"})") ==
          "r.json: has no timeline: an image of mkpxerd 0.1.0 wrote it (build the image again by this "
          "mkpxerd, and boot it)");
    CHECK(error_of("[").starts_with("r.json:1: "));
    CHECK(error_of(std::string(max_report_bytes + 1, ' ')).starts_with("r.json: is larger than "));
    CHECK(error_of("{\"result\": \"failed\", \"timeline\": 1}").find("timeline is not an object") !=
          std::string::npos);
    const std::string errors =
        error_of(report_with("\"phases\": [{\"name\": 1,\n\"begin\": 2, \"end\": 1}, {\"name\": \"x\"}, 7,"
                             "{\"name\": \"y\", \"begin\": -1}], \"mounts\": {}"));
    for (const char* text : {"r.json:2: name is not a text", "an event that ends before it begins",
                             "an event without its begin", "phases has an item that is not an object",
                             "r.json:3: begin is not a time in seconds", "mounts is not a list"})
        CHECK(errors.find(text) != std::string::npos);
}

TEST_CASE("a lane has a limit, and counts the rest") {
    std::string events;
    for (std::size_t i = 0; i < max_lane_bars + 5; ++i)
        events += fmt::format("{}{{\"name\": \"m{}\", \"begin\": 1, \"end\": 2}}", i == 0 ? "" : ",", i);
    const Chart chart = chart_of("\"mounts\": [" + events + "]");
    CHECK(chart.lanes[0].bars.size() == max_lane_bars);
    CHECK(chart.lanes[0].left_out == 5);
}
