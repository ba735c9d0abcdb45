// SPDX-License-Identifier: MIT
// Reports of boots, from any machine: what is drawn is well-formed, has no markup of the report, and is
// bounded by it.
#include "harness.hpp"

#include "mkpxerd/cli/chart/chart_svg.hpp"
#include "mkpxerd/cli/chart/report_reader.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;

namespace {

constexpr std::size_t most_of_a_byte = 400; // of the report: short events, three texts each
constexpr std::size_t frame = 20000;        // axis and style

// Between "<" and ">" there is no other one, and no control character is anywhere.
void require_markup(std::string_view svg) {
    bool inside = false;
    for (const char c : svg) {
        require(c != '<' || !inside);
        require(c != '>' || inside);
        if (c == '<') inside = true;
        if (c == '>') inside = false;
        require(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
    }
    require(!inside);
    require(svg.find("<script") == std::string_view::npos);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    const auto chart = cli::read_report(text, "report.json");
    if (!chart) {
        require(!chart.error().problems().empty() && chart.error().problems().size() <= 20);
        for (const Problem& problem : chart.error().problems())
            require(problem.object.starts_with("report.json"));
        return 0;
    }
    for (const cli::ChartLane& lane : chart->lanes)
        require(lane.bars.size() <= cli::max_lane_bars);
    const std::string svg = cli::chart_svg(*chart);
    require_markup(svg);
    require(svg.size() <= frame + most_of_a_byte * size);
    return 0;
}
