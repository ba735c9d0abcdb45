// SPDX-License-Identifier: MIT
// DHCPv4 messages: queries as bytes, and bytes as replies. Pure; replies may be hostile. RFC 2131 (protocol),
// 2132 (options), 3396 (long options), 3397 (search list), 3442 (classless routes).
#pragma once

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

// A message of the client.
struct DhcpQuery {
    DhcpType type = DhcpType::Discover;
    std::uint32_t xid = 0;
    MacAddress mac;
    std::uint16_t seconds = 0; // since the client began
    bool broadcast = false;    // asks for replies to 255.255.255.255
    std::string hostname;      // option 12; empty: not sent
    Ipv4Address client;        // ciaddr: our address, to renew its lease; 0.0.0.0: none yet
    Ipv4Address wanted;        // option 50; 0.0.0.0: not sent
    Ipv4Address server;        // option 54; 0.0.0.0: not sent
};

// A message of a server. Absent and malformed options have these default values.
struct DhcpReply {
    DhcpType type = DhcpType::Offer;
    std::uint32_t xid = 0;
    MacAddress mac;                           // chaddr
    Ipv4Address address;                      // yiaddr
    Ipv4Address server;                       // option 54; 0.0.0.0: absent
    Ipv4Address source;                       // of the packet; set by the caller
    unsigned prefix = 0;                      // option 1, in bits; without it, of the address class
    std::vector<Ipv4Address> gateways;        // option 3
    std::vector<Ipv4Address> dns;             // option 6
    std::vector<Ipv4Address> log_servers;     // option 7
    std::vector<Ipv4Address> ntp;             // option 42
    std::string hostname;                     // option 12
    std::string domain;                       // option 15, its first name
    std::vector<std::string> search;          // option 119, or several names of option 15
    std::optional<std::vector<Route>> routes; // option 121 or 249; overrides option 3
    unsigned mtu = 0;                         // option 26, bytes
    std::uint32_t lease_seconds = 0;          // option 51
    std::uint32_t renew_seconds = 0;          // option 58
    std::uint32_t rebind_seconds = 0;         // option 59
    std::string message;                      // option 56, printable
    std::vector<std::string> ignored;         // malformed ones, for the log: "option 121"
    // The server, for messages.
    Ipv4Address server_address() const { return server.is_unspecified() ? source : server; }
    bool operator==(const DhcpReply&) const = default;
};

// Whether both come from one server: by option 54, or, if one of them lacks it, by the address of the packet.
bool same_server(const DhcpReply& a, const DhcpReply& b);

// The message with its options, padded to 300 bytes, which old relays require.
std::vector<std::uint8_t> encode_dhcp(const DhcpQuery& query);

// Errors: not a BOOTP reply for Ethernet, without magic cookie or message type, an option beyond the end.
Result<DhcpReply> parse_dhcp(std::span<const std::uint8_t> bytes);

} // namespace mkpxerd::netboot
