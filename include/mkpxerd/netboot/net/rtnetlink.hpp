// SPDX-License-Identifier: MIT
// Lists and configures interfaces, addresses and routes by rtnetlink(7). A dozen requests need no library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/netboot/net/link.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

class NetlinkMessage;

struct RouteRequest {
    Ipv4Address destination;
    unsigned prefix = 0;                // bits
    std::optional<Ipv4Address> gateway; // none: on-link
    std::uint32_t metric = 0;
    bool onlink = false; // reach the gateway directly, although no subnet contains it
    bool operator==(const RouteRequest&) const = default;
};

// The kernel answers at once, so these calls do not block. Errors name the interface by its number, or the
// request that the kernel refused.
class Rtnetlink {
  public:
    static Result<Rtnetlink> open();

    Result<std::vector<Link>> links();
    Result<void> set_up(int index, bool up);
    Result<void> set_mtu(int index, unsigned mtu);
    // With an unlimited lifetime; replaces the same address.
    Result<void> add_address(int index, Ipv4Address address, unsigned prefix);
    Result<void> add_route(int index, const RouteRequest& route);
    Result<void> remove_route(int index, const RouteRequest& route);
    // Removes all IPv4 addresses of the interface, and so the routes that depend on them.
    Result<void> flush(int index);

  private:
    explicit Rtnetlink(UniqueFd socket) : socket_(std::move(socket)) {}
    Result<void> request(NetlinkMessage& message, const std::string& what);
    Result<std::vector<std::byte>> dump(unsigned short type, unsigned char family);
    Result<std::vector<std::byte>> dump_once(unsigned short type, unsigned char family);
    UniqueFd socket_;
    std::uint32_t sequence_ = 0;
};

} // namespace mkpxerd::netboot
