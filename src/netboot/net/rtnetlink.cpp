// SPDX-License-Identifier: MIT
// A netlink message is a header, a fixed struct and attributes (length, type, bytes, padded to four); an
// answer is NLMSG_ERROR with 0 or -errno. Everything here is that, and nothing more.
#include "mkpxerd/netboot/net/rtnetlink.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t infiniband_length = 20; // INFINIBAND_ALEN, bytes of an address

constexpr std::size_t align(std::size_t length) {
    return (length + 3) & ~std::size_t{3};
}

template <class T>
T load(std::span<const std::byte> bytes) {
    T value{};
    if (bytes.size() >= sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

std::string load_text(std::span<const std::byte> bytes) {
    std::string text(bytes.size(), '\0');
    if (!bytes.empty()) std::memcpy(text.data(), bytes.data(), bytes.size());
    text.resize(std::strlen(text.c_str()));
    return text;
}

// Of NLMSG_ERROR and NLMSG_DONE: 0, or -errno, of which INT_MIN is none.
int errno_of(std::span<const std::byte> payload) {
    const int number = load<int>(payload);
    return number >= 0 ? 0 : number == INT_MIN ? EIO : -number;
}

// Calls visit(type, payload) for each attribute; stops at the first that does not fit.
template <class Visit>
void for_each_attribute(std::span<const std::byte> bytes, Visit visit) {
    while (bytes.size() >= sizeof(rtattr)) {
        const auto header = load<rtattr>(bytes);
        if (header.rta_len < sizeof(rtattr) || header.rta_len > bytes.size()) return;
        visit(header.rta_type & NLA_TYPE_MASK,
              bytes.subspan(sizeof(rtattr), header.rta_len - sizeof(rtattr)));
        bytes = bytes.subspan(std::min(align(header.rta_len), bytes.size()));
    }
}

// Calls visit(header, payload) for each message.
template <class Visit>
void for_each_message(std::span<const std::byte> bytes, Visit visit) {
    while (bytes.size() >= sizeof(nlmsghdr)) {
        const auto header = load<nlmsghdr>(bytes);
        if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > bytes.size()) return;
        visit(header, bytes.subspan(sizeof(nlmsghdr), header.nlmsg_len - sizeof(nlmsghdr)));
        bytes = bytes.subspan(std::min(align(header.nlmsg_len), bytes.size()));
    }
}

class MessageBuilder {
  public:
    template <class Body>
    MessageBuilder(unsigned short type, unsigned flags, const Body& body) {
        append(nlmsghdr{0, type, static_cast<std::uint16_t>(NLM_F_REQUEST | flags), 0, 0});
        append(body);
    }
    template <class T>
    MessageBuilder& add(unsigned short type, const T& value) {
        append(rtattr{static_cast<unsigned short>(sizeof(rtattr) + sizeof value), type});
        append(value);
        return *this;
    }
    MessageBuilder& add(unsigned short type, Ipv4Address address) { return add(type, htonl(address.value)); }
    std::span<std::byte> bytes() { return bytes_; }

  private:
    template <class T>
    void append(const T& value) {
        const std::size_t at = bytes_.size();
        bytes_.resize(at + align(sizeof value));
        std::memcpy(bytes_.data() + at, &value, sizeof value);
    }
    std::vector<std::byte> bytes_;
};

Link parse_link(std::span<const std::byte> payload) {
    const auto info = load<ifinfomsg>(payload);
    Link link;
    link.index = info.ifi_index;
    link.hardware = info.ifi_type;
    link.up = (info.ifi_flags & IFF_UP) != 0;
    link.carrier = (info.ifi_flags & 0x10000U) != 0; // IFF_LOWER_UP, which only linux/if.h names
    for_each_attribute(
        payload.subspan(align(sizeof info)), [&link](unsigned type, std::span<const std::byte> value) {
            switch (type) {
            case IFLA_IFNAME:
                link.name = load_text(value);
                break;
            case IFLA_ADDRESS:
                if (value.size() == link.mac.bytes.size())
                    std::memcpy(link.mac.bytes.data(), value.data(), value.size());
                if (value.size() == infiniband_length)
                    std::memcpy(link.guid.bytes.data(), value.last(link.guid.bytes.size()).data(),
                                link.guid.bytes.size());
                break;
            case IFLA_MTU:
                link.mtu = load<std::uint32_t>(value);
                break;
            case IFLA_MAX_MTU:
                link.max_mtu = load<std::uint32_t>(value);
                break;
            case IFLA_MASTER:
                link.enslaved = load<std::uint32_t>(value) != 0;
                break;
            case IFLA_LINKINFO:
                for_each_attribute(value, [&link](unsigned inner, std::span<const std::byte> text) {
                    if (inner == IFLA_INFO_KIND) link.kind = load_text(text);
                });
                break;
            default:
                break;
            }
        });
    return link;
}

ifaddrmsg address_body(int index, unsigned prefix) {
    ifaddrmsg body{};
    body.ifa_family = AF_INET;
    body.ifa_prefixlen = static_cast<unsigned char>(prefix);
    body.ifa_scope = RT_SCOPE_UNIVERSE;
    body.ifa_index = static_cast<unsigned>(index);
    return body;
}

MessageBuilder route_message(unsigned short type, unsigned flags, int index, const RouteRequest& route) {
    rtmsg body{};
    body.rtm_family = AF_INET;
    body.rtm_dst_len = static_cast<unsigned char>(route.prefix);
    body.rtm_table = RT_TABLE_MAIN;
    body.rtm_protocol = RTPROT_BOOT;
    body.rtm_scope = route.gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    body.rtm_type = RTN_UNICAST;
    if (route.onlink) body.rtm_flags = RTNH_F_ONLINK;
    MessageBuilder message(type, flags, body);
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

std::vector<LinkEvent> parse_link_events(std::span<const std::byte> buffer) {
    std::vector<LinkEvent> events;
    for_each_message(buffer, [&events](const nlmsghdr& header, std::span<const std::byte> payload) {
        if (header.nlmsg_type != RTM_NEWLINK && header.nlmsg_type != RTM_DELLINK) return;
        if (payload.size() < sizeof(ifinfomsg)) return;
        events.push_back({parse_link(payload), header.nlmsg_type == RTM_DELLINK});
    });
    return events;
}

bool is_interrupted(std::span<const std::byte> dump) {
    bool interrupted = false;
    for_each_message(dump, [&](const nlmsghdr& header, std::span<const std::byte>) {
        interrupted = interrupted || (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    });
    return interrupted;
}

Result<std::vector<std::byte>> whole_dump(const std::function<Result<std::vector<std::byte>>()>& ask) {
    constexpr int tries = 8;
    Result<std::vector<std::byte>> answer = ask();
    for (int i = 1; i < tries && answer && is_interrupted(*answer); ++i)
        answer = ask();
    return answer;
}

// Both kinds of end carry a number: struct nlmsgerr begins with it, and netlink_dump_done() puts it
// behind NLMSG_DONE.
std::optional<int> dump_end(std::span<const std::byte> buffer, std::uint32_t sequence) {
    std::optional<int> end;
    for_each_message(buffer, [&](const nlmsghdr& reply, std::span<const std::byte> payload) {
        const bool last = reply.nlmsg_type == NLMSG_DONE || reply.nlmsg_type == NLMSG_ERROR;
        if (!last || end || reply.nlmsg_seq != sequence) return;
        end = errno_of(payload);
    });
    return end;
}

bool is_wired(const Link& link) {
    if (link.hardware != ARPHRD_ETHER || link.enslaved) return false;
    if (!link.kind.empty() && link.kind != "veth" && link.kind != "dsa") return false;
    struct stat ignored {};
    return ::stat(fmt::format("/sys/class/net/{}/phy80211", link.name).c_str(), &ignored) != 0 &&
           ::stat(fmt::format("/sys/class/net/{}/wireless", link.name).c_str(), &ignored) != 0;
}

bool is_bootif(const Link& link, const Bootif& bootif) {
    if (const auto* guid = std::get_if<PortGuid>(&bootif))
        return link.hardware == ARPHRD_INFINIBAND && link.guid == *guid;
    return link.hardware == ARPHRD_ETHER && link.mac == *std::get_if<MacAddress>(&bootif);
}

Result<Rtnetlink> Rtnetlink::open() {
    UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!socket) return fail_errno("rtnetlink", "cannot open a socket", errno);
    return Rtnetlink(std::move(socket));
}

Result<void> Rtnetlink::request(std::span<std::byte> message, const std::string& what) {
    auto header = load<nlmsghdr>(message);
    header.nlmsg_len = static_cast<std::uint32_t>(message.size());
    header.nlmsg_flags |= NLM_F_ACK;
    header.nlmsg_seq = ++sequence_;
    std::memcpy(message.data(), &header, sizeof header);
    if (::send(socket_.get(), message.data(), message.size(), 0) < 0)
        return fail_errno(what, "rtnetlink", errno);

    std::array<std::byte, 8192> buffer{};
    for (;;) {
        const ssize_t length = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return fail_errno(what, "rtnetlink", errno);
        std::optional<int> answer;
        for_each_message(std::span(buffer).first(static_cast<std::size_t>(length)),
                         [&](const nlmsghdr& reply, std::span<const std::byte> payload) {
                             if (reply.nlmsg_type == NLMSG_ERROR && reply.nlmsg_seq == sequence_)
                                 answer = errno_of(payload);
                         });
        if (answer && *answer != 0) return fail_errno(what, "the kernel refuses it", *answer);
        if (answer) return {};
    }
}

Result<std::vector<std::byte>> Rtnetlink::dump(unsigned short type, unsigned char family) {
    return whole_dump([&] { return dump_once(type, family); });
}

Result<std::vector<std::byte>> Rtnetlink::dump_once(unsigned short type, unsigned char family) {
    rtgenmsg body{};
    body.rtgen_family = family;
    MessageBuilder message(type, NLM_F_DUMP, body);
    auto header = load<nlmsghdr>(message.bytes());
    header.nlmsg_len = static_cast<std::uint32_t>(message.bytes().size());
    header.nlmsg_seq = ++sequence_;
    std::memcpy(message.bytes().data(), &header, sizeof header);
    if (::send(socket_.get(), message.bytes().data(), message.bytes().size(), 0) < 0)
        return fail_errno("rtnetlink", "cannot ask", errno);

    std::vector<std::byte> all;
    std::vector<std::byte> buffer(std::size_t{32} << 10); // the kernel fills dump messages up to 32 KiB
    for (std::optional<int> end; !end;) {
        const ssize_t length = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return fail_errno("rtnetlink", "cannot read the answer", errno);
        const auto part = std::span<const std::byte>(buffer).first(static_cast<std::size_t>(length));
        end = dump_end(part, sequence_);
        if (end && *end != 0) return fail_errno("rtnetlink", "the kernel refuses its list", *end);
        all.insert(all.end(), part.begin(), part.end());
        all.resize(align(all.size()));
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
    return request(MessageBuilder(RTM_NEWLINK, 0, body).bytes(),
                   fmt::format("interface {} {}", index, up ? "up" : "down"));
}

Result<void> Rtnetlink::set_mtu(int index, unsigned mtu) {
    ifinfomsg body{};
    body.ifi_index = index;
    return request(MessageBuilder(RTM_NEWLINK, 0, body).add(IFLA_MTU, std::uint32_t{mtu}).bytes(),
                   fmt::format("MTU {} of interface {}", mtu, index));
}

Result<void> Rtnetlink::add_address(int index, Ipv4Address address, unsigned prefix) {
    MessageBuilder message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, address_body(index, prefix));
    message.add(IFA_LOCAL, address).add(IFA_ADDRESS, address);
    if (prefix < 31) message.add(IFA_BROADCAST, Ipv4Address{address.value | (0xffffffffU >> prefix)});
    return request(message.bytes(), fmt::format("address {}/{}", address.text(), prefix));
}

Result<void> Rtnetlink::add_route(int index, const RouteRequest& route) {
    return request(route_message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, index, route).bytes(),
                   route_text(route));
}

Result<void> Rtnetlink::remove_route(int index, const RouteRequest& route) {
    return request(route_message(RTM_DELROUTE, 0, index, route).bytes(), route_text(route));
}

Result<void> Rtnetlink::flush(int index) {
    MKPXERD_TRY_ASSIGN(const std::vector<std::byte> answer, dump(RTM_GETADDR, AF_INET));
    std::vector<std::pair<Ipv4Address, unsigned>> addresses;
    for_each_message(answer, [&](const nlmsghdr& header, std::span<const std::byte> payload) {
        if (header.nlmsg_type != RTM_NEWADDR || payload.size() < sizeof(ifaddrmsg)) return;
        const auto body = load<ifaddrmsg>(payload);
        if (static_cast<int>(body.ifa_index) != index) return;
        for_each_attribute(payload.subspan(align(sizeof body)), [&](unsigned type,
                                                                    std::span<const std::byte> value) {
            if (type == IFA_LOCAL)
                addresses.emplace_back(Ipv4Address{ntohl(load<std::uint32_t>(value))}, body.ifa_prefixlen);
        });
    });
    for (const auto& [address, prefix] : addresses) {
        MessageBuilder message(RTM_DELADDR, 0, address_body(index, prefix));
        message.add(IFA_LOCAL, address);
        MKPXERD_TRY(request(message.bytes(), fmt::format("removal of {}/{}", address.text(), prefix)));
    }
    return {};
}

std::string driver_of(const std::string& interface) {
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ethtool_drvinfo info{};
    info.cmd = ETHTOOL_GDRVINFO;
    ifreq request{};
    if (!socket || interface.size() >= sizeof request.ifr_name) return {};
    std::memcpy(request.ifr_name, interface.data(), interface.size());
    request.ifr_data = reinterpret_cast<char*>(&info);
    if (::ioctl(socket.get(), SIOCETHTOOL, &request) != 0) return {};
    return {info.driver, ::strnlen(info.driver, sizeof info.driver)};
}

} // namespace mkpxerd::netboot
