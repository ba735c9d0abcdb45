// SPDX-License-Identifier: MIT
// Every interface that may serve is configured at once; the first that reaches the first needed host wins.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <stop_token>

#include "mkpxerd/netboot/net/dhcp_client.hpp"
#include "mkpxerd/netboot/net/link_monitor.hpp"
#include "mkpxerd/netboot/net/network_plan.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"

namespace mkpxerd::netboot {

// "e1000e 52:54:00:aa:bb:cc, carrier, 5 DISCOVERs, 0 OFFERs, no address"
std::string to_line(const NicReport& nic);

class NicRace {
  public:
    NicRace(boost::asio::io_context& io, Log& log, NetworkRequest request, Rtnetlink netlink,
            LinkMonitor monitor);
    // Once. Errors as in bring_up_network().
    Task<NetworkState> run();
    // After that: those that the interfaces in use hang on, the winner's among them.
    std::vector<HeldLease> take_leases() { return std::move(leases_); }

  private:
    // One interface in the race. Lives until the race ends, so that its task may refer to it.
    struct Contender {
        Link link;
        IpOption option;
        std::string driver;
        std::stop_source stop;
        std::optional<DhcpClient> client;
        std::optional<DhcpReply> lease;
        std::optional<NetworkState> state; // once applied
        Clock::time_point configured_at;
        std::string reach;
        bool reached = false;
        bool gone = false;
        bool raised = false; // by us
        std::optional<Error> error;
        std::optional<Error> raise_error; // the driver refused to bring the interface up
    };

    void on_link(const LinkEvent& event);
    void enter(const Link& link, const IpOption& option);
    boost::asio::awaitable<void> watch_links();
    boost::asio::awaitable<void> widen_later();
    boost::asio::awaitable<void> compete(Contender& contender);
    Task<NetworkState> configure(Contender& contender);
    boost::asio::awaitable<void> probe(Contender& contender);

    Contender* winner();
    bool others_may_come(const Contender& leader) const;
    bool is_hopeless() const;
    bool all_failed() const;
    bool stays(const Contender& loser) const;
    Deadline next_decision() const;
    void finish(Contender& winner);
    NicReport report_of(const Contender& contender, bool chosen) const;
    Error failure() const;

    boost::asio::io_context& io_;
    Log& log_;
    NetworkRequest request_;
    NetworkPlan plan_;
    Rtnetlink netlink_;
    LinkMonitor monitor_;
    Notifier changed_;
    TaskGroup tasks_;
    std::stop_source stop_;
    Clock::time_point started_;
    std::list<Link> seen_; // every interface there is
    std::list<Contender> contenders_;
    std::vector<HeldLease> leases_;
    std::optional<Error> monitor_error_;
};

} // namespace mkpxerd::netboot
