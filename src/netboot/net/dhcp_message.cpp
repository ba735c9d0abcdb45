// SPDX-License-Identifier: MIT
// The layout of RFC 2131 figure 1, in bytes:
//   0 op  1 htype  2 hlen  3 hops  4 xid  8 secs  10 flags  12 ciaddr  16 yiaddr  20 siaddr  24 giaddr
//   28 chaddr (16)  44 sname (64)  108 file (128)  236 magic cookie  240 options: code length bytes, 0 pads,
//   255 ends
#include "mkpxerd/netboot/net/dhcp_message.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "mkpxerd/contract/ip_option.hpp"

namespace mkpxerd::netboot {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t sname_at = 44;
constexpr std::size_t file_at = 108;
constexpr std::size_t cookie_at = 236;
constexpr std::size_t options_at = 240;
constexpr std::size_t least_length = 300;
constexpr std::array<std::uint8_t, 4> magic_cookie{99, 130, 83, 99};
constexpr std::string_view vendor_class = "mkpxerd";

enum Option : std::uint8_t {
    Pad = 0,
    SubnetMask = 1,
    Routers = 3,
    DnsServers = 6,
    LogServers = 7,
    HostName = 12,
    DomainName = 15,
    InterfaceMtu = 26,
    NtpServers = 42,
    RequestedAddress = 50,
    LeaseTime = 51,
    Overload = 52,
    MessageType = 53,
    ServerIdentifier = 54,
    ParameterRequest = 55,
    Message = 56,
    MaximumSize = 57,
    RenewalTime = 58,
    RebindingTime = 59,
    VendorClass = 60,
    ClientIdentifier = 61,
    DomainSearch = 119,
    ClasslessRoutes = 121,
    MicrosoftRoutes = 249,
    End = 255,
};

void put16(std::vector<std::uint8_t>& out, std::size_t at, std::uint16_t value) {
    out[at] = static_cast<std::uint8_t>(value >> 8);
    out[at + 1] = static_cast<std::uint8_t>(value);
}
void put32(std::vector<std::uint8_t>& out, std::size_t at, std::uint32_t value) {
    put16(out, at, static_cast<std::uint16_t>(value >> 16));
    put16(out, at + 2, static_cast<std::uint16_t>(value));
}
std::uint32_t get32(Bytes bytes) {
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
           bytes[3];
}

// Appends options; the caller keeps each below 256 bytes.
class OptionWriter {
  public:
    explicit OptionWriter(std::vector<std::uint8_t>& out) : out_(out) {}
    void add(Option code, Bytes bytes) {
        out_.push_back(code);
        out_.push_back(static_cast<std::uint8_t>(bytes.size()));
        out_.insert(out_.end(), bytes.begin(), bytes.end());
    }
    void add(Option code, std::initializer_list<std::uint8_t> bytes) {
        add(code, Bytes(bytes.begin(), bytes.size()));
    }
    void add(Option code, std::string_view text) {
        text = text.substr(0, 255);
        out_.push_back(code);
        out_.push_back(static_cast<std::uint8_t>(text.size()));
        out_.insert(out_.end(), text.begin(), text.end());
    }
    void add(Option code, Ipv4Address address) {
        if (address.is_unspecified()) return;
        const std::uint32_t v = address.value;
        add(code, {static_cast<std::uint8_t>(v >> 24), static_cast<std::uint8_t>(v >> 16),
                   static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v)});
    }

  private:
    std::vector<std::uint8_t>& out_;
};

using OptionMap = std::map<std::uint8_t, std::vector<std::uint8_t>>;

// Bytes of an option that has one length only; 0: it is a list or a text, which may be long.
std::size_t fixed_length(std::uint8_t code) {
    switch (code) {
    case Overload:
    case MessageType:
        return 1;
    case InterfaceMtu:
        return 2;
    case SubnetMask:
    case LeaseTime:
    case ServerIdentifier:
    case RenewalTime:
    case RebindingTime:
        return 4;
    default:
        return 0;
    }
}

// Parts of a long option are joined (RFC 3396). What cannot be long was not split: of several copies, which a
// relay may add, the first of the right length counts. A list or text that is said twice is no longer for it.
void add_part(OptionMap& options, std::uint8_t code, Bytes part) {
    std::vector<std::uint8_t>& value = options[code];
    const std::size_t length = fixed_length(code);
    if (length != 0) {
        if (value.size() != length) value.assign(part.begin(), part.end());
    } else if (!std::equal(value.begin(), value.end(), part.begin(), part.end())) {
        value.insert(value.end(), part.begin(), part.end());
    }
}

// False when an option reaches beyond the field. A missing end mark is tolerated, as everybody does.
bool gather_options(Bytes field, OptionMap& options) {
    while (!field.empty() && field[0] != End) {
        if (field[0] == Pad) {
            field = field.subspan(1);
            continue;
        }
        if (field.size() < 2 || field.size() - 2 < field[1]) return false;
        add_part(options, field[0], field.subspan(2, field[1]));
        field = field.subspan(2U + field[1]);
    }
    return true;
}

// What a lease may make the init do: every name server is asked about every domain.
constexpr std::size_t most_addresses = 4; // of one kind; glibc and musl use three name servers
constexpr std::size_t most_domains = 6;   // as resolv.conf(5) has had for decades
constexpr unsigned most_labels = 127;     // of a name, and names of a list that are looked at
constexpr std::size_t longest_name = 253;
constexpr std::size_t most_routes = 128;

std::optional<std::vector<Ipv4Address>> read_addresses(Bytes value) {
    if (value.empty() || value.size() % 4 != 0) return std::nullopt;
    std::vector<Ipv4Address> addresses;
    for (; !value.empty() && addresses.size() < most_addresses; value = value.subspan(4)) {
        const Ipv4Address address{get32(value)};
        const bool known = std::find(addresses.begin(), addresses.end(), address) != addresses.end();
        if (!address.is_unspecified() && !known) addresses.push_back(address);
    }
    return addresses;
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// A host or domain name of letters, digits, '-', '_' and dots, at most 253 long: it ends in files and on
// command lines.
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

std::optional<std::string> read_name(Bytes value) {
    return checked_name(std::string(value.begin(), value.end()));
}

// RFC 3442: prefix, the significant bytes of the destination, the gateway; 0.0.0.0 is "on-link".
std::optional<std::vector<Route>> read_routes(Bytes value) {
    std::vector<Route> routes;
    while (!value.empty() && routes.size() < most_routes) {
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

// The names of a list that can be used, and whether others were in it.
struct Names {
    std::vector<std::string> good;
    bool has_bad = false;
    void add(std::optional<std::string> name) {
        if (!name)
            has_bad = true;
        else if (std::find(good.begin(), good.end(), *name) == good.end())
            good.push_back(std::move(*name));
    }
};

// Option 15 holds one name; servers are given several, with blanks or commas between them.
Names read_domains(Bytes value) {
    Names names;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty() && names.good.size() < most_domains) names.add(checked_name(std::move(word)));
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

// The offset behind a name of a search list: behind its first pointer, or its empty label. nullopt: it has no
// end.
std::optional<std::size_t> end_of_name(Bytes value, std::size_t at) {
    while (at < value.size()) {
        const std::uint8_t length = value[at];
        if (length >= 0xc0) return at + 2;
        if (length > 63) return std::nullopt;
        at += 1U + length;
        if (length == 0) return at;
    }
    return std::nullopt;
}

// One name of a search list, compressed as in DNS (RFC 1035 4.1.4). Pointers lead backwards only, and they
// are few, so reading ends soon.
std::optional<std::string> read_compressed_name(Bytes value, std::size_t at) {
    std::string name;
    for (unsigned pointers = 0; at < value.size();) {
        const std::uint8_t length = value[at];
        if (length >= 0xc0) {
            if (at + 1 >= value.size()) return std::nullopt;
            const std::size_t target = std::size_t{length & 0x3fU} << 8 | value[at + 1];
            if (target >= at || ++pointers > most_labels) return std::nullopt;
            at = target;
            continue;
        }
        if (length > 63 || value.size() - at - 1 < length || name.size() > longest_name) return std::nullopt;
        if (length == 0) return checked_name(std::move(name));
        if (!name.empty()) name += '.';
        for (const std::uint8_t c : value.subspan(at + 1, length)) {
            if (!is_name_character(static_cast<char>(c))) return std::nullopt; // a '.' inside a label, too
            name += static_cast<char>(c);
        }
        at += 1U + length;
    }
    return std::nullopt;
}

// A bad name costs that name; behind one without an end nothing can be read.
Names read_search(Bytes value) {
    Names names;
    std::size_t at = 0;
    for (unsigned seen = 0; at < value.size() && names.good.size() < most_domains && seen < most_labels;
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

std::string printable(Bytes value) {
    std::string text;
    for (const std::uint8_t c : value)
        text += c >= ' ' && c < 127 ? static_cast<char>(c) : '?';
    return text;
}

std::optional<unsigned> read_mask(Bytes value) {
    const std::optional<unsigned> bits = value.size() == 4 ? mask_prefix({get32(value)}) : std::nullopt;
    return bits == 0U ? std::nullopt : bits;
}

// No router of ours: our own address, a group, a loopback address, or 0.x.x.x.
bool is_no_router(Ipv4Address router, Ipv4Address own) {
    const std::uint32_t first = router.value >> 24;
    return router == own || first == 0 || first == 127 || first >= 224;
}

// RFC 2132 5.1 allows 68; a network on which DHCP's own packets do not fit (RFC 2131 2) is a mistake or
// worse.
constexpr unsigned least_mtu = 576;

std::optional<unsigned> read_mtu(Bytes value) {
    if (value.size() != 2) return std::nullopt;
    const unsigned mtu = unsigned{value[0]} << 8 | value[1];
    return mtu >= least_mtu ? std::optional(mtu) : std::nullopt;
}
std::optional<std::uint32_t> read_number(Bytes value) {
    return value.size() == 4 ? std::optional(get32(value)) : std::nullopt;
}

// Reads one option into its place; a malformed one is noted and leaves the place as it was.
class OptionReader {
  public:
    OptionReader(const OptionMap& options, std::vector<std::string>& ignored)
        : options_(options), ignored_(ignored) {}
    template <class Target, class Reader>
    void read(Option code, Target& target, Reader reader) {
        const auto found = options_.find(code);
        if (found == options_.end()) return;
        if (auto value = reader(Bytes(found->second)))
            target = std::move(*value);
        else
            ignored_.push_back(fmt::format("option {}", static_cast<unsigned>(code)));
    }
    // Of a list of names, those that are none are noted and left out.
    std::vector<std::string> read_names(Option code, Names (*reader)(Bytes)) {
        const auto found = options_.find(code);
        if (found == options_.end()) return {};
        Names names = reader(Bytes(found->second));
        if (names.has_bad || names.good.empty())
            ignored_.push_back(fmt::format("{}option {}", names.good.empty() ? "" : "a name in ",
                                           static_cast<unsigned>(code)));
        return std::move(names.good);
    }

  private:
    const OptionMap& options_;
    std::vector<std::string>& ignored_;
};

void read_options(const OptionMap& options, DhcpReply& reply) {
    OptionReader reader(options, reply.ignored);
    reader.read(SubnetMask, reply.prefix, read_mask);
    reader.read(Routers, reply.gateways, read_addresses);
    reader.read(DnsServers, reply.dns, read_addresses);
    reader.read(LogServers, reply.log_servers, read_addresses);
    reader.read(NtpServers, reply.ntp, read_addresses);
    reader.read(HostName, reply.hostname, read_name);
    std::vector<std::string> domains = reader.read_names(DomainName, read_domains);
    if (!domains.empty()) reply.domain = domains.front();
    reply.search = reader.read_names(DomainSearch, read_search);
    if (reply.search.empty() && domains.size() > 1) reply.search = std::move(domains);
    reader.read(MicrosoftRoutes, reply.routes, read_routes);
    reader.read(ClasslessRoutes, reply.routes, read_routes); // stronger than Microsoft's copy
    reader.read(InterfaceMtu, reply.mtu, read_mtu);
    reader.read(LeaseTime, reply.lease_seconds, read_number);
    reader.read(RenewalTime, reply.renew_seconds, read_number);
    reader.read(RebindingTime, reply.rebind_seconds, read_number);
    std::uint32_t server = 0;
    reader.read(ServerIdentifier, server, read_number);
    reply.server = {server};
    if (const auto text = options.find(Message); text != options.end())
        reply.message = printable(text->second);
    if (reply.prefix == 0) reply.prefix = class_prefix(reply.address);
    const auto is_none = [&](Ipv4Address router) { return is_no_router(router, reply.address); };
    if (std::erase_if(reply.gateways, is_none) > 0) reply.ignored.emplace_back("a router in option 3");
}

Result<OptionMap> read_all_options(Bytes bytes) {
    OptionMap options;
    const auto bad = [] { return fail("DHCP reply", "an option reaches beyond the end"); };
    if (!gather_options(bytes.subspan(options_at), options)) return bad();
    const auto overload = options.find(Overload); // RFC 2132 9.3: 1 file, 2 sname, 3 both
    if (overload == options.end()) return options;
    const unsigned fields = overload->second.size() == 1 ? overload->second[0] : 0U;
    if ((fields & 1) != 0 && !gather_options(bytes.subspan(file_at, cookie_at - file_at), options))
        return bad();
    if ((fields & 2) != 0 && !gather_options(bytes.subspan(sname_at, file_at - sname_at), options))
        return bad();
    return options;
}

} // namespace

std::vector<std::uint8_t> encode_dhcp(const DhcpQuery& query) {
    std::vector<std::uint8_t> out(options_at);
    out[0] = 1; // BOOTREQUEST
    out[1] = 1; // Ethernet
    out[2] = static_cast<std::uint8_t>(query.mac.bytes.size());
    put32(out, 4, query.xid);
    put16(out, 8, query.seconds);
    put16(out, 10, query.broadcast ? 0x8000 : 0);
    put32(out, 12, query.client.value);
    std::copy(query.mac.bytes.begin(), query.mac.bytes.end(), out.begin() + 28);
    std::copy(magic_cookie.begin(), magic_cookie.end(), out.begin() + cookie_at);

    OptionWriter options(out);
    options.add(MessageType, {static_cast<std::uint8_t>(query.type)});
    // As PXE ROMs do, so that the loader, the init and the system are one client to the server.
    std::array<std::uint8_t, 7> identifier{1};
    std::copy(query.mac.bytes.begin(), query.mac.bytes.end(), identifier.begin() + 1);
    options.add(ClientIdentifier, Bytes(identifier));
    options.add(RequestedAddress, query.wanted);
    options.add(ServerIdentifier, query.server);
    options.add(MaximumSize, {1500 >> 8, 1500 & 0xff});
    options.add(VendorClass, vendor_class);
    if (!query.hostname.empty()) options.add(HostName, query.hostname);
    // 121 before 3: servers may answer in this order (RFC 3442).
    options.add(ParameterRequest,
                {SubnetMask, ClasslessRoutes, MicrosoftRoutes, Routers, DnsServers, LogServers, HostName,
                 DomainName, InterfaceMtu, NtpServers, LeaseTime, RenewalTime, RebindingTime, DomainSearch});
    out.push_back(End);
    if (out.size() < least_length) out.resize(least_length);
    return out;
}

Result<DhcpReply> parse_dhcp(Bytes bytes) {
    if (bytes.size() < options_at)
        return fail("DHCP reply", fmt::format("is {} bytes short", options_at - bytes.size()));
    if (bytes[0] != 2 || bytes[1] != 1 || bytes[2] != 6)
        return fail("DHCP reply", "is no BOOTP reply for Ethernet");
    if (!std::equal(magic_cookie.begin(), magic_cookie.end(), bytes.begin() + cookie_at))
        return fail("DHCP reply", "has no magic cookie");
    MKPXERD_TRY_ASSIGN(const OptionMap options, read_all_options(bytes));
    const auto type = options.find(MessageType);
    if (type == options.end() || type->second.size() != 1) return fail("DHCP reply", "has no message type");

    DhcpReply reply;
    switch (type->second[0]) {
    case static_cast<std::uint8_t>(DhcpType::Offer):
    case static_cast<std::uint8_t>(DhcpType::Ack):
    case static_cast<std::uint8_t>(DhcpType::Nak):
        reply.type = static_cast<DhcpType>(type->second[0]);
        break;
    default:
        return fail("DHCP reply", fmt::format("has type {}, which no server sends", type->second[0]));
    }
    reply.xid = get32(bytes.subspan(4));
    reply.address = {get32(bytes.subspan(16))};
    std::copy_n(bytes.begin() + 28, reply.mac.bytes.size(), reply.mac.bytes.begin());
    read_options(options, reply);
    return reply;
}

bool same_server(const DhcpReply& a, const DhcpReply& b) {
    const bool named = !a.server.is_unspecified() && !b.server.is_unspecified();
    return named ? a.server == b.server : a.source == b.source;
}

std::optional<LeaseTimes> lease_times(const DhcpReply& reply) {
    using std::chrono::milliseconds;
    constexpr std::uint32_t endless = 0xffffffff;
    if (reply.lease_seconds == 0 || reply.lease_seconds == endless) return std::nullopt;
    const milliseconds end = std::chrono::seconds(reply.lease_seconds);
    const LeaseTimes usual{end / 2, end * 7 / 8, end};
    LeaseTimes times = usual;
    if (reply.renew_seconds != 0) times.renew = std::chrono::seconds(reply.renew_seconds);
    if (reply.rebind_seconds != 0) times.rebind = std::chrono::seconds(reply.rebind_seconds);
    const bool in_order = times.renew < times.rebind && times.rebind < times.end;
    return in_order ? times : usual;
}

NetworkState lease_state(const DhcpReply& reply) {
    NetworkState state;
    state.address = reply.address;
    state.prefix = reply.prefix;
    state.dns = reply.dns;
    state.ntp = reply.ntp;
    state.log_servers = reply.log_servers;
    state.domain = reply.domain;
    state.search = reply.search;
    state.hostname = reply.hostname;
    state.mtu = reply.mtu;
    state.dynamic = true;
    state.dhcp_server = reply.giver();
    state.lease_seconds = reply.lease_seconds;
    if (!reply.routes) {
        if (!reply.gateways.empty()) state.gateway = reply.gateways.front();
        return state;
    }
    for (const Route& route : *reply.routes) {
        if (route.prefix == 0 && route.gateway && !state.gateway)
            state.gateway = route.gateway;
        else
            state.routes.push_back(route);
    }
    return state;
}

} // namespace mkpxerd::netboot
