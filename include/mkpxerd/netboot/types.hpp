// SPDX-License-Identifier: MIT
// Values that pass from one room of the netboot init to another, in order of appearance: read this first.
//   BootOptions -> BootPlan -> NetworkRequest -> NetworkState -> FetchRequest -> FetchReport
// Values that the generator knows as well (BootConfig, BootOptions, BootPlan, Source) are in the room
// contract; those that only the phases of the boot pass on are in boot/boot_values.hpp.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/contract/ip_option.hpp"
#include "mkpxerd/contract/url.hpp"

namespace mkpxerd::netboot {

// The clock of the init: the steady one, through a function of its own, so that tests set it forward instead
// of waiting.
struct Clock {
    using duration = std::chrono::steady_clock::duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr bool is_steady = true;
    static time_point now() noexcept; // runtime/clock.cpp
};
using Deadline = Clock::time_point;

struct Route {
    Ipv4Address destination;
    unsigned prefix = 0;                // bits
    std::optional<Ipv4Address> gateway; // none: on-link
    auto operator<=>(const Route&) const = default;
};

// The input of the network phase.
struct NetworkRequest {
    std::vector<IpOption> ip;          // empty: DHCP on every wired NIC
    std::optional<Bootif> bootif;      // the port that the loader used
    std::vector<HostPort> first_hosts; // those that the boot needs; the winner must reach one
    Deadline deadline;                 // one for the whole phase
};

// The history of one interface while the network came up, for messages and the report.
struct NicReport {
    std::string interface;
    std::string driver; // "e1000e"; empty: unknown
    MacAddress mac;
    bool carrier = false;
    unsigned discovers = 0; // DISCOVERs sent
    unsigned offers = 0;    // OFFERs received
    Ipv4Address address;    // of the lease, or as given
    std::string reach;      // "10.0.0.1 answers", "10.0.0.1: no answer"; empty: not tried
    bool chosen = false;
    bool operator==(const NicReport&) const = default;
};

// The result of the network phase: the configuration of the winning interface.
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
    std::string lease_loss;      // why the lease was lost; empty: it was not
    std::vector<NicReport> nics; // every interface that took part, this one included
    bool operator==(const NetworkState&) const = default;
};

struct FetchRequest {
    std::string name;                  // its role: "apkovl", "modloop"; signatures contain it
    std::vector<Url> urls;             // tried in order; only "not found" and 403 go on to the next
    std::filesystem::path destination; // written beside and renamed when complete
    Deadline deadline;
    std::string sha256 = {}; // hexadecimal; the object must have it, whatever a URL's #sha256= says
    std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max(); // bytes that are accepted
};

struct FetchReport {
    std::string url; // the URL that was used, secrets removed
    std::uint64_t bytes = 0;
    unsigned attempts = 0;
};

} // namespace mkpxerd::netboot
