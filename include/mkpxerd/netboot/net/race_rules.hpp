// SPDX-License-Identifier: MIT
// Which interface wins the race, and when the race is over. Pure: it knows the contenders by their standings,
// and the time by its arguments. The rules:
//   1. A contender that reaches a needed host wins at once.
//   2. Without one, the first configured contender wins after ten seconds, or after 45 if another
//      interface has a carrier and no address yet: a switch port needs up to 50 s to forward, and the
//      server may merely be late.
//   3. If each ip= names its interface, all of them must come up: the first that reaches a host waits up
//      to ten seconds for the others.
//   4. The race is lost at the deadline, or after ten seconds if every contender has failed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// How far one contender is.
struct Standing {
    bool gone = false; // its interface was removed
    bool carrier = false;
    std::optional<Clock::time_point> configured_at = {}; // none: no address yet
    bool reached = false;                                // a needed host
    bool failed = false;                                 // it will not get an address
};

class RaceRules {
  public:
    // wants_all: see rule 3.
    RaceRules(Clock::time_point started, Deadline deadline, bool wants_all)
        : started_(started), deadline_(deadline), wants_all_(wants_all) {}

    struct Decision {
        bool over = false;
        std::optional<std::size_t> winner = {}; // index of the standing
        Deadline look_again = {};               // unless a standing changes before; if not over
    };
    Decision decide(std::span<const Standing> standings, Clock::time_point now) const;

    // The BOOTIF is a hint, not an order: a loader may name a card for which the kernel has no driver. When
    // other interfaces join it, unless it got an address: now if it has failed, else ten seconds after the
    // start if it has not appeared, or after 30.
    bool others_join(std::span<const Standing> standings, Clock::time_point now) const;
    Deadline others_join_at(std::span<const Standing> standings) const;

  private:
    std::optional<std::size_t> winner(std::span<const Standing> standings, Clock::time_point now) const;
    Deadline next_look(std::span<const Standing> standings, Clock::time_point now) const;

    Clock::time_point started_;
    Deadline deadline_;
    bool wants_all_;
};

// Why a configured contender lost to another one. reach: what its last probe of a host said; empty: none
// ended.
std::string loss_reason(const Standing& loser, std::string_view reach);
// There are contenders, and each of them has failed.
bool all_failed(std::span<const Standing> standings);

} // namespace mkpxerd::netboot
