// SPDX-License-Identifier: MIT
// Positions across are percentages of the viewer's width, positions down are pixels, and text has one size at
// every width. A viewBox would scale the text with the picture: on a phone nobody could read it. Each row has
// one text, so texts cannot overlap. It begins where its bar does, or ends there in the right half: either
// way it has half of the width. CSS chooses between texts for three widths; the font has a fixed width, so
// their columns can be counted here.
#include "mkpxerd/cli/chart/chart_svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "mkpxerd/base/printable.hpp"

namespace mkpxerd::cli {
namespace {

constexpr double left = 1;     // percent, of the axis' begin
constexpr double width = 98;   // percent, of the axis
constexpr double column = 7.4; // pixels, of the widest usual font
constexpr unsigned row_height = 20;
constexpr unsigned line_height = 18;
constexpr unsigned lane_gap = 12;
constexpr unsigned axis_height = 24;
constexpr std::size_t least_name = 12; // columns: the name goes before the duration
constexpr double min_bar = 0.15;       // percent: a bar is seen, however short it is

// A text for each range of the viewer's widths, for the narrowest of it.
struct Size {
    const char* name; // of the class
    double pixels;
    unsigned max_ticks;
};
constexpr std::array sizes = {Size{"s", 320, 4}, Size{"m", 640, 8}, Size{"l", 1200, 12}};

constexpr std::string_view style = R"(<style>
svg{background:#fff}
text{font:12px monospace;fill:#111;white-space:pre}
.h{font-weight:bold}
.bar{fill:#a6cee8;stroke:#2b6a96}
.failed{fill:#f2b076;stroke:#8a3c00;stroke-width:2}
.open{fill:url(#fade);stroke:none}
.wait{stroke:#777}
.grid{stroke:#ddd}
.m,.l{display:none}
@media (min-width:640px){.s{display:none}.m{display:inline}}
@media (min-width:1200px){.m{display:none}.l{display:inline}}
</style>
<defs><linearGradient id="fade"><stop offset="0" stop-color="#a6cee8"/><stop offset="0.6" stop-color="#a6cee8"/><stop offset="1" stop-color="#a6cee8" stop-opacity="0"/></linearGradient></defs>
)";

std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : printable(text))
        if (c == '&')
            safe += "&amp;";
        else if (c == '<')
            safe += "&lt;";
        else if (c == '>')
            safe += "&gt;";
        else if (c == '"')
            safe += "&quot;";
        else
            safe += c;
    // Not characters, and not allowed in XML (XML 1.0, 2.2).
    for (const std::string_view refused : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"})
        for (auto at = safe.find(refused); at != std::string::npos; at = safe.find(refused, at + 1))
            safe.replace(at, refused.size(), "\xEF\xBF\xBD");
    return safe;
}

std::size_t columns_of(double pixels) {
    return static_cast<std::size_t>(std::max(pixels, 0.0) / column);
}

bool fits(std::string_view text, std::size_t columns) {
    return fitted(text, columns) == printable(text);
}

class Picture {
  public:
    explicit Picture(const Chart& chart) : chart_(chart), end_(std::max(chart.end, 1e-3) * 1.01) {}

    std::string draw() {
        for (std::size_t i = 0; i < chart_.heading.size(); ++i)
            add_line(chart_.heading[i], i == 0);
        const unsigned top = y_;
        y_ += axis_height;
        for (const ChartLane& lane : chart_.lanes)
            add_lane(lane);
        y_ += lane_gap;
        const std::string grid = axis(top, y_);
        y_ += axis_height;
        return fmt::format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%\" height=\"{}\">\n<title>{}</title>\n"
            "{}<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{}{}</svg>\n",
            y_, escaped(chart_.heading.empty() ? "" : chart_.heading.front()), style, grid, body_);
    }

  private:
    double x_of(double seconds) const { return left + width * seconds / end_; }

    // A line of its own, across the whole width.
    void add_line(std::string_view text, bool is_title, bool at_right = false) {
        y_ += line_height;
        for (const Size& size : sizes)
            body_ += fmt::format("<text class=\"{}{}\" x=\"{}%\" {}y=\"{}\">{}</text>\n", size.name,
                                 is_title ? " h" : "", at_right ? left + width : left,
                                 at_right ? "text-anchor=\"end\" " : "", y_ - 4,
                                 escaped(fitted(text, columns_of(size.pixels * width / 100))));
    }

    void add_lane(const ChartLane& lane) {
        y_ += lane_gap;
        add_line(lane.title, true);
        for (const Bar& bar : lane.bars)
            add_bar(bar);
        if (lane.left_out > 0) add_line(fmt::format("and {} more", lane.left_out), false);
    }

    void add_bar(const Bar& bar) {
        const double begin = x_of(bar.begin);
        const double end = bar.end ? x_of(*bar.end) : left + width;
        body_ += fmt::format("<g data-name=\"{}\"><title>{}</title>\n", escaped(bar.name),
                             escaped(whole_text(bar)));
        if (bar.queued)
            body_ += fmt::format("<line class=\"wait\" x1=\"{:.3f}%\" x2=\"{:.3f}%\" y1=\"{}\" y2=\"{}\"/>\n",
                                 x_of(*bar.queued), begin, y_ + row_height / 2, y_ + row_height / 2);
        body_ +=
            fmt::format("<rect class=\"bar{}{}\" x=\"{:.3f}%\" y=\"{}\" width=\"{:.3f}%\" height=\"{}\"/>\n",
                        bar.problem ? " failed" : "", bar.end ? "" : " open", begin, y_ + 2,
                        std::max(end - begin, min_bar), row_height - 4);
        add_label(bar, begin, end);
        y_ += row_height;
        if (bar.problem) add_problem(bar);
        body_ += "</g>\n";
    }

    // From the begin of the bar on, if name and duration have room there or the bar begins in the left half;
    // else up to its end.
    void add_label(const Bar& bar, double begin, double end) {
        const std::string time = bar.is_moment ? fmt::format(" at {}", duration_text(bar.begin))
                                 : bar.end     ? " " + duration_text(*bar.end - bar.begin)
                                           : fmt::format(" {} so far", duration_text(chart_.end - bar.begin));
        for (const Size& size : sizes) {
            const std::size_t after = columns_of(size.pixels * (left + width - begin) / 100 - 6);
            const bool from_begin = begin <= left + width / 2 || fits(bar.name + time, after);
            const std::size_t columns = from_begin ? after : columns_of(size.pixels * (end - left) / 100 - 6);
            const std::size_t for_name = std::max(columns - std::min(columns, time.size()), least_name);
            const std::string named = fitted(bar.name, for_name) + time;
            const std::string text =
                fitted(bar.detail.empty() ? named : fmt::format("{}  {}", named, bar.detail), columns);
            body_ += fmt::format("<text class=\"{}\" x=\"{:.3f}%\" {}y=\"{}\">{}</text>\n", size.name,
                                 from_begin ? begin : end,
                                 from_begin ? "dx=\"3\" " : "dx=\"-3\" text-anchor=\"end\" ",
                                 y_ + row_height - 6, escaped(text));
        }
    }

    // Below its bar, across the whole width: the code has to fit everywhere.
    void add_problem(const Bar& bar) {
        add_line(fmt::format("failed {}{}{}", bar.code, bar.code.empty() ? "" : ": ", *bar.problem), false,
                 bar.begin > end_ / 2);
    }

    // What a pointer on the bar shows.
    std::string whole_text(const Bar& bar) const {
        std::string text = fmt::format("{}: {:.3f} s", bar.name, bar.begin);
        if (!bar.end)
            text += " and still running";
        else if (!bar.is_moment)
            text += fmt::format(" to {:.3f} s", *bar.end);
        if (bar.queued) text += fmt::format(", queued at {:.3f} s", *bar.queued);
        if (!bar.detail.empty()) text += "; " + bar.detail;
        if (bar.problem) text += fmt::format("; failed {} {}", bar.code, *bar.problem);
        return text;
    }

    // Lines through all lanes, and their times above and below.
    std::string axis(unsigned top, unsigned bottom) const {
        std::string drawn;
        for (const Size& size : sizes) {
            const AxisScale scale = axis_scale(chart_.end, size.max_ticks);
            drawn += fmt::format("<g class=\"{}\">\n", size.name);
            for (unsigned tick = 0; tick <= size.max_ticks && tick * scale.step <= end_; ++tick) {
                const double x = x_of(tick * scale.step);
                drawn += fmt::format(
                    "<line class=\"grid\" x1=\"{0:.3f}%\" x2=\"{0:.3f}%\" y1=\"{1}\" y2=\"{2}\"/>\n", x, top,
                    bottom + axis_height);
                const std::string label =
                    fmt::format("{:g} {}", tick * scale.step / scale.unit, scale.unit_name);
                if (x / 100 * size.pixels + 3 + column * static_cast<double>(label.size()) > size.pixels)
                    continue; // it would leave the picture
                for (const unsigned y : {top + 16, bottom + 16})
                    drawn += fmt::format("<text x=\"{:.3f}%\" dx=\"3\" y=\"{}\">{}</text>\n", x, y, label);
            }
            drawn += "</g>\n";
        }
        return drawn;
    }

    const Chart& chart_;
    double end_; // seconds, of the axis
    unsigned y_ = 0;
    std::string body_;
};

} // namespace

std::string chart_svg(const Chart& chart) {
    return Picture(chart).draw();
}

std::string fitted(std::string_view text, std::size_t columns) {
    const std::string shown = printable(text);
    std::size_t taken = 0;
    std::size_t cut = 0; // where "…" still fits
    for (std::size_t at = 0; at < shown.size();) {
        const std::size_t length = std::max<std::size_t>(utf8_length(std::string_view(shown).substr(at)), 1);
        const bool is_wide = code_point(std::string_view(shown).substr(at, length)) >= 0x300;
        taken += is_wide ? 2 : 1;
        if (taken > columns) return columns == 0 ? "" : shown.substr(0, cut) + "\xE2\x80\xA6";
        at += length;
        if (taken + 1 <= columns) cut = at;
    }
    return shown;
}

std::string duration_text(double seconds) {
    if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1000);
    return fmt::format("{:.{}f} s", seconds, seconds < 99.995 ? 2 : 0);
}

AxisScale axis_scale(double end, unsigned max_ticks) {
    AxisScale scale;
    for (const auto& [unit, name] : {std::pair{60.0, "min"}, {3600.0, "h"}, {86400.0, "d"}})
        if (end / unit > 5) scale = {.unit = unit, .unit_name = name};
    const double least = std::max(end, 1e-3) / scale.unit / max_ticks;
    const double power = std::pow(10, std::floor(std::log10(least)));
    double step = 10 * power;
    for (const double digit : {5, 2, 1})
        if (digit * power >= least) step = digit * power;
    scale.step = step * scale.unit;
    return scale;
}

} // namespace mkpxerd::cli
