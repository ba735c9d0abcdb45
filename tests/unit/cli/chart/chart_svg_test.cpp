// SPDX-License-Identifier: MIT
// How it looks is tested in a browser: tests/cli/chart_test.py.
#include "mkpxerd/cli/chart/chart_svg.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::cli;

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string picture_of(Bar bar) {
    return chart_svg({{"Boot"}, {{"Modules", {std::move(bar)}, 3}}, 10});
}

} // namespace

TEST_CASE("a bar has its place, its name and its duration") {
    const std::string svg =
        picture_of({.name = "ice", .begin = 0, .end = 5.05, .detail = "pci 0000:00:03.0"});
    CHECK(has(svg, "<rect class=\"bar\" x=\"1.000%\""));
    CHECK(has(svg, "width=\"49.000%\""));
    CHECK(has(svg, ">ice 5.05 s  pci 0000:00:03.0</text>"));
    CHECK(has(svg, "and 3 more"));
}

TEST_CASE("what runs on is open, what failed has its code, what waited its line") {
    CHECK(has(picture_of({.name = "nfs", .begin = 4}), "class=\"bar open\""));
    CHECK(has(picture_of({.name = "nfs", .begin = 4}), ">nfs 6.00 s so far</text>"));
    const std::string failed =
        picture_of({.name = "root", .begin = 1, .end = 2, .code = "MPX-HTTP-01", .problem = "404"});
    CHECK(has(failed, "class=\"bar failed\""));
    CHECK(has(failed, ">failed MPX-HTTP-01: 404</text>"));
    CHECK(has(picture_of({.name = "ice", .begin = 4, .end = 5, .queued = 2}), "<line class=\"wait\""));
    CHECK(has(picture_of({.name = "hand-over", .begin = 5, .end = 5, .is_moment = true}),
              ">hand-over at 5.00 s</text>"));
}

TEST_CASE("a name begins at its bar, or ends there where it has no room") {
    CHECK(has(picture_of({.name = "nfs", .begin = 6, .end = 7}), "<text class=\"s\" x=\"59.218%\" dx=\"3\""));
    const std::string late = picture_of({.name = "snd_soc_hdac_hda", .begin = 6, .end = 7});
    CHECK(has(late, "<text class=\"s\" x=\"68.921%\" dx=\"-3\" text-anchor=\"end\""));
    CHECK(has(late, "<text class=\"l\" x=\"59.218%\" dx=\"3\""));
}

TEST_CASE("a text of a report cannot become markup") {
    const std::string svg = picture_of({.name = "</text><script>alert(1)</script>",
                                        .begin = 1,
                                        .end = 2,
                                        .problem = "\"&\x1b[1m\xEF\xBF\xBF",
                                        .detail = "<a>"});
    CHECK(!has(svg, "<script"));
    CHECK(!has(svg, "\x1b"));
    CHECK(!has(svg, "\xEF\xBF\xBF"));
    CHECK(has(svg, "&quot;&amp;\\x1b[1m"));
}

TEST_CASE("texts are cut to columns") {
    CHECK(fitted("network", 7) == "network");
    CHECK(fitted("network", 6) == "netwo\xE2\x80\xA6");
    CHECK(fitted("network", 1) == "\xE2\x80\xA6");
    CHECK(fitted("network", 0).empty());
    CHECK(fitted("\xE7\xBD\x91\xE7\xBB\x9C", 4) == "\xE7\xBD\x91\xE7\xBB\x9C"); // two columns each
    CHECK(fitted("\xE7\xBD\x91\xE7\xBB\x9C", 3) == "\xE7\xBD\x91\xE2\x80\xA6");
}

TEST_CASE("the axis has round steps in a fitting unit") {
    CHECK(axis_scale(9, 10).step == 1);
    CHECK(axis_scale(9, 4).step == 5);
    CHECK(axis_scale(3.4, 8).step == Approx(0.5));
    CHECK(axis_scale(0, 4).step > 0);
    CHECK(axis_scale(600, 4).unit_name == "min");
    CHECK(axis_scale(600, 4).step == 300);
    CHECK(axis_scale(1e9, 4).unit_name == "d");
    CHECK(duration_text(0.0041) == "4 ms");
    CHECK(duration_text(0.9996) == "1.00 s");
    CHECK(duration_text(340) == "340 s");
}
