// SPDX-License-Identifier: MIT
// Network interfaces, addresses and routes by rtnetlink(7), and the news of them as they happen.
// Written over the kernel's own headers: the dozen requests that the init makes need no library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// One interface as RTM_NEWLINK tells it.
struct Link {
    int index = 0;
    std::string name;
    MacAddress mac;
    PortGuid guid;               // of an InfiniBand port
    unsigned short hardware = 0; // ARPHRD_...
    std::string kind;            // IFLA_INFO_KIND: "veth", "vlan", "bridge", ...; empty for hardware
    bool up = false;             // IFF_UP
    bool carrier = false;        // IFF_LOWER_UP
    bool enslaved = false;       // part of a bond, bridge or team
    unsigned mtu = 0;            // bytes
    unsigned max_mtu = 0;        // bytes; 0: the driver does not say
    bool operator==(const Link&) const = default;
};

struct LinkEvent {
    Link link;
    bool removed = false;
    bool operator==(const LinkEvent&) const = default;
};

// The link messages in a buffer of the kernel's; others are passed over.
std::vector<LinkEvent> parse_link_events(std::span<const std::byte> buffer);

// The kernel marks a list during which something changed (NLM_F_DUMP_INTR): entries may be missing.
bool is_interrupted(std::span<const std::byte> dump);
// Asks until a list is whole; one that changes all the time is taken as it is after a few tries.
Result<std::vector<std::byte>> whole_dump(const std::function<Result<std::vector<std::byte>>()>& ask);
// Whether a dump ends in this buffer of the kernel's: 0 complete, or the errno that ended it; none: it goes
// on.
std::optional<int> dump_end(std::span<const std::byte> buffer, std::uint32_t sequence);

// An Ethernet interface that can stand for a cable: no loopback, tunnel, bridge or part of one, and not
// Wi-Fi.
bool is_wired(const Link& link);

// The link has the hardware address that a boot loader told.
bool is_bootif(const Link& link, const Bootif& bootif);

struct RouteRequest {
    Ipv4Address destination;
    unsigned prefix = 0;                // bits
    std::optional<Ipv4Address> gateway; // none: on-link
    std::uint32_t metric = 0;
    bool onlink = false; // the gateway is reached directly though no subnet says so
    bool operator==(const RouteRequest&) const = default;
};

// Requests are answered by the kernel at once, so these calls do not wait.
// Errors name the interface by its number, or what the kernel could not do.
class Rtnetlink {
  public:
    static Result<Rtnetlink> open();

    Result<std::vector<Link>> links();
    Result<void> set_up(int index, bool up);
    Result<void> set_mtu(int index, unsigned mtu);
    // For ever. An address that is there already is no error.
    Result<void> add_address(int index, Ipv4Address address, unsigned prefix);
    Result<void> add_route(int index, const RouteRequest& route);
    Result<void> remove_route(int index, const RouteRequest& route);
    // Removes every IPv4 address of the interface, and with them the routes that depend on them.
    Result<void> flush(int index);

  private:
    explicit Rtnetlink(UniqueFd socket) : socket_(std::move(socket)) {}
    Result<void> request(std::span<std::byte> message, const std::string& what);
    Result<std::vector<std::byte>> dump(unsigned short type, unsigned char family);
    Result<std::vector<std::byte>> dump_once(unsigned short type, unsigned char family);
    UniqueFd socket_;
    std::uint32_t sequence_ = 0;
};

// The driver of an interface ("e1000e"), empty when it does not say. Asked by ioctl: /sys may show another
// namespace.
std::string driver_of(const std::string& interface);

} // namespace mkpxerd::netboot
