// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/stall_watch.hpp"

#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {
namespace {

auto whole_seconds(Clock::duration time) {
    return std::chrono::floor<std::chrono::seconds>(time).count();
}

} // namespace

StallWatch::StallWatch(WatchRules rules, Clock::time_point now)
    : rules_(rules), alive_(now), next_line_(now + rules.patience) {}

bool StallWatch::restarts() const {
    return powers_off() || (rules_.on_fail.kind == OnFail::Kind::Countdown && rules_.on_fail.seconds >= 0);
}

std::chrono::seconds StallWatch::countdown() const {
    return std::chrono::seconds(powers_off() ? 0 : rules_.on_fail.seconds);
}

std::optional<std::string> StallWatch::live(Clock::time_point now) {
    const bool was_reported = next_line_ - alive_ > rules_.patience;
    alive_ = now;
    next_line_ = now + rules_.patience;
    failed_ = false;
    return was_reported ? std::optional(fmt::format("{}: continues", stage_)) : std::nullopt;
}

std::vector<std::string> StallWatch::silent(Clock::time_point now, std::string_view place) {
    std::vector<std::string> lines;
    const auto silence = now - alive_;
    if (silence >= rules_.limit && restarts() && !failed_) {
        failed_ = true;
        lines.push_back(
            fmt::format("failed {} {}: no progress for {} s: {}", code_text(Failure::InitBlocked), stage_,
                        whole_seconds(silence),
                        powers_off() ? "powering off" : fmt::format("restart in {} s", countdown().count())));
    }
    if (now < next_line_) return lines;
    next_line_ += rules_.patience;
    lines.push_back(
        fmt::format("{} {}: blocked in the kernel for {} s{}: a file server is gone, or a device does not "
                    "answer",
                    code_text(Failure::InitBlocked), stage_, whole_seconds(silence),
                    place.empty() ? "" : fmt::format(" ({})", place)));
    return lines;
}

bool StallWatch::is_over(Clock::time_point now) const {
    return failed_ && now - alive_ >= rules_.limit + countdown();
}

} // namespace mkpxerd::netboot
