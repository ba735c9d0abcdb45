// SPDX-License-Identifier: MIT
// Obtains a DHCPv4 lease on one interface (RFC 2131 4.4).
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "mkpxerd/netboot/net/dhcp_message.hpp"
#include "mkpxerd/netboot/net/dhcp_socket.hpp"
#include "mkpxerd/netboot/net/link.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"

namespace mkpxerd::netboot {

struct DhcpPreferences {
    std::string hostname; // option 12
    Ipv4Address address;  // the first DISCOVER asks for it; 0.0.0.0: none
};

// What happened so far, for messages about a failure.
struct DhcpCounters {
    unsigned discovers = 0;
    unsigned offers = 0;
    unsigned requests = 0;
    unsigned refusals = 0;  // NAKs
    unsigned malformed = 0; // unreadable replies
    Ipv4Address server;     // of the last offer
    std::string message;    // of the last NAK (option 56)
};

// A lease in use, with what its renewal needs.
struct HeldLease {
    std::string interface;
    MacAddress mac;
    IpOption option;         // its fields override the terms
    DhcpReply terms;         // as acknowledged
    Clock::time_point since; // when the acknowledged request was sent
};

class DhcpClient {
  public:
    // Errors: those of DhcpSocket::open.
    static Result<DhcpClient> open(boost::asio::io_context& io, Log& log, const Link& link,
                                   DhcpPreferences preferences);

    // Asks at once, then after half a second, doubling up to four: so it finds a server or a switch port that
    // becomes ready late within four seconds. After a server refuses its own offer or stops replying, another
    // one is preferred. Errors (object: the interface): MPX-DHCP-01 no offer, -02 refused, -03 no
    // acknowledgement, -04 only unreadable replies.
    Task<DhcpReply> obtain(Deadline deadline, std::stop_token stop);

    // With a new carrier the next message is sent at once.
    void set_carrier(bool carrier);
    const DhcpCounters& counters() const { return counters_; }
    // When the acknowledged request was sent.
    Clock::time_point asked_at() const { return asked_at_; }

  private:
    using Accept = std::function<bool(const DhcpReply&)>;
    DhcpClient(boost::asio::io_context& io, Log& log, const Link& link, DhcpPreferences preferences,
               DhcpSocket socket);
    boost::asio::awaitable<std::optional<DhcpReply>> ask(DhcpQuery query, unsigned attempts, Accept accept,
                                                         Deadline deadline, std::stop_token stop);
    boost::asio::awaitable<std::optional<DhcpReply>> listen(std::uint32_t xid, const Accept& accept,
                                                            Deadline until, std::stop_token stop);
    boost::asio::awaitable<std::optional<DhcpReply>> ask_for_offer(DhcpQuery& query, Deadline deadline,
                                                                   std::stop_token stop);
    boost::asio::awaitable<std::optional<DhcpReply>> request(DhcpQuery query, const DhcpReply& offer,
                                                             Deadline deadline, std::stop_token stop);
    void count(const DhcpQuery& query);
    void warn_about_switch_port();
    Error failure() const;

    boost::asio::io_context& io_;
    Log& log_;
    std::string interface_;
    MacAddress mac_;
    DhcpPreferences preferences_;
    DhcpSocket socket_;
    DhcpCounters counters_;
    std::map<Ipv4Address, unsigned> failures_; // of servers, after their offers
    std::optional<DhcpReply> spare_offer_;     // of a server that failed before, in this round
    bool others_offer_ = false;                // while the request for an offer is pending
    Clock::time_point started_;
    Clock::time_point asked_at_;
    Clock::time_point carrier_since_;
    bool carrier_;
    bool kicked_ = false;
    bool hinted_ = false;
};

} // namespace mkpxerd::netboot
