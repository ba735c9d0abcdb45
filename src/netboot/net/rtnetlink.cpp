// SPDX-License-Identifier: MIT
// Each request gets an acknowledgement, and each dump an end.
#include "mkpxerd/netboot/net/rtnetlink.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "mkpxerd/netboot/net/netlink_message.hpp"

namespace mkpxerd::netboot {
namespace {

ifaddrmsg address_body(int index, unsigned prefix) {
    ifaddrmsg body{};
    body.ifa_family = AF_INET;
    body.ifa_prefixlen = static_cast<unsigned char>(prefix);
    body.ifa_scope = RT_SCOPE_UNIVERSE;
    body.ifa_index = static_cast<unsigned>(index);
    return body;
}

NetlinkMessage route_message(unsigned short type, unsigned flags, int index, const RouteRequest& route) {
    rtmsg body{};
    body.rtm_family = AF_INET;
    body.rtm_dst_len = static_cast<unsigned char>(route.prefix);
    body.rtm_table = RT_TABLE_MAIN;
    body.rtm_protocol = RTPROT_BOOT;
    body.rtm_scope = route.gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    body.rtm_type = RTN_UNICAST;
    if (route.onlink) body.rtm_flags = RTNH_F_ONLINK;
    NetlinkMessage message(type, flags, body);
    if (route.prefix != 0) message.add(RTA_DST, route.destination);
    if (route.gateway) message.add(RTA_GATEWAY, *route.gateway);
    message.add(RTA_OIF, index);
    if (route.metric != 0) message.add(RTA_PRIORITY, route.metric);
    return message;
}

std::string route_text(const RouteRequest& route) {
    return fmt::format("route {}/{}{}", route.destination.text(), route.prefix,
                       route.gateway ? " by " + route.gateway->text() : "");
}

} // namespace

Result<Rtnetlink> Rtnetlink::open() {
    UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!socket) return fail_errno("rtnetlink", "cannot open a socket", errno);
    return Rtnetlink(std::move(socket));
}

Result<void> Rtnetlink::request(NetlinkMessage& message, const std::string& what) {
    const std::span<const std::byte> bytes = message.finish(++sequence_, true);
    if (::send(socket_.get(), bytes.data(), bytes.size(), 0) < 0) return fail_errno(what, "rtnetlink", errno);

    std::array<std::byte, 8192> buffer{};
    for (;;) {
        const ssize_t length = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return fail_errno(what, "rtnetlink", errno);
        const auto answer =
            acknowledgement(std::span(buffer).first(static_cast<std::size_t>(length)), sequence_);
        if (answer && *answer != 0) return fail_errno(what, "the kernel refused it", *answer);
        if (answer) return {};
    }
}

Result<std::vector<std::byte>> Rtnetlink::dump(unsigned short type, unsigned char family) {
    return whole_dump([&] { return dump_once(type, family); });
}

Result<std::vector<std::byte>> Rtnetlink::dump_once(unsigned short type, unsigned char family) {
    rtgenmsg body{};
    body.rtgen_family = family;
    NetlinkMessage message(type, NLM_F_DUMP, body);
    const std::span<const std::byte> question = message.finish(++sequence_, false);
    if (::send(socket_.get(), question.data(), question.size(), 0) < 0)
        return fail_errno("rtnetlink", "cannot ask the kernel", errno);

    std::vector<std::byte> all;
    std::vector<std::byte> buffer(std::size_t{32} << 10); // the kernel fills dump messages up to 32 KiB
    for (std::optional<int> end; !end;) {
        const ssize_t length = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return fail_errno("rtnetlink", "cannot read the answer", errno);
        const auto part = std::span<const std::byte>(buffer).first(static_cast<std::size_t>(length));
        end = dump_end(part, sequence_);
        if (end && *end != 0) return fail_errno("rtnetlink", "the kernel refused a dump", *end);
        all.insert(all.end(), part.begin(), part.end());
        all.resize(netlink_align(all.size()));
    }
    return all;
}

Result<std::vector<Link>> Rtnetlink::links() {
    MKPXERD_TRY_ASSIGN(const std::vector<std::byte> answer, dump(RTM_GETLINK, AF_UNSPEC));
    std::vector<Link> links;
    for (LinkEvent& event : parse_link_events(answer))
        links.push_back(std::move(event.link));
    return links;
}

Result<void> Rtnetlink::set_up(int index, bool up) {
    ifinfomsg body{};
    body.ifi_index = index;
    body.ifi_flags = up ? IFF_UP : 0;
    body.ifi_change = IFF_UP;
    NetlinkMessage message(RTM_NEWLINK, 0, body);
    return request(message, fmt::format("interface {} {}", index, up ? "up" : "down"));
}

Result<void> Rtnetlink::set_mtu(int index, unsigned mtu) {
    ifinfomsg body{};
    body.ifi_index = index;
    NetlinkMessage message(RTM_NEWLINK, 0, body);
    message.add(IFLA_MTU, std::uint32_t{mtu});
    return request(message, fmt::format("MTU {} of interface {}", mtu, index));
}

Result<void> Rtnetlink::add_address(int index, Ipv4Address address, unsigned prefix) {
    NetlinkMessage message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, address_body(index, prefix));
    message.add(IFA_LOCAL, address).add(IFA_ADDRESS, address);
    if (prefix < 31) message.add(IFA_BROADCAST, Ipv4Address{address.value | (0xffffffffU >> prefix)});
    return request(message, fmt::format("address {}/{}", address.text(), prefix));
}

Result<void> Rtnetlink::add_route(int index, const RouteRequest& route) {
    NetlinkMessage message = route_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, index, route);
    return request(message, route_text(route));
}

Result<void> Rtnetlink::remove_route(int index, const RouteRequest& route) {
    NetlinkMessage message = route_message(RTM_DELROUTE, 0, index, route);
    return request(message, route_text(route));
}

Result<void> Rtnetlink::flush(int index) {
    MKPXERD_TRY_ASSIGN(const std::vector<std::byte> answer, dump(RTM_GETADDR, AF_INET));
    std::vector<std::pair<Ipv4Address, unsigned>> addresses;
    for_each_message(answer, [&](const nlmsghdr& header, std::span<const std::byte> payload) {
        if (header.nlmsg_type != RTM_NEWADDR || payload.size() < sizeof(ifaddrmsg)) return;
        const auto body = load<ifaddrmsg>(payload);
        if (static_cast<int>(body.ifa_index) != index) return;
        for_each_attribute(payload.subspan(netlink_align(sizeof body)),
                           [&](unsigned type, std::span<const std::byte> value) {
                               if (type == IFA_LOCAL)
                                   addresses.emplace_back(Ipv4Address{ntohl(load<std::uint32_t>(value))},
                                                          body.ifa_prefixlen);
                           });
    });
    for (const auto& [address, prefix] : addresses) {
        NetlinkMessage message(RTM_DELADDR, 0, address_body(index, prefix));
        message.add(IFA_LOCAL, address);
        MKPXERD_TRY(request(message, fmt::format("removal of address {}/{}", address.text(), prefix)));
    }
    return {};
}

} // namespace mkpxerd::netboot
