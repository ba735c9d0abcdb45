// SPDX-License-Identifier: MIT
// A boot as lanes of bars, all on the kernel's clock: report.json -> Chart -> SVG.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mkpxerd::cli {

struct Bar {
    std::string name;
    double begin = 0;                        // seconds since the kernel started
    std::optional<double> end = {};          // nullopt: not over when the report was written
    std::optional<double> queued = {};       // when its wait for the begin began
    bool is_moment = false;                  // begin is all that it has
    std::string code = {};                   // of a failure: MPX-HTTP-01; may be empty although it failed
    std::optional<std::string> problem = {}; // why it failed
    std::string detail = {};
};

struct ChartLane {
    std::string title;
    std::vector<Bar> bars; // by their begin
    std::size_t left_out = 0;
};

struct Chart {
    std::vector<std::string> heading; // the first line is the title
    std::vector<ChartLane> lanes;
    double end = 0; // seconds: of the last time in it
};

} // namespace mkpxerd::cli
