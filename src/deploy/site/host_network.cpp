// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/host_network.hpp"

#include <algorithm>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr std::size_t longest_resolv_conf = 64 * 1024;

Ipv4Address address_of(const sockaddr* generic) {
    return {ntohl(reinterpret_cast<const sockaddr_in*>(generic)->sin_addr.s_addr)};
}

std::optional<Ipv4Address> route_source() {
    const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    address.sin_addr.s_addr = htonl(0xc0000201); // 192.0.2.1, of the block for documentation (RFC 5737)
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!fd || ::connect(fd.get(), generic, length) != 0 || ::getsockname(fd.get(), generic, &length) != 0)
        return std::nullopt;
    return address_of(generic);
}

std::optional<Ipv4Address> only_address() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return std::nullopt;
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
    std::optional<Ipv4Address> found;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        const bool is_other = one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET ||
                              (one->ifa_flags & IFF_UP) == 0 || is_local(address_of(one->ifa_addr));
        if (is_other) continue;
        if (found) return std::nullopt;
        found = address_of(one->ifa_addr);
    }
    return found;
}

std::vector<Ipv4Address> servers_in(const std::filesystem::path& file) {
    std::vector<Ipv4Address> servers;
    const std::string text = read_regular(file, longest_resolv_conf).value_or("");
    for (const std::string_view line : split_lines(text)) {
        const auto words = split_words(line);
        if (words.size() < 2 || words[0] != "nameserver") continue;
        const auto address = Ipv4Address::parse(words[1]);
        if (address && !is_local(*address) && std::ranges::find(servers, *address) == servers.end())
            servers.push_back(*address);
    }
    return servers;
}

} // namespace

bool is_local(Ipv4Address address) {
    const auto first_octet = address.value >> 24U;
    return first_octet == 127 || first_octet == 0;
}

std::optional<Ipv4Address> own_address() {
    const auto source = route_source();
    return source ? source : only_address();
}

std::optional<Ipv4Address> resolve_host(const std::string& name) {
    addrinfo wanted{};
    wanted.ai_family = AF_INET;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &wanted, &list) != 0) return std::nullopt;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
    for (const addrinfo* one = list; one != nullptr; one = one->ai_next)
        if (!is_local(address_of(one->ai_addr))) return address_of(one->ai_addr);
    return std::nullopt;
}

std::vector<Ipv4Address> name_servers(const std::filesystem::path& root) {
    std::vector<Ipv4Address> servers = servers_in(root / "etc/resolv.conf");
    return servers.empty() ? servers_in(root / "run/systemd/resolve/resolv.conf") : servers;
}

} // namespace mkpxerd::deploy
