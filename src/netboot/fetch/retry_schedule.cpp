// SPDX-License-Identifier: MIT
// Pauses double until an attempt makes progress. A server may ask for a longer one.
#include "mkpxerd/netboot/fetch/retry_schedule.hpp"

#include <algorithm>

namespace mkpxerd::netboot {
namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 500ms;
constexpr auto longest_pause = 8000ms;
constexpr std::chrono::milliseconds longest_requested_pause = 30s; // limits Retry-After
// A name that DNS denies may be registered a moment later. If DNS keeps denying it, it is wrong.
constexpr unsigned max_denials = 3;

} // namespace

RetrySchedule::RetrySchedule(Deadline deadline) : deadline_(deadline), backoff_(first_pause, longest_pause) {}

std::optional<std::chrono::milliseconds> RetrySchedule::pause_after(const AttemptEnd& end, bool progressed,
                                                                    Clock::time_point now) {
    denials_ = end.error->first().code == Failure::NoSuchName ? denials_ + 1 : 0;
    if (progressed) backoff_.reset();
    const std::chrono::milliseconds requested =
        std::min<std::chrono::milliseconds>(end.not_before, longest_requested_pause);
    const std::chrono::milliseconds pause = std::max(backoff_.next(), requested);
    if (denials_ >= max_denials || now + pause >= deadline_) return std::nullopt;
    return pause;
}

} // namespace mkpxerd::netboot
