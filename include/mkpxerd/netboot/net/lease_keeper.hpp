// SPDX-License-Identifier: MIT
// A lease in use is renewed for as long as the boot takes (RFC 2131 4.4.5): of its server from T1 on, of any
// from T2 on.
#pragma once

#include <string>

#include "mkpxerd/netboot/net/dhcp_client.hpp"
#include "mkpxerd/netboot/net/lease.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

class LeaseKeeper {
  public:
    LeaseKeeper(boost::asio::io_context& io, Log& log, HeldLease lease);

    // Until a renewal changes what the lease says: routes and MTU are in force then, and what has changed was
    // told. nullopt: the lease is lost, which was told (MPX-DHCP-05), or has no end. The interface keeps its
    // address in any case: connections, an NFS root among them, hang on it.
    boost::asio::awaitable<std::optional<NetworkState>> next_change();
    // Why the lease is lost; empty: it is not.
    const std::string& loss() const { return loss_; }

  private:
    enum class Answer { Ack, Nak, None };
    boost::asio::awaitable<Answer> renew(const LeaseTimes& times);
    boost::asio::awaitable<std::optional<DhcpReply>> ask(Ipv4Address server, std::uint32_t xid,
                                                         Deadline until);
    NetworkState state() const;
    void lose(std::string why);

    boost::asio::io_context& io_;
    Log& log_;
    HeldLease lease_;
    std::string loss_;
};

// What differs: "gateway 10.0.0.2, DNS 10.0.0.3"; empty: nothing that a boot has use for. Pure.
std::string changes_text(const NetworkState& before, const NetworkState& now);

} // namespace mkpxerd::netboot
