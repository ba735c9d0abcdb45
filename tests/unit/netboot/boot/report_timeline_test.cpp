// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/report_timeline.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/contract/failure_codes.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;
using Lane = Timeline::Lane;

namespace {

std::string written(const ReportTimeline& timeline) {
    JsonWriter json;
    json.begin_object();
    write_timeline(json, timeline);
    return json.end_object().text();
}

bool has(const std::string& json, std::string_view text) {
    return json.find(text) != std::string::npos;
}

} // namespace

TEST_CASE("the timeline has the kernel's times and those of the init on one clock") {
    ReportTimeline timeline;
    timeline.events.kernel = {520100us, 1720200us, std::nullopt, 0us};
    timeline.modules = {{"virtio_net", "virtio virtio0", Clock::time_point(1950ms), Clock::time_point(1960ms),
                         Clock::time_point(2s), ""},
                        {"ice", "", Clock::time_point(2s), {}, {}, ""},
                        {"bad", "", Clock::time_point(2s), {}, {}, "Invalid argument"}};
    timeline.written = Clock::time_point(3s);
    const std::string json = written(timeline);
    CHECK(has(json, "\"unpack_begin\": 0.520100,\n      \"unpack_end\": 1.720200\n"));
    CHECK(has(json,
              "\"device\": \"virtio virtio0\",\n        \"queued\": 1.950000,\n        \"begin\": 1.960000,"
              "\n        \"end\": 2.000000\n"));
    CHECK(has(json, "\"queued\": 2.000000\n      }")); // still waiting
    CHECK(has(json, "\"problem\": \"Invalid argument\""));
    CHECK(has(json, "\"written\": 3.000000"));
    CHECK(!has(json, "handover"));
    timeline.events.kernel.offset = -250ms; // the kernel's clock is behind that of the init
    CHECK(has(written(timeline), "\"queued\": 1.700000"));
    CHECK(has(written(timeline), "\"unpack_begin\": 0.520100"));
    timeline.events.kernel.offset = -10s;
    CHECK(has(written(timeline), "\"queued\": 0.000000"));
    timeline.events.kernel.offset = 0s;
    timeline.handed_over = true;
    CHECK(has(written(timeline), "\"handover\": 3.000000"));
}

TEST_CASE("a failed download has its code, and no secret") {
    ReportTimeline timeline;
    Timeline& events = timeline.events;
    events.begin(Lane::Downloads, "apkovl", "http://u:secret1@h/x?t=secret2");
    events.receive("apkovl", 1234);
    events.fail(
        Lane::Downloads, "apkovl",
        Error(Problem{.object = "http://u:secret1@h/x", .text = "404", .code = Failure::HttpNotFound}));
    events.begin(Lane::Interfaces, "eth0", "e1000e");
    events.reach(Lane::Interfaces, "eth0", Timeline::Step::Carrier);
    const std::string json = written(timeline);
    CHECK(has(json, "\"code\": \"MPX-HTTP-01\""));
    CHECK(has(json, "\"bytes\": 1234"));
    CHECK(has(json, "\"first_byte\": "));
    CHECK(has(json, "\"driver\": \"e1000e\""));
    CHECK(has(json, "\"carrier\": "));
    CHECK(!has(json, "\"lease\": "));
    CHECK(!has(json, "secret"));
}
