// SPDX-License-Identifier: MIT
// NetworkRequest, Link -> what to do with this interface.
#pragma once

#include <optional>

#include "mkpxerd/netboot/net/link.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

class NetworkPlan {
  public:
    explicit NetworkPlan(const NetworkRequest& request);

    // nullopt: leave it alone. An ip= that names the interface is stronger than one for all; one for all
    // serves wired interfaces only, and only the BOOTIF while there is one. An InfiniBand port is served when
    // it is named, or is the BOOTIF.
    std::optional<IpOption> option_for(const Link& link) const;

    // ip=off, and nothing else.
    bool wants_nothing() const { return options_.empty(); }
    // The BOOTIF keeps others out.
    bool is_narrow() const { return narrow_; }
    // From now on every wired interface may take part.
    void widen() { narrow_ = false; }
    // Every ip= names its interface: all of them are wanted, not one of them.
    bool wants_all() const;
    // The interfaces that were named, for messages.
    std::vector<std::string> named() const;

  private:
    bool names(const IpOption& option, const Link& link) const;
    std::vector<IpOption> options_; // without those that are off
    std::vector<IpOption> off_;
    std::optional<Bootif> bootif_;
    bool narrow_ = false;
};

// Why the option cannot be served on this link: MPX-NET-10, DHCP over InfiniBand.
std::optional<Error> unserved(const Link& link, const IpOption& option);

// A static ip= as the state it leads to, and what else an ip= says laid over a lease.
NetworkState static_state(const IpOption& option);
void overlay(const IpOption& option, NetworkState& state);

} // namespace mkpxerd::netboot
