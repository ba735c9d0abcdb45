// SPDX-License-Identifier: MIT
// Which interface does what.
#include "mkpxerd/netboot/net/network_plan.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <net/if_arp.h>

namespace mkpxerd::netboot {

NetworkPlan::NetworkPlan(const NetworkRequest& request) : bootif_(request.bootif) {
    for (const IpOption& option : request.ip)
        (option.method == IpOption::Method::Off ? off_ : options_).push_back(option);
    const bool all_off =
        std::any_of(off_.begin(), off_.end(), [](const IpOption& option) { return option.device.empty(); });
    if (options_.empty() && !all_off) options_.emplace_back(); // DHCP on every wired interface
    narrow_ = bootif_.has_value();
}

bool NetworkPlan::names(const IpOption& option, const Link& link) const {
    if (option.device == "BOOTIF") return bootif_ && is_bootif(link, *bootif_);
    const bool infiniband = link.hardware == ARPHRD_INFINIBAND;
    return option.device == link.name || option.device == (infiniband ? link.guid.text() : link.mac.text());
}

std::optional<IpOption> NetworkPlan::option_for(const Link& link) const {
    const bool infiniband = link.hardware == ARPHRD_INFINIBAND;
    if (link.hardware != ARPHRD_ETHER && !infiniband) return std::nullopt;
    const auto is_named = [&](const IpOption& option) {
        return !option.device.empty() && names(option, link);
    };
    if (std::any_of(off_.begin(), off_.end(), is_named)) return std::nullopt;
    // An address that several interfaces share (a VLAN and its parent) means the hardware.
    for (const IpOption& option : options_)
        if (is_named(option) && (option.device == link.name || is_wired(link) || infiniband)) return option;
    const bool chosen = narrow_ && is_bootif(link, *bootif_);
    if (!(is_wired(link) || (infiniband && chosen)) || (narrow_ && !chosen)) return std::nullopt;
    // The last one, as in the kernel: a loader or a machine's own script adds its options after the others.
    const auto general = std::find_if(options_.rbegin(), options_.rend(),
                                      [](const IpOption& option) { return option.device.empty(); });
    return general == options_.rend() ? std::nullopt : std::optional(*general);
}

bool NetworkPlan::wants_all() const {
    return options_.size() > 1 && std::all_of(options_.begin(), options_.end(),
                                              [](const IpOption& option) { return !option.device.empty(); });
}

std::vector<std::string> NetworkPlan::named() const {
    std::vector<std::string> names;
    for (const IpOption& option : options_) {
        if (option.device == "BOOTIF" && bootif_)
            names.push_back("BOOTIF " + to_text(*bootif_));
        else if (!option.device.empty())
            names.push_back(option.device);
    }
    if (names.empty() && narrow_) names.push_back("BOOTIF " + to_text(*bootif_));
    return names;
}

// RFC 4390 requires another form of the message, which few servers support.
std::optional<Error> unsupported(const Link& link, const IpOption& option) {
    if (link.hardware != ARPHRD_INFINIBAND || option.method != IpOption::Method::Dhcp) return std::nullopt;
    return Error(Problem{
        .object = link.name,
        .text = "is an InfiniBand port, and DHCP over InfiniBand is not supported",
        .hint = fmt::format(
            "give it an address (ip=address::gateway:mask::{}), or boot from an Ethernet port", link.name),
        .code = Failure::InfinibandDhcp});
}

NetworkState static_state(const IpOption& option) {
    NetworkState state;
    state.address = option.address;
    state.prefix = option.prefix;
    state.gateway = option.gateway;
    overlay(option, state);
    return state;
}

void overlay(const IpOption& option, NetworkState& state) {
    if (!option.dns.empty()) state.dns = option.dns;
    if (!option.ntp.empty()) state.ntp = option.ntp;
    if (!option.hostname.empty()) state.hostname = option.hostname;
    if (option.mtu != 0) state.mtu = option.mtu;
}

} // namespace mkpxerd::netboot
