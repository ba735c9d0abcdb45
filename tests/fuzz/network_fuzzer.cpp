// SPDX-License-Identifier: MIT
// What servers send, and what a command line says of them: DHCP and SNTP answers, UDP packets, HTTP and FTP
// responses, lists of NFS exports, URLs, ip=, signatures. DNS answers: dns_fuzzer.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "mkpxerd/contract/ip_option.hpp"
#include "mkpxerd/contract/url.hpp"
#include "mkpxerd/netboot/fetch/ftp_reply.hpp"
#include "mkpxerd/netboot/fetch/http_response.hpp"
#include "mkpxerd/netboot/fetch/verification.hpp"
#include "mkpxerd/netboot/mount/mount_message.hpp"
#include "mkpxerd/netboot/net/dhcp_message.hpp"
#include "mkpxerd/netboot/net/lease.hpp"
#include "mkpxerd/netboot/net/sntp_message.hpp"
#include "mkpxerd/netboot/net/udp_packet.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

void require(bool holds) {
    if (!holds) __builtin_trap();
}

void read_dhcp(std::span<const std::uint8_t> bytes) {
    const Result<DhcpReply> reply = parse_dhcp(bytes);
    if (!reply) return;
    require(reply->prefix <= 32);
    const auto require_name = [](const std::string& name) {
        require(name.size() <= 253 && name.find_first_of(" ,\n;$`/") == std::string::npos);
    };
    require_name(reply->hostname);
    require_name(reply->domain);
    require(reply->search.size() <= 6);
    for (const std::string& name : reply->search)
        require_name(name);
    static_cast<void>(lease_state(*reply));
    require(same_server(*reply, *reply));
    if (const auto times = lease_times(*reply))
        require(times->renew.count() > 0 && times->renew < times->rebind && times->rebind < times->end);
}

// In two pieces: what is understood must not depend on where a packet ends.
void read_http(std::string_view text, std::size_t cut) {
    std::string whole;
    std::string pieces;
    const auto reading = [](std::string& out) {
        return HttpResponse([](const HttpHead&) { return Result<void>{}; },
                            [&out](std::span<const char> body) {
                                out.append(body.data(), body.size());
                                return Result<void>{};
                            });
    };
    HttpResponse one = reading(whole);
    HttpResponse two = reading(pieces);
    const bool fits_one = one.feed({text.data(), text.size()}).has_value();
    const std::string_view first = text.substr(0, cut);
    const std::string_view second = text.substr(first.size());
    const bool fits_two = two.feed({first.data(), first.size()}).has_value() &&
                          two.feed({second.data(), second.size()}).has_value();
    if (fits_one && fits_two) require(whole == pieces);
    static_cast<void>(one.feed_end().has_value());
}

void read_ftp(std::string_view text) {
    FtpReplyReader reader;
    if (!reader.feed(text)) return;
    for (;;) {
        const Result<std::optional<FtpReply>> reply = reader.next();
        if (!reply || !*reply) return;
        require((*reply)->code >= 100 && (*reply)->code < 600);
        static_cast<void>(parse_epsv((*reply)->text));
        static_cast<void>(parse_pasv((*reply)->text));
    }
}

void read_url(std::string_view text) {
    static_cast<void>(redact_url(text));
    const Result<Url> url = parse_url(text);
    if (!url) return;
    require(url->target.front() == '/');
    require(url->target.find_first_of(" \r\n") == std::string::npos);
    require(url->redacted().find('@') == std::string::npos || url->target.find('@') != std::string::npos);
    static_cast<void>(pinned_sha256(*url).has_value());
    static_cast<void>(signature_url(*url));
    static_cast<void>(ftp_path(url->target));
    const Result<Url> next = resolve_url(*url, url->fragment);
    if (next)
        require(next->target.front() == '/' && next->target.find_first_of(" \r\n") == std::string::npos);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::span<const std::uint8_t> bytes(data + 2, size - 2);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    // The first byte picks the reader, the second is its parameter.
    switch (data[0] % 9) {
    case 0:
        read_dhcp(bytes);
        break;
    case 1:
        if (const auto packet = parse_udp(bytes, (data[1] & 1) != 0))
            require(parse_udp(encode_udp(*packet), true) == packet);
        break;
    case 2:
        static_cast<void>(parse_sntp(bytes, SntpCookie{}, data[1]));
        break;
    case 3:
        read_http(text, data[1]);
        break;
    case 4:
        read_ftp(text);
        break;
    case 5:
        read_url(text);
        break;
    case 6:
        if (const auto option = parse_ip_option(text)) require(option->prefix <= 32);
        if (const auto bootif = parse_bootif(text)) require(parse_bootif(to_text(*bootif)) || text[0] == '2');
        break;
    case 8:
        if (const auto results = parse_rpc_reply(text))
            if (const auto exports = parse_exports(*results)) require(exports->size() <= text.size() / 12);
        break;
    case 7:
        static_cast<void>(wrap::parse_signature(text));
        break;
    }
    return 0;
}
