// SPDX-License-Identifier: MIT
// The leader is the contender that would win now; time decides whether it does.
#include "mkpxerd/netboot/net/race_rules.hpp"

#include <algorithm>
#include <utility>

namespace mkpxerd::netboot {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 10s;
constexpr auto patience_with_others = 45s;
constexpr auto bootif_must_appear = 10s;
constexpr auto bootif_must_succeed = 30s;

// A static address without a carrier does not make a network.
bool may_lead(const Standing& standing) {
    return !standing.gone && standing.carrier && standing.configured_at;
}

std::optional<std::size_t> leader(std::span<const Standing> standings) {
    const auto order = [](const Standing& one) { return std::pair(!one.reached, *one.configured_at); };
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < standings.size(); ++i)
        if (may_lead(standings[i]) && (!best || order(standings[i]) < order(standings[*best]))) best = i;
    return best;
}

bool is_underway(const Standing& standing) {
    return !standing.gone && !standing.configured_at && !standing.failed;
}

} // namespace

std::optional<std::size_t> RaceRules::winner(std::span<const Standing> standings,
                                             Clock::time_point now) const {
    const std::optional<std::size_t> best = leader(standings);
    if (!best || now >= deadline_) return best;
    const Clock::duration waited = now - *standings[*best].configured_at;
    if (standings[*best].reached) {
        const bool incomplete = std::any_of(standings.begin(), standings.end(), is_underway);
        return wants_all_ && incomplete && waited < patience ? std::nullopt : best;
    }
    const bool others = std::any_of(standings.begin(), standings.end(), [](const Standing& other) {
        return is_underway(other) && other.carrier;
    });
    return waited >= (others ? patience_with_others : patience) ? best : std::nullopt;
}

// Patience ends at fixed times after a configuration: checking at those times is enough.
Deadline RaceRules::next_look(std::span<const Standing> standings, Clock::time_point now) const {
    Deadline next = deadline_;
    const auto consider = [&next, now](Clock::time_point when) {
        if (when > now) next = std::min(next, when);
    };
    consider(started_ + patience);
    for (const Standing& standing : standings) {
        if (!standing.configured_at) continue;
        consider(*standing.configured_at + patience);
        consider(*standing.configured_at + patience_with_others);
    }
    return next;
}

RaceRules::Decision RaceRules::decide(std::span<const Standing> standings, Clock::time_point now) const {
    Decision decision;
    decision.winner = winner(standings, now);
    // Only DHCP fails at the deadline; time cures other failures only if an interface appears.
    const bool hopeless = now >= started_ + patience && all_failed(standings);
    decision.over = decision.winner || now >= deadline_ || hopeless;
    decision.look_again = next_look(standings, now);
    return decision;
}

Deadline RaceRules::others_join_at(std::span<const Standing> standings) const {
    return started_ + (standings.empty() ? bootif_must_appear : bootif_must_succeed);
}

bool RaceRules::others_join(std::span<const Standing> standings, Clock::time_point now) const {
    return now >= others_join_at(standings) || all_failed(standings);
}

bool all_failed(std::span<const Standing> standings) {
    return !standings.empty() && std::all_of(standings.begin(), standings.end(),
                                             [](const Standing& one) { return !one.gone && one.failed; });
}

std::string loss_reason(const Standing& loser, std::string_view reach) {
    if (!loser.carrier) return "no carrier";
    return loser.reached || reach.empty() ? "slower" : std::string(reach);
}

} // namespace mkpxerd::netboot
