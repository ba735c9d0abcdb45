// SPDX-License-Identifier: MIT
// Limits: a lease must not keep the init busy forever, and the init asks each name server about each domain.
#include "mkpxerd/netboot/net/dhcp_values.hpp"

#include <algorithm>

namespace mkpxerd::netboot::dhcp {
namespace {

constexpr std::size_t max_addresses = 4; // of one kind; glibc and musl use three DNS servers
constexpr std::size_t max_domains = 6;   // the old limit of resolv.conf(5)
constexpr unsigned max_labels = 127;     // of a name; also the most names of a list
constexpr std::size_t longest_name = 253;
constexpr std::size_t max_routes = 128;
// RFC 2132 5.1 allows 68. A network whose MTU is too small for DHCP itself (RFC 2131 2) is a mistake or an
// attack.
constexpr unsigned smallest_mtu = 576;

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// A host or domain name of letters, digits, '-', '_' and dots, at most 253 long, because files and command
// lines will contain it.
std::optional<std::string> checked_name(std::string name) {
    while (!name.empty() && (name.back() == '\0' || name.back() == '.'))
        name.pop_back();
    const bool plain =
        std::all_of(name.begin(), name.end(), [](char c) { return c == '.' || is_name_character(c); });
    if (name.empty() || name.size() > longest_name || !plain || name.front() == '.' || name.front() == '-' ||
        name.find("..") != std::string::npos)
        return std::nullopt;
    return name;
}

// The offset after a name of a search list: after its first pointer, or its empty label. nullopt: it does not
// end.
std::optional<std::size_t> end_of_name(DhcpBytes value, std::size_t at) {
    while (at < value.size()) {
        const std::uint8_t length = value[at];
        if (length >= 0xc0) return at + 2;
        if (length > 63) return std::nullopt;
        at += 1U + length;
        if (length == 0) return at;
    }
    return std::nullopt;
}

// One name of a search list, compressed as in DNS (RFC 1035 4.1.4). Pointers lead backwards only and are few,
// so that reading ends.
std::optional<std::string> read_compressed_name(DhcpBytes value, std::size_t at) {
    std::string name;
    for (unsigned pointers = 0; at < value.size();) {
        const std::uint8_t length = value[at];
        if (length >= 0xc0) {
            if (at + 1 >= value.size()) return std::nullopt;
            const std::size_t target = std::size_t{length & 0x3fU} << 8 | value[at + 1];
            if (target >= at || ++pointers > max_labels) return std::nullopt;
            at = target;
            continue;
        }
        if (length > 63 || value.size() - at - 1 < length || name.size() > longest_name) return std::nullopt;
        if (length == 0) return checked_name(std::move(name));
        if (!name.empty()) name += '.';
        for (const std::uint8_t c : value.subspan(at + 1, length)) {
            if (!is_name_character(static_cast<char>(c))) return std::nullopt; // also a '.' inside a label
            name += static_cast<char>(c);
        }
        at += 1U + length;
    }
    return std::nullopt;
}

} // namespace

std::uint32_t get32(DhcpBytes bytes) {
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
           bytes[3];
}

void DomainNames::add(std::optional<std::string> name) {
    if (!name)
        has_bad = true;
    else if (std::find(good.begin(), good.end(), *name) == good.end())
        good.push_back(std::move(*name));
}

std::optional<std::vector<Ipv4Address>> read_addresses(DhcpBytes value) {
    if (value.empty() || value.size() % 4 != 0) return std::nullopt;
    std::vector<Ipv4Address> addresses;
    for (; !value.empty() && addresses.size() < max_addresses; value = value.subspan(4)) {
        const Ipv4Address address{get32(value)};
        const bool known = std::find(addresses.begin(), addresses.end(), address) != addresses.end();
        if (!address.is_unspecified() && !known) addresses.push_back(address);
    }
    return addresses;
}

std::optional<std::string> read_name(DhcpBytes value) {
    return checked_name(std::string(value.begin(), value.end()));
}

std::optional<std::vector<Route>> read_routes(DhcpBytes value) {
    std::vector<Route> routes;
    while (!value.empty() && routes.size() < max_routes) {
        const unsigned prefix = value[0];
        const std::size_t significant = (prefix + 7) / 8;
        if (prefix > 32 || value.size() < 1 + significant + 4) return std::nullopt;
        Route route;
        route.prefix = prefix;
        for (std::size_t i = 0; i < 4; ++i)
            route.destination.value = route.destination.value << 8 | (i < significant ? value[1 + i] : 0U);
        if (prefix < 32) route.destination.value &= ~(0xffffffffU >> prefix);
        const Ipv4Address gateway{get32(value.subspan(1 + significant))};
        if (!gateway.is_unspecified()) route.gateway = gateway;
        routes.push_back(route);
        value = value.subspan(1 + significant + 4);
    }
    if (routes.empty()) return std::nullopt;
    return routes;
}

DomainNames read_domains(DhcpBytes value) {
    DomainNames names;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty() && names.good.size() < max_domains) names.add(checked_name(std::move(word)));
        word.clear();
    };
    for (const std::uint8_t c : value) {
        if (c == ' ' || c == ',' || c == '\t')
            end_word();
        else
            word += static_cast<char>(c);
    }
    end_word();
    return names;
}

DomainNames read_search(DhcpBytes value) {
    DomainNames names;
    std::size_t at = 0;
    for (unsigned seen = 0; at < value.size() && names.good.size() < max_domains && seen < max_labels;
         ++seen) {
        names.add(read_compressed_name(value, at));
        const std::optional<std::size_t> next = end_of_name(value, at);
        if (!next) {
            names.has_bad = true;
            break;
        }
        at = *next;
    }
    names.has_bad = names.has_bad || value.empty();
    return names;
}

std::string printable(DhcpBytes value) {
    std::string text;
    for (const std::uint8_t c : value)
        text += c >= ' ' && c < 127 ? static_cast<char>(c) : '?';
    return text;
}

std::optional<unsigned> read_mask(DhcpBytes value) {
    const std::optional<unsigned> bits = value.size() == 4 ? mask_prefix({get32(value)}) : std::nullopt;
    return bits == 0U ? std::nullopt : bits;
}

std::optional<unsigned> read_mtu(DhcpBytes value) {
    if (value.size() != 2) return std::nullopt;
    const unsigned mtu = unsigned{value[0]} << 8 | value[1];
    return mtu >= smallest_mtu ? std::optional(mtu) : std::nullopt;
}
std::optional<std::uint32_t> read_number(DhcpBytes value) {
    return value.size() == 4 ? std::optional(get32(value)) : std::nullopt;
}

} // namespace mkpxerd::netboot::dhcp
