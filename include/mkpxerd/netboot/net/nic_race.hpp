// SPDX-License-Identifier: MIT
// Configures all interfaces that the plan lets take part at once, and keeps the winner.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <stop_token>

#include "mkpxerd/netboot/net/dhcp_client.hpp"
#include "mkpxerd/netboot/net/link_monitor.hpp"
#include "mkpxerd/netboot/net/network.hpp"
#include "mkpxerd/netboot/net/network_plan.hpp"
#include "mkpxerd/netboot/net/race_rules.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"

namespace mkpxerd::netboot {

class NicRace {
  public:
    NicRace(boost::asio::io_context& io, Log& log, NetworkRequest request, Rtnetlink netlink,
            LinkMonitor monitor);
    // Once. Errors: those of bring_up_network().
    Task<ConfiguredNetwork> run();

  private:
    // One interface in the race. It lives until the race ends, because its task refers to it.
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
        bool raised = false; // brought up by the race
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

    static Standing standing_of(const Contender& contender);
    std::vector<Standing> standings() const; // of contenders_, in their order
    bool stays(const Contender& loser) const;
    void finish(const Contender& winner);
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
    RaceRules rules_;
    std::list<Link> seen_; // every interface of the machine
    std::list<Contender> contenders_;
    std::optional<Error> monitor_error_;
};

} // namespace mkpxerd::netboot
