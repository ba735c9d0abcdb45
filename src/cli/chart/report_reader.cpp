// SPDX-License-Identifier: MIT
// docs/report.md describes what it reads. Unknown keys are of a later release, and are passed over.
#include "mkpxerd/cli/chart/report_reader.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/wrap/json_value.hpp"

namespace mkpxerd::cli {
namespace {

using Kind = wrap::JsonValue::Kind;

constexpr double latest = 1e9; // seconds: 31 years
constexpr double moment = 1e-3;
constexpr double most_events = 1e18;
constexpr std::size_t max_problems = 20;

class Reader {
  public:
    explicit Reader(std::string_view name) : name_(name) {}

    Result<Chart> read(const wrap::JsonValue& report);

  private:
    using MakeBars = std::function<void(const wrap::JsonValue& event, std::vector<Bar>& bars)>;

    void read_heading(const wrap::JsonValue& report);
    void add_lane(const wrap::JsonValue& timeline, const char* key, const char* title,
                  const MakeBars& make_bars);
    void add_kernel(const wrap::JsonValue& timeline);
    void add_handover(const wrap::JsonValue& timeline, std::vector<Bar>& bars);
    void add_phase(const wrap::JsonValue& event, std::vector<Bar>& bars);
    void add_interface(const wrap::JsonValue& event, std::vector<Bar>& bars);
    void add_download(const wrap::JsonValue& event, std::vector<Bar>& bars);
    void add_mount(const wrap::JsonValue& event, std::vector<Bar>& bars);
    void add_module(const wrap::JsonValue& event, std::vector<Bar>& bars);
    Bar bar_of(const wrap::JsonValue& event, std::string name);
    void finish_lane(ChartLane lane);

    std::string text(const wrap::JsonValue& object, std::string_view key);
    double number(const wrap::JsonValue& object, std::string_view key);
    std::optional<double> time(const wrap::JsonValue& object, std::string_view key);
    void wrong(const wrap::JsonValue& value, std::string_view what);

    std::string_view name_;
    Chart chart_;
    Problems problems_;
};

void Reader::wrong(const wrap::JsonValue& value, std::string_view what) {
    if (problems_.list().size() < max_problems)
        problems_.add(fmt::format("{}:{}", name_, value.line), what, "is it the report.json of a boot?");
}

std::string Reader::text(const wrap::JsonValue& object, std::string_view key) {
    const wrap::JsonValue* value = object.find(key);
    if (value == nullptr) return {};
    if (value->kind != Kind::Text) wrong(*value, fmt::format("{} is not a text", key));
    return value->text;
}

double Reader::number(const wrap::JsonValue& object, std::string_view key) {
    const wrap::JsonValue* value = object.find(key);
    if (value == nullptr) return 0;
    if (value->kind != Kind::Number || value->number < 0)
        wrong(*value, fmt::format("{} is not a number of 0 or more", key));
    return std::max(value->number, 0.0);
}

std::optional<double> Reader::time(const wrap::JsonValue& object, std::string_view key) {
    const wrap::JsonValue* value = object.find(key);
    if (value == nullptr) return std::nullopt;
    if (value->kind != Kind::Number || value->number < 0 || value->number > latest) {
        wrong(*value, fmt::format("{} is not a time in seconds", key));
        return std::nullopt;
    }
    chart_.end = std::max(chart_.end, value->number);
    return value->number;
}

Bar Reader::bar_of(const wrap::JsonValue& event, std::string name) {
    Bar bar{.name = std::move(name)};
    const auto begin = time(event, "begin");
    if (!begin) wrong(event, "an event without its begin");
    bar.begin = begin.value_or(0);
    bar.end = time(event, "end");
    if (bar.end && *bar.end < bar.begin) wrong(event, "an event that ends before it begins");
    if (event.find("problem") != nullptr) bar.problem = text(event, "problem");
    bar.code = text(event, "code");
    return bar;
}

void Reader::add_kernel(const wrap::JsonValue& timeline) {
    const wrap::JsonValue* kernel = timeline.find("kernel");
    if (kernel == nullptr) return;
    if (kernel->kind != Kind::Object) return wrong(*kernel, "kernel is not an object");
    ChartLane lane{.title = "Kernel", .bars = {}};
    if (const auto init = time(*kernel, "run_init"))
        lane.bars.push_back({.name = "kernel until /init", .begin = 0, .end = init});
    const auto begin = time(*kernel, "unpack_begin");
    const auto end = time(*kernel, "unpack_end");
    if (begin && end && *begin <= *end)
        lane.bars.push_back({.name = "unpacks image", .begin = *begin, .end = end});
    finish_lane(std::move(lane));
}

void Reader::add_phase(const wrap::JsonValue& event, std::vector<Bar>& bars) {
    Bar bar = bar_of(event, text(event, "name"));
    if (const double attempts = number(event, "attempts"); attempts > 1)
        bar.detail = fmt::format("{:.0f} attempts", attempts);
    bars.push_back(std::move(bar));
}

// One bar for each thing that an interface waits for.
void Reader::add_interface(const wrap::JsonValue& event, std::vector<Bar>& bars) {
    const std::string name = text(event, "name");
    const Bar whole = bar_of(event, name);
    const auto carrier = time(event, "carrier");
    const auto discover = time(event, "discover");
    auto address = time(event, "lease");
    if (!address) address = time(event, "address");
    const auto reached = time(event, "reach");
    std::vector<Bar> parts;
    const auto add = [&](const char* what, double begin, std::optional<double> end) {
        if (!end) end = whole.end;
        if (end && *end < begin) return;
        parts.push_back({.name = fmt::format("{} {}", name, what), .begin = begin, .end = end});
    };
    if (!carrier || *carrier - whole.begin > moment) add("carrier", whole.begin, carrier);
    if (discover) add("DHCP", *discover, address);
    if (address) add("reach", *address, reached);
    if (parts.empty()) parts.push_back({.name = name, .begin = whole.begin, .end = whole.end});
    for (Bar& part : parts)
        part.detail = text(event, "driver");
    parts.back().problem = whole.problem;
    parts.back().code = whole.code;
    bars.insert(bars.end(), parts.begin(), parts.end());
}

void Reader::add_download(const wrap::JsonValue& event, std::vector<Bar>& bars) {
    Bar bar = bar_of(event, text(event, "name"));
    bar.detail = human_bytes(static_cast<std::uint64_t>(std::min(number(event, "bytes"), 1e18)));
    if (const auto first = time(event, "first_byte"); first && *first >= bar.begin)
        bar.detail += fmt::format(", first byte after {:.2f} s", *first - bar.begin);
    if (const double attempts = number(event, "attempts"); attempts > 1)
        bar.detail += fmt::format(", {:.0f} attempts", attempts);
    if (const std::string url = text(event, "url"); !url.empty()) bar.detail += ", " + url;
    bars.push_back(std::move(bar));
}

void Reader::add_mount(const wrap::JsonValue& event, std::vector<Bar>& bars) {
    Bar bar = bar_of(event, text(event, "name"));
    bar.detail = text(event, "what");
    bars.push_back(std::move(bar));
}

// A module that nobody has begun to load waits from its queueing on.
void Reader::add_module(const wrap::JsonValue& event, std::vector<Bar>& bars) {
    const auto queued = time(event, "queued");
    Bar bar{.name = text(event, "name"), .detail = text(event, "device")};
    if (event.find("begin") == nullptr && queued) {
        bar.begin = *queued;
        if (event.find("problem") != nullptr) {
            bar.end = queued;
            bar.problem = text(event, "problem");
        }
    } else {
        std::string detail = std::move(bar.detail);
        bar = bar_of(event, std::move(bar.name));
        bar.detail = std::move(detail);
        if (queued && bar.begin - *queued > moment) bar.queued = queued;
    }
    bars.push_back(std::move(bar));
}

// It ends the phase that it belongs to.
void Reader::add_handover(const wrap::JsonValue& timeline, std::vector<Bar>& bars) {
    const auto handover = time(timeline, "handover");
    if (!handover) return;
    for (Bar& phase : bars)
        if (!phase.end) phase.end = std::max(*handover, phase.begin);
    bars.push_back({.name = "hand-over", .begin = *handover, .end = handover, .is_moment = true});
}

void Reader::finish_lane(ChartLane lane) {
    if (lane.bars.empty()) return;
    for (Bar& bar : lane.bars)
        if (trim(bar.name).empty()) bar.name = "(no name)";
    std::ranges::stable_sort(lane.bars, {}, &Bar::begin);
    if (lane.bars.size() > max_lane_bars) {
        lane.left_out = lane.bars.size() - max_lane_bars;
        lane.bars.resize(max_lane_bars);
    }
    chart_.lanes.push_back(std::move(lane));
}

void Reader::add_lane(const wrap::JsonValue& timeline, const char* key, const char* title,
                      const MakeBars& make_bars) {
    ChartLane lane{.title = title, .bars = {}};
    const wrap::JsonValue* events = timeline.find(key);
    if (events != nullptr && events->kind != Kind::Array)
        return wrong(*events, fmt::format("{} is not a list", key));
    if (events != nullptr)
        for (const wrap::JsonValue& event : events->items) {
            if (event.kind == Kind::Object)
                make_bars(event, lane.bars);
            else
                wrong(event, fmt::format("{} has an item that is not an object", key));
        }
    if (std::string_view(key) == "phases") add_handover(timeline, lane.bars);
    finish_lane(std::move(lane));
}

void Reader::read_heading(const wrap::JsonValue& report) {
    const wrap::JsonValue* failure = report.find("failure");
    std::string result = text(report, "result") == "handover"
                             ? fmt::format("Handed over to {}", text(report, "init"))
                             : "Failed";
    if (failure != nullptr)
        result = fmt::format("Failed {} in {}", text(*failure, "code"), text(*failure, "stage"));
    chart_.heading = {fmt::format("{} after {:.2f} s", result, chart_.end)};
    if (failure != nullptr)
        chart_.heading.push_back(fmt::format("{}: {}", text(*failure, "object"), text(*failure, "text")));
    chart_.heading.push_back(
        fmt::format("mkpxerd {}, kernel {}", text(report, "image"), text(report, "kernel")));
    if (const std::string uuid = text(report, "machine_uuid"); !uuid.empty())
        chart_.heading.push_back("machine " + uuid);
    if (const double dropped = number(*report.find("timeline"), "dropped"); dropped > 0)
        chart_.heading.push_back(
            fmt::format("older events that the report lacks: {:.0f}", std::min(dropped, most_events)));
}

Result<Chart> Reader::read(const wrap::JsonValue& report) {
    if (report.find("result") == nullptr)
        return fail(name_, "is not the report of a boot", "give the report.json that /init has written");
    const wrap::JsonValue* timeline = report.find("timeline");
    if (timeline == nullptr)
        return fail(name_,
                    fmt::format("has no timeline: an image of mkpxerd {} wrote it", text(report, "image")),
                    "build the image again by this mkpxerd, and boot it");
    if (timeline->kind != Kind::Object)
        return fail(fmt::format("{}:{}", name_, timeline->line), "timeline is not an object",
                    "is it the report.json of a boot?");
    static_cast<void>(time(*timeline, "written"));
    add_kernel(*timeline);
    const auto bars_by = [this](void (Reader::*add)(const wrap::JsonValue&, std::vector<Bar>&)) {
        return
            [this, add](const wrap::JsonValue& event, std::vector<Bar>& bars) { (this->*add)(event, bars); };
    };
    add_lane(*timeline, "phases", "Phases of /init", bars_by(&Reader::add_phase));
    add_lane(*timeline, "interfaces", "Network interfaces", bars_by(&Reader::add_interface));
    add_lane(*timeline, "downloads", "Downloads", bars_by(&Reader::add_download));
    add_lane(*timeline, "mounts", "Mounts", bars_by(&Reader::add_mount));
    add_lane(*timeline, "modules", "Kernel modules", bars_by(&Reader::add_module));
    read_heading(report);
    MKPXERD_TRY(problems_.finish());
    return std::move(chart_);
}

} // namespace

Result<Chart> read_report(std::string_view text, std::string_view name) {
    if (text.size() > max_report_bytes)
        return fail(name, fmt::format("is larger than {}, the limit", human_bytes(max_report_bytes)),
                    "give the report.json that /init has written");
    MKPXERD_TRY_ASSIGN(const wrap::JsonValue report, wrap::parse_json(text, name));
    return Reader(name).read(report);
}

} // namespace mkpxerd::cli
