// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/timeline.hpp"

#include <algorithm>

namespace mkpxerd::netboot {

Timeline::Event* Timeline::newest(Lane lane, std::string_view name) {
    auto& events = lanes_[static_cast<std::size_t>(lane)];
    const auto found = std::find_if(events.rbegin(), events.rend(),
                                    [name](const Event& event) { return event.name == name; });
    return found == events.rend() ? nullptr : &*found;
}

void Timeline::begin(Lane lane, std::string name, std::string detail) {
    auto& events = lanes_[static_cast<std::size_t>(lane)];
    if (events.size() == max_events) {
        events.pop_front();
        ++dropped_;
    }
    events.push_back({.name = std::move(name), .detail = std::move(detail), .begin = Clock::now()});
}

void Timeline::reach(Lane lane, std::string_view name, Step step) {
    Event* event = newest(lane, name);
    if (event == nullptr || event->end) return;
    auto& at = event->steps[static_cast<std::size_t>(step)];
    if (!at) at = Clock::now();
}

void Timeline::receive(std::string_view download, std::uint64_t bytes) {
    Event* event = newest(Lane::Downloads, download);
    if (event == nullptr || event->end) return;
    event->bytes = bytes;
    reach(Lane::Downloads, download, Step::FirstByte);
}

void Timeline::end(Lane lane, std::string_view name) {
    Event* event = newest(lane, name);
    if (event != nullptr && !event->end) event->end = Clock::now();
}

void Timeline::fail(Lane lane, std::string_view name, const Error& error) {
    Event* event = newest(lane, name);
    if (event == nullptr || event->end) return;
    event->end = Clock::now();
    event->problem = error.first();
}

void Timeline::resume(Lane lane, std::string_view name) {
    Event* event = newest(lane, name);
    if (event == nullptr) return;
    event->end.reset();
    event->problem.reset();
}

void Timeline::again(Lane lane, std::string_view name) {
    Event* event = newest(lane, name);
    if (event == nullptr) return;
    resume(lane, name);
    ++event->attempts;
}

} // namespace mkpxerd::netboot
