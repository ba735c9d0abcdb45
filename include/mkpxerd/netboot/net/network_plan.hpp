// SPDX-License-Identifier: MIT
// NetworkRequest, Link -> the ip= for this interface.
#pragma once

#include <optional>

#include "mkpxerd/netboot/net/link.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

class NetworkPlan {
  public:
    explicit NetworkPlan(const NetworkRequest& request);

    // nullopt: leave the interface alone. An ip= that names it overrides a general one, of which the last
    // counts. A general one is for wired interfaces only, and with a BOOTIF only for it. An InfiniBand port
    // takes part if it is named or the BOOTIF.
    std::optional<IpOption> option_for(const Link& link) const;

    // ip=off, and nothing else.
    bool wants_nothing() const { return options_.empty(); }
    // Only the BOOTIF may take part.
    bool is_narrow() const { return narrow_; }
    // From now on every wired interface may take part.
    void widen() { narrow_ = false; }
    // There are several ip=, and each names its interface: all of them must come up, not just one.
    bool wants_all() const;
    // The named interfaces, for messages.
    std::vector<std::string> named() const;

  private:
    bool names(const IpOption& option, const Link& link) const;
    std::vector<IpOption> options_; // except off_
    std::vector<IpOption> off_;
    std::optional<Bootif> bootif_;
    bool narrow_ = false;
};

// Why this link does not support the option: MPX-NET-10, DHCP over InfiniBand.
std::optional<Error> unsupported(const Link& link, const IpOption& option);

// The state of a static ip=; and the fields of an ip= that override those of a lease.
NetworkState static_state(const IpOption& option);
void overlay(const IpOption& option, NetworkState& state);

} // namespace mkpxerd::netboot
