// SPDX-License-Identifier: MIT
// Chart -> an SVG document of its own: without scripts, fonts or other files.
#pragma once

#include <string>
#include <string_view>

#include "mkpxerd/cli/chart/chart.hpp"

namespace mkpxerd::cli {

std::string chart_svg(const Chart& chart);

// The text in at most so many columns, the last one "…" when it was longer. A character beyond the Latin ones
// may take two columns.
std::string fitted(std::string_view text, std::size_t columns);
// "4 ms", "1.23 s", "340 s"
std::string duration_text(double seconds);
// Distance of the axis' ticks, in seconds: 1, 2 or 5 of a power of ten of its unit, at most so many of them.
struct AxisScale {
    double step = 1;
    double unit = 1; // seconds
    std::string_view unit_name = "s";
};
AxisScale axis_scale(double end, unsigned max_ticks);

} // namespace mkpxerd::cli
