// SPDX-License-Identifier: MIT
// Every value that flows through the netboot init, in order of appearance: read this first.
//   /proc/cmdline -> BootOptions -> NetworkRequest -> NetworkState -> fetched objects, mounts -> new root
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mkpxerd::netboot {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

struct MacAddress {
    std::array<std::uint8_t, 6> bytes{};
    // "52:54:00:aa:bb:cc", '-' as separator too, any case.
    static std::optional<MacAddress> parse(std::string_view text);
    // Lower case, with the given separator.
    std::string text(char separator = ':') const;
    auto operator<=>(const MacAddress&) const = default;
};

// The GUID of an InfiniBand port: the last 8 of the 20 bytes of its address (RFC 4391 9.1.1).
struct PortGuid {
    std::array<std::uint8_t, 8> bytes{};
    // As MacAddress has it, with eight parts.
    static std::optional<PortGuid> parse(std::string_view text);
    std::string text() const;
    auto operator<=>(const PortGuid&) const = default;
};

// The network port that a boot loader used.
using Bootif = std::variant<MacAddress, PortGuid>;
std::string to_text(const Bootif& bootif);

struct Ipv4Address {
    std::uint32_t value = 0; // host byte order
    static std::optional<Ipv4Address> parse(std::string_view text);
    std::string text() const;
    bool is_unspecified() const { return value == 0; }
    auto operator<=>(const Ipv4Address&) const = default;
};

struct Route {
    Ipv4Address destination;
    unsigned prefix = 0;                // bits
    std::optional<Ipv4Address> gateway; // none: on-link
    auto operator<=>(const Route&) const = default;
};

// One ip= option. Kernel syntax: Documentation/admin-guide/nfs/nfsroot.rst.
struct IpOption {
    enum class Method { Dhcp, Static, Off };
    Method method = Method::Dhcp;
    std::string device; // kernel name, hardware address as text, "BOOTIF", or empty: chosen by itself
    Ipv4Address address;
    unsigned prefix = 0; // bits
    std::optional<Ipv4Address> server;
    std::optional<Ipv4Address> gateway;
    std::string hostname;
    std::vector<Ipv4Address> dns;
    std::vector<Ipv4Address> ntp;
    unsigned mtu = 0; // bytes; 0: as the device says
    bool operator==(const IpOption&) const = default;
};

// What the network phase is asked for.
struct NetworkRequest {
    std::vector<IpOption> ip;             // empty: DHCP on every wired NIC
    std::optional<Bootif> bootif;         // the port that the loader used
    std::vector<std::string> first_hosts; // addresses or names that the boot needs; the winner must reach one
    Deadline deadline;                    // one for the whole phase
};

// What was seen of one interface while the network came up; for the failure screen and the report.
struct NicReport {
    std::string interface;
    std::string driver; // "e1000e"; empty: not known
    MacAddress mac;
    bool carrier = false;
    unsigned discovers = 0; // DHCP questions sent
    unsigned offers = 0;    // and answered
    Ipv4Address address;    // of the lease, or as given
    std::string reach;      // "10.0.0.1 answers", "10.0.0.1: no answer"; empty: not tried
    bool chosen = false;
    bool operator==(const NicReport&) const = default;
};

// What the network phase leaves behind: the configuration of the winning interface.
struct NetworkState {
    std::string interface; // kernel name
    MacAddress mac;
    Ipv4Address address;
    unsigned prefix = 0; // bits
    std::optional<Ipv4Address> gateway;
    std::vector<Route> routes; // option 121, when it replaces the gateway
    std::vector<Ipv4Address> dns;
    std::vector<Ipv4Address> ntp;
    std::vector<Ipv4Address> log_servers;
    std::string domain;
    std::vector<std::string> search;
    std::string hostname;
    unsigned mtu = 0; // bytes; 0: not set
    bool dynamic = false;
    Ipv4Address dhcp_server;
    std::uint32_t lease_seconds = 0;
    std::string lease_loss;      // why the address is no longer ours; empty: it is
    std::vector<NicReport> nics; // every interface that took part, this one included
    bool operator==(const NetworkState&) const = default;
};

} // namespace mkpxerd::netboot
