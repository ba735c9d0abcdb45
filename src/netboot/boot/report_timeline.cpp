// SPDX-License-Identifier: MIT
// The init's clock, CLOCK_MONOTONIC, starts with the kernel, as the clock of its log does; so the times of
// both stand side by side. A time that is not known has no key.
#include "mkpxerd/netboot/boot/report_timeline.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/redact.hpp"

namespace mkpxerd::netboot {
namespace {

using Lane = Timeline::Lane;

// In the order of Timeline::Step.
constexpr std::array<std::string_view, Timeline::step_count> step_keys = {
    "carrier", "discover", "offer", "lease", "address", "reach", "first_byte"};

class TimelineWriter {
  public:
    TimelineWriter(JsonWriter& json, const ReportTimeline& timeline) : json_(json), timeline_(timeline) {}
    void write();

  private:
    void write_kernel();
    void write_event(Lane lane, const Timeline::Event& event);
    void write_lane(std::string_view key, Lane lane);
    void write_modules();
    void write_time(std::string_view key, const std::optional<Clock::time_point>& at);

    JsonWriter& json_;
    const ReportTimeline& timeline_;
};

// Never before the kernel's start, which the chart would refuse.
void TimelineWriter::write_time(std::string_view key, const std::optional<Clock::time_point>& at) {
    if (!at) return;
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(at->time_since_epoch()) +
                      timeline_.events.kernel.offset;
    json_.field(key, std::max(time, std::chrono::microseconds(0)));
}

void TimelineWriter::write_kernel() {
    const KernelTimes& kernel = timeline_.events.kernel;
    json_.key("kernel").begin_object();
    if (kernel.unpack_begin) json_.field("unpack_begin", *kernel.unpack_begin);
    if (kernel.unpack_end) json_.field("unpack_end", *kernel.unpack_end);
    if (kernel.run_init) json_.field("run_init", *kernel.run_init);
    json_.end_object();
}

void TimelineWriter::write_event(Lane lane, const Timeline::Event& event) {
    json_.begin_object().field("name", event.name);
    if (lane == Lane::Interfaces) json_.field("driver", event.detail);
    if (lane == Lane::Downloads) json_.field("url", redact(event.detail)).field("bytes", event.bytes);
    if (lane == Lane::Mounts) json_.field("what", redact(event.detail));
    if (lane == Lane::Downloads || lane == Lane::Phases) json_.field("attempts", event.attempts);
    write_time("begin", event.begin);
    for (std::size_t step = 0; step < step_keys.size(); ++step)
        write_time(step_keys[step], event.steps[step]);
    write_time("end", event.end);
    if (event.problem) {
        json_.field("code", code_text(event.problem->code));
        json_.field("problem", redact(to_text(*event.problem)));
    }
    json_.end_object();
}

void TimelineWriter::write_lane(std::string_view key, Lane lane) {
    json_.key(key).begin_array();
    for (const Timeline::Event& event : timeline_.events.events(lane))
        write_event(lane, event);
    json_.end_array();
}

void TimelineWriter::write_modules() {
    json_.key("modules").begin_array();
    for (const ModuleLoad& module : timeline_.modules) {
        json_.begin_object().field("name", module.name).field("device", module.device);
        write_time("queued", module.queued);
        write_time("begin", module.begun);
        write_time("end", module.ended);
        if (!module.problem.empty()) json_.field("problem", module.problem);
        json_.end_object();
    }
    json_.end_array();
}

void TimelineWriter::write() {
    json_.key("timeline").begin_object();
    write_time("written", timeline_.written);
    write_kernel();
    write_lane("phases", Lane::Phases);
    write_lane("interfaces", Lane::Interfaces);
    write_lane("downloads", Lane::Downloads);
    write_lane("mounts", Lane::Mounts);
    write_modules();
    json_.field("dropped", timeline_.events.dropped());
    if (timeline_.handed_over) write_time("handover", timeline_.written);
    json_.end_object();
}

} // namespace

void write_timeline(JsonWriter& json, const ReportTimeline& timeline) {
    TimelineWriter(json, timeline).write();
}

} // namespace mkpxerd::netboot
