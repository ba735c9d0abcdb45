// SPDX-License-Identifier: MIT
// DHCPv4 messages as bytes: what the client sends, and what it understands of an answer. Pure; answers are
// hostile. RFC 2131 (protocol), 2132 (options), 3396 (long options), 3397 (search list), 3442 (classless
// routes).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

enum class DhcpType : std::uint8_t {
    Discover = 1,
    Offer = 2,
    Request = 3,
    Decline = 4,
    Ack = 5,
    Nak = 6,
    Release = 7
};

// What the client says.
struct DhcpQuery {
    DhcpType type = DhcpType::Discover;
    std::uint32_t xid = 0;
    MacAddress mac;
    std::uint16_t seconds = 0; // since the client began
    bool broadcast = false;    // asks for answers to 255.255.255.255
    std::string hostname;      // option 12; empty: not sent
    Ipv4Address client;        // ciaddr: ours, when a lease is renewed; 0.0.0.0: none yet
    Ipv4Address wanted;        // option 50; 0.0.0.0: not sent
    Ipv4Address server;        // option 54; 0.0.0.0: not sent
};

// What a server says. Options that are absent or malformed have the values of these initialisers.
struct DhcpReply {
    DhcpType type = DhcpType::Offer;
    std::uint32_t xid = 0;
    MacAddress mac;                           // chaddr
    Ipv4Address address;                      // yiaddr
    Ipv4Address server;                       // option 54; 0.0.0.0: it names none
    Ipv4Address source;                       // of the packet, which the bytes do not tell: set by the caller
    unsigned prefix = 0;                      // option 1 in bits; the class of the address when it is missing
    std::vector<Ipv4Address> gateways;        // option 3
    std::vector<Ipv4Address> dns;             // option 6
    std::vector<Ipv4Address> log_servers;     // option 7
    std::vector<Ipv4Address> ntp;             // option 42
    std::string hostname;                     // option 12
    std::string domain;                       // option 15, its first name
    std::vector<std::string> search;          // option 119; without it option 15, when that has several names
    std::optional<std::vector<Route>> routes; // option 121, or 249; when given, option 3 does not count
    unsigned mtu = 0;                         // option 26, bytes
    std::uint32_t lease_seconds = 0;          // option 51
    std::uint32_t renew_seconds = 0;          // option 58
    std::uint32_t rebind_seconds = 0;         // option 59
    std::string message;                      // option 56, printable
    std::vector<std::string> ignored;         // what was malformed, for the log: "option 121"
    // Who gave it, as messages name it.
    Ipv4Address giver() const { return server.is_unspecified() ? source : server; }
    bool operator==(const DhcpReply&) const = default;
};

// Both come from one server: by option 54, or, where one of them has none, by the address of its packet.
bool same_server(const DhcpReply& a, const DhcpReply& b);

// When a lease is to be renewed (T1), asked for from everybody (T2), and lost; since it was asked for.
struct LeaseTimes {
    std::chrono::milliseconds renew;
    std::chrono::milliseconds rebind;
    std::chrono::milliseconds end;
    bool operator==(const LeaseTimes&) const = default;
};
// RFC 2131 4.4.5: options 58 and 59 where they are in order, or half and seven eighths. nullopt: it has no
// end.
std::optional<LeaseTimes> lease_times(const DhcpReply& reply);

// The message with its options, padded to the 300 bytes that old relays insist on.
std::vector<std::uint8_t> encode_dhcp(const DhcpQuery& query);

// Errors: no BOOTP reply for Ethernet, no magic cookie, no message type, options that do not end where they
// say.
Result<DhcpReply> parse_dhcp(std::span<const std::uint8_t> bytes);

// A lease as the configuration of an interface; the default route of option 121 becomes the gateway (RFC
// 3442).
NetworkState lease_state(const DhcpReply& reply);

} // namespace mkpxerd::netboot
