// SPDX-License-Identifier: MIT
// The layout of RFC 2131 figure 1, in bytes:
//   0 op  1 htype  2 hlen  3 hops  4 xid  8 secs  10 flags  12 ciaddr  16 yiaddr  20 siaddr  24 giaddr
//   28 chaddr (16)  44 sname (64)  108 file (128)  236 magic cookie  240 options
#include "mkpxerd/netboot/net/dhcp_message.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/netboot/net/dhcp_values.hpp"

namespace mkpxerd::netboot {
namespace {

using namespace dhcp;

constexpr std::size_t sname_at = 44;
constexpr std::size_t file_at = 108;
constexpr std::size_t cookie_at = 236;
constexpr std::size_t options_at = 240;
constexpr std::size_t smallest_length = 300;
constexpr std::array<std::uint8_t, 4> magic_cookie{99, 130, 83, 99};
constexpr std::string_view vendor_class = "mkpxerd";

void put16(std::vector<std::uint8_t>& out, std::size_t at, std::uint16_t value) {
    out[at] = static_cast<std::uint8_t>(value >> 8);
    out[at + 1] = static_cast<std::uint8_t>(value);
}
void put32(std::vector<std::uint8_t>& out, std::size_t at, std::uint32_t value) {
    put16(out, at, static_cast<std::uint16_t>(value >> 16));
    put16(out, at + 2, static_cast<std::uint16_t>(value));
}

// Addresses that no router has: our own, a multicast, a loopback address, or 0.x.x.x.
bool is_bad_router(Ipv4Address router, Ipv4Address own) {
    const std::uint32_t first = router.value >> 24;
    return router == own || first == 0 || first == 127 || first >= 224;
}

// Reads options into their targets. A malformed one leaves its target unchanged, and is recorded.
class DhcpOptionReader {
  public:
    DhcpOptionReader(const Options& options, std::vector<std::string>& ignored)
        : options_(options), ignored_(ignored) {}
    template <class Target, class Reader>
    void read(DhcpOption code, Target& target, Reader reader) {
        const auto found = options_.find(code);
        if (found == options_.end()) return;
        if (auto value = reader(DhcpBytes(found->second)))
            target = std::move(*value);
        else
            ignored_.push_back(fmt::format("option {}", static_cast<unsigned>(code)));
    }
    // Leaves out and records bad names of a list.
    std::vector<std::string> read_names(DhcpOption code, DomainNames (*reader)(DhcpBytes)) {
        const auto found = options_.find(code);
        if (found == options_.end()) return {};
        DomainNames names = reader(DhcpBytes(found->second));
        if (names.has_bad || names.good.empty())
            ignored_.push_back(fmt::format("{}option {}", names.good.empty() ? "" : "a name in ",
                                           static_cast<unsigned>(code)));
        return std::move(names.good);
    }

  private:
    const Options& options_;
    std::vector<std::string>& ignored_;
};

void read_options(const Options& options, DhcpReply& reply) {
    DhcpOptionReader reader(options, reply.ignored);
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
    reader.read(ClasslessRoutes, reply.routes, read_routes); // overrides Microsoft's copy
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
    const auto is_bad = [&](Ipv4Address router) { return is_bad_router(router, reply.address); };
    if (std::erase_if(reply.gateways, is_bad) > 0) reply.ignored.emplace_back("a router in option 3");
}

Result<Options> read_all_options(DhcpBytes bytes) {
    Options options;
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
    // The same as that of PXE ROMs, so that the server sees loader, init and system as one client.
    std::array<std::uint8_t, 7> identifier{1};
    std::copy(query.mac.bytes.begin(), query.mac.bytes.end(), identifier.begin() + 1);
    options.add(ClientIdentifier, DhcpBytes(identifier));
    options.add(RequestedAddress, query.wanted);
    options.add(ServerIdentifier, query.server);
    options.add(MaximumSize, {1500 >> 8, 1500 & 0xff});
    options.add(VendorClass, vendor_class);
    if (!query.hostname.empty()) options.add(HostName, query.hostname);
    // 121 before 3, because servers may answer in this order (RFC 3442).
    options.add(ParameterRequest,
                {SubnetMask, ClasslessRoutes, MicrosoftRoutes, Routers, DnsServers, LogServers, HostName,
                 DomainName, InterfaceMtu, NtpServers, LeaseTime, RenewalTime, RebindingTime, DomainSearch});
    out.push_back(End);
    if (out.size() < smallest_length) out.resize(smallest_length);
    return out;
}

Result<DhcpReply> parse_dhcp(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < options_at)
        return fail("DHCP reply", fmt::format("is {} bytes too short", options_at - bytes.size()));
    if (bytes[0] != 2 || bytes[1] != 1 || bytes[2] != 6)
        return fail("DHCP reply", "is not a BOOTP reply for Ethernet");
    if (!std::equal(magic_cookie.begin(), magic_cookie.end(), bytes.begin() + cookie_at))
        return fail("DHCP reply", "lacks the magic cookie");
    MKPXERD_TRY_ASSIGN(const Options options, read_all_options(bytes));
    const auto type = options.find(MessageType);
    if (type == options.end() || type->second.size() != 1) return fail("DHCP reply", "lacks a message type");

    DhcpReply reply;
    switch (type->second[0]) {
    case static_cast<std::uint8_t>(DhcpType::Offer):
    case static_cast<std::uint8_t>(DhcpType::Ack):
    case static_cast<std::uint8_t>(DhcpType::Nak):
        reply.type = static_cast<DhcpType>(type->second[0]);
        break;
    default:
        return fail("DHCP reply", fmt::format("has type {}, which servers do not send", type->second[0]));
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

} // namespace mkpxerd::netboot
