// SPDX-License-Identifier: MIT
// Without contenders, the interfaces that were seen explain why.
#include "mkpxerd/netboot/net/race_failure.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <net/if_arp.h>

#include "mkpxerd/contract/failure_codes.hpp"

namespace mkpxerd::netboot {
namespace {

Error no_contender(const NetworkPlan& plan, const std::vector<Link>& links) {
    std::vector<std::string> seen;
    for (const Link& link : links)
        if (link.hardware == ARPHRD_ETHER) seen.push_back(fmt::format("{} {}", link.name, link.mac.text()));
    if (seen.empty())
        for (const Link& link : links)
            if (std::optional<Error> why = unsupported(link, IpOption{})) return std::move(*why);
    if (plan.named().empty())
        return Error(Problem{.object = "network",
                             .text = "no wired interface appeared",
                             .hint = "is the driver of the network card in the image",
                             .code = Failure::NoNetworkCard});
    return Error(Problem{
        .object = fmt::format("{}", fmt::join(plan.named(), ", ")),
        .text = fmt::format("no such interface appeared ({})",
                            seen.empty() ? "none at all" : fmt::format("seen: {}", fmt::join(seen, ", "))),
        .hint = "is the driver in the image, and is this the kernel's own name, such as eth0",
        .code = Failure::NoInterface});
}

// The contender whose error ranks highest, the first of several; nullptr: none has an error.
const FailedContender* nearest(const std::vector<FailedContender>& contenders) {
    const auto rank_of = [](const FailedContender& contender) {
        return contender.error ? rank(contender.error->first().code) : -1;
    };
    const auto best = std::max_element(
        contenders.begin(), contenders.end(),
        [&](const FailedContender& a, const FailedContender& b) { return rank_of(a) < rank_of(b); });
    return best != contenders.end() && best->error ? &*best : nullptr;
}

Problem reason(const std::vector<FailedContender>& contenders) {
    const bool carrier =
        std::ranges::any_of(contenders, [](const FailedContender& one) { return one.report.carrier; });
    if (!carrier) {
        const auto refused = std::ranges::find_if(
            contenders, [](const FailedContender& one) { return one.raise_error.has_value(); });
        if (refused != contenders.end())
            return {.object = refused->report.interface,
                    .text = fmt::format("cannot be brought up: {}", refused->raise_error->text()),
                    .hint = "the kernel's log has the message of the driver",
                    .code = Failure::CannotBringUp};
        if (std::ranges::none_of(contenders, &FailedContender::unsupported))
            return {.object = "network",
                    .text = "no carrier on any interface",
                    .hint = "is the cable in, and the switch port on",
                    .code = Failure::NoCarrier};
    }
    if (const FailedContender* one = nearest(contenders)) return one->error->first();
    return {.object = "network", .text = "no interface was configured in time", .code = Failure::NoOffer};
}

} // namespace

Error race_failure(const NetworkPlan& plan, const std::vector<Link>& seen,
                   const std::vector<FailedContender>& contenders) {
    if (contenders.empty()) return no_contender(plan, seen);
    std::vector<Problem> problems{reason(contenders)};
    for (const FailedContender& contender : contenders)
        problems.push_back({.object = contender.report.interface, .text = to_line(contender.report)});
    return Error(std::move(problems));
}

std::string to_line(const NicReport& nic) {
    return fmt::format("{} {}, {}, {} DISCOVERs, {} OFFERs, {}",
                       nic.driver.empty() ? "unknown driver" : nic.driver, nic.mac.text(),
                       nic.carrier ? "carrier" : "no carrier", nic.discovers, nic.offers,
                       nic.address.is_unspecified() ? "no address" : nic.address.text()) +
           (nic.reach.empty() ? "" : ", " + nic.reach);
}

} // namespace mkpxerd::netboot
