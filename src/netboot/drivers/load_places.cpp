// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/load_places.hpp"

#include <algorithm>
#include <unistd.h>

namespace mkpxerd::netboot {

unsigned LoadPlaces::of_this_machine() {
    return static_cast<unsigned>(std::clamp(::sysconf(_SC_NPROCESSORS_ONLN), 2L, 8L));
}

void LoadPlaces::one_by_one() {
    places_ = 1;
    one_by_one_ = true;
}

void LoadPlaces::add(std::size_t load, Urgency urgency) {
    queued_.push_back({load, urgency});
}

void LoadPlaces::raise(std::size_t load, Urgency urgency) {
    for (auto* loads : {&queued_, &running_})
        for (Load& one : *loads)
            if (one.number == load) one.urgency = std::min(one.urgency, urgency);
}

bool LoadPlaces::is_busy(const Load& running, Clock::time_point now) const {
    return one_by_one_ || now - running.begun < moment;
}

bool LoadPlaces::has_place_for(const Load& next, Clock::time_point now) const {
    std::size_t busy = 0;
    bool needed_is_busy = false;
    for (const Load& one : running_) {
        if (!is_busy(one, now)) continue;
        ++busy;
        needed_is_busy = needed_is_busy || is_needed(one.urgency);
    }
    if (busy >= places_ || running_.size() >= most_calls) return false;
    return is_needed(next.urgency) || (!needed_is_busy && running_.size() < most_calls - kept_free);
}

std::optional<std::size_t> LoadPlaces::begin(Clock::time_point now) {
    const auto next = std::min_element(queued_.begin(), queued_.end(),
                                       [](const Load& a, const Load& b) { return a.urgency < b.urgency; });
    if (next == queued_.end() || !has_place_for(*next, now)) return std::nullopt;
    const std::size_t number = next->number;
    running_.push_back({number, next->urgency, now});
    queued_.erase(next);
    return number;
}

void LoadPlaces::end(std::size_t load) {
    std::erase_if(running_, [load](const Load& one) { return one.number == load; });
}

std::optional<Clock::time_point> LoadPlaces::look_again(Clock::time_point now) const {
    std::optional<Clock::time_point> first;
    if (queued_.empty() || one_by_one_) return first;
    for (const Load& one : running_)
        if (is_busy(one, now)) first = std::min(first.value_or(Clock::time_point::max()), one.begun + moment);
    return first;
}

} // namespace mkpxerd::netboot
