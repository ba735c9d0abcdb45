// SPDX-License-Identifier: MIT
// When things happened: the phases, interfaces, downloads and mounts of a boot, for the report. A boot that
// retries for days keeps the newest events of each lane.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// What the kernel's log says of the time before the init. A line that is not there stays unset.
struct KernelTimes {
    std::optional<std::chrono::microseconds> unpack_begin;
    std::optional<std::chrono::microseconds> unpack_end;
    std::optional<std::chrono::microseconds> run_init;
    // What has to be added to the init's clock to get that of the kernel's log.
    std::chrono::microseconds offset{};
    bool operator==(const KernelTimes&) const = default;
};

class Timeline {
  public:
    enum class Lane { Phases, Interfaces, Downloads, Mounts };
    static constexpr std::size_t lane_count = 4;
    // Points within an event, of which the first time counts.
    enum class Step { Carrier, Discover, Offer, Lease, Address, Reach, FirstByte };
    static constexpr std::size_t step_count = 7;
    static constexpr std::size_t max_events = 64; // of a lane

    struct Event {
        std::string name;   // of the phase, interface or object; of a mount, where
        std::string detail; // driver, URL, or what is mounted
        Clock::time_point begin;
        std::optional<Clock::time_point> end = {}; // nullopt: not over
        std::array<std::optional<Clock::time_point>, step_count> steps = {};
        unsigned attempts = 1;
        std::uint64_t bytes = 0; // of a download, so far
        std::optional<Problem> problem = {};
    };

    void begin(Lane lane, std::string name, std::string detail = {});
    // These are about the newest event of that name. Without one they do nothing; a step and an end after its
    // end do nothing either.
    void reach(Lane lane, std::string_view name, Step step);
    void receive(std::string_view download, std::uint64_t bytes);
    void end(Lane lane, std::string_view name);
    void fail(Lane lane, std::string_view name, const Error& error);
    // The event goes on: with its next part, or with another attempt.
    void resume(Lane lane, std::string_view name);
    void again(Lane lane, std::string_view name);

    const std::deque<Event>& events(Lane lane) const { return lanes_[static_cast<std::size_t>(lane)]; }
    std::uint64_t dropped() const { return dropped_; } // events that were too old to keep

    KernelTimes kernel;

  private:
    Event* newest(Lane lane, std::string_view name);
    std::array<std::deque<Event>, lane_count> lanes_;
    std::uint64_t dropped_ = 0;
};

} // namespace mkpxerd::netboot
