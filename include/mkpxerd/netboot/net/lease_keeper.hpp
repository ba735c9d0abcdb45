// SPDX-License-Identifier: MIT
// Renews a lease during the boot (RFC 2131 4.4.5): asks its server from T1 on, and any server from T2 on.
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

    // Waits until a renewal changes the lease; routes and MTU are set then, and the changes are logged.
    // nullopt: the lease is lost, which is logged (MPX-DHCP-05), or does not end. The interface keeps its
    // address in any case, because connections such as an NFS root depend on it.
    boost::asio::awaitable<std::optional<NetworkState>> next_change();
    // Why the lease is lost; empty: it is in force.
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

// The differences: "gateway 10.0.0.2, DNS 10.0.0.3"; empty: none that matters to a boot. Pure.
std::string changes_text(const NetworkState& before, const NetworkState& now);

} // namespace mkpxerd::netboot
