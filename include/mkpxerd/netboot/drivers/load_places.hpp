// SPDX-License-Identifier: MIT
// Decides which module loads next. The rules:
// - As many load at once as there are places. One that has not returned after a moment waits for its hardware
//   and no longer counts, up to a bound.
// - The most urgent comes first, and of the same urgency the one queued first.
// - What no device of the boot needs begins only while none that one needs is queued or uses the processor,
// and
//   leaves some calls free, so that any number of slow drivers that nothing needs holds up none that is
//   needed.
// Pure: the caller passes the time.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "mkpxerd/netboot/drivers/urgency.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

class LoadPlaces {
  public:
    static constexpr std::chrono::milliseconds moment{250};
    static constexpr std::size_t most_calls = 32;
    static constexpr std::size_t kept_free = 8; // for what is needed

    explicit LoadPlaces(unsigned places) : places_(places) {}
    // As many places as this machine has processors, 2 to 8.
    static unsigned of_this_machine();
    // From now on each waits for the one before it.
    void one_by_one();

    void add(std::size_t load, Urgency urgency);
    // Raises the urgency of one that is queued or running.
    void raise(std::size_t load, Urgency urgency);
    // The next that may begin; it runs until end().
    std::optional<std::size_t> begin(Clock::time_point now);
    void end(std::size_t load);
    // When begin() may have another answer although no call ends.
    std::optional<Clock::time_point> look_again(Clock::time_point now) const;

  private:
    struct Load {
        std::size_t number;
        Urgency urgency;
        Clock::time_point begun = {};
    };
    bool has_place_for(const Load& next, Clock::time_point now) const;
    bool is_busy(const Load& running, Clock::time_point now) const;

    unsigned places_;
    bool one_by_one_ = false;
    std::vector<Load> queued_;
    std::vector<Load> running_;
};

} // namespace mkpxerd::netboot
