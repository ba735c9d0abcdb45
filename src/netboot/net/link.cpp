// SPDX-License-Identifier: MIT
// IFLA_* attributes; ARPHRD_ETHER is also the type of bridges, tunnels and Wi-Fi.
#include "mkpxerd/netboot/net/link.hpp"

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

#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/netboot/net/netlink_message.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::size_t infiniband_length = 20; // INFINIBAND_ALEN, bytes of an address

Link parse_link(std::span<const std::byte> payload) {
    const auto info = load<ifinfomsg>(payload);
    Link link;
    link.index = info.ifi_index;
    link.hardware = info.ifi_type;
    link.up = (info.ifi_flags & IFF_UP) != 0;
    link.carrier = (info.ifi_flags & 0x10000U) != 0; // IFF_LOWER_UP, defined only by linux/if.h
    for_each_attribute(
        payload.subspan(netlink_align(sizeof info)),
        [&link](unsigned type, std::span<const std::byte> value) {
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

} // namespace

std::vector<LinkEvent> parse_link_events(std::span<const std::byte> buffer) {
    std::vector<LinkEvent> events;
    for_each_message(buffer, [&events](const nlmsghdr& header, std::span<const std::byte> payload) {
        if (header.nlmsg_type != RTM_NEWLINK && header.nlmsg_type != RTM_DELLINK) return;
        if (payload.size() < sizeof(ifinfomsg)) return;
        events.push_back({.link = parse_link(payload), .removed = header.nlmsg_type == RTM_DELLINK});
    });
    return events;
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
