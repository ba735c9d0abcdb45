// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/lease_range.hpp"

#include <algorithm>
#include <vector>

namespace mkpxerd::deploy {
namespace {

using Range = std::pair<Ipv4Address, Ipv4Address>;

std::optional<Range> longest_run(Ipv4Address first, Ipv4Address last, std::span<const Ipv4Address> used) {
    std::vector<Ipv4Address> sorted(used.begin(), used.end());
    std::ranges::sort(sorted);
    std::optional<Range> longest;
    const auto consider = [&](std::uint32_t from, std::uint32_t to) { // to: exclusive
        if (from < to && (!longest || to - 1 - from > longest->second.value - longest->first.value))
            longest = Range({from}, {to - 1});
    };
    std::uint32_t from = first.value;
    for (const Ipv4Address address : sorted) {
        if (address < first || last < address) continue;
        consider(from, address.value);
        from = address.value + 1;
    }
    consider(from, last.value + 1);
    return longest;
}

} // namespace

std::optional<Range> choose_lease_range(const Ipv4Subnet& subnet, Ipv4Address server,
                                        std::span<const Ipv4Address> used) {
    const Ipv4Address first{subnet.first().value + 1};
    const Ipv4Address last{subnet.last().value - 1};
    const Ipv4Address middle{subnet.first().value + ((~subnet.mask().value + 1) >> 1)};
    const auto in_half = server < middle ? longest_run(middle, last, used)
                                         : longest_run(first, Ipv4Address{middle.value - 1}, used);
    return in_half ? in_half : longest_run(first, last, used);
}

} // namespace mkpxerd::deploy
