// SPDX-License-Identifier: MIT
// DISCOVER until an OFFER, REQUEST until an ACK, both as broadcasts. lease_keeper renews the lease.
#include "mkpxerd/netboot/net/dhcp_client.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/backoff.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto first_wait = 500ms;
constexpr auto longest_wait =
    4000ms; // RFC 2131 says 64 s, which is too slow for a switch port that opens late
constexpr auto pause_after_refusal = 1s;
constexpr auto hint_after = 15s;
constexpr unsigned request_attempts = 4;
constexpr unsigned request_attempts_with_others = 2; // if another server also offers
constexpr unsigned max_complaints = 3; // about unreadable replies, so that a flood cannot fill the log
// Some relays and virtual switches drop unicast to a machine that has not answered ARP yet.
constexpr unsigned broadcast_after = 2; // messages

} // namespace

DhcpClient::DhcpClient(asio::io_context& io, Log& log, const Link& link, DhcpPreferences preferences,
                       DhcpSocket socket)
    : io_(io), log_(log), interface_(link.name), mac_(link.mac), preferences_(std::move(preferences)),
      socket_(std::move(socket)), started_(Clock::now()), carrier_since_(started_), carrier_(link.carrier) {}

Result<DhcpClient> DhcpClient::open(asio::io_context& io, Log& log, const Link& link,
                                    DhcpPreferences preferences) {
    MKPXERD_TRY_ASSIGN(DhcpSocket socket, DhcpSocket::open(io, link.index));
    return DhcpClient(io, log, link, std::move(preferences), std::move(socket));
}

void DhcpClient::set_carrier(bool carrier) {
    if (carrier && !carrier_) {
        carrier_since_ = Clock::now();
        kicked_ = true;
        socket_.cancel();
    }
    carrier_ = carrier;
}

Task<DhcpReply> DhcpClient::obtain(Deadline deadline, std::stop_token stop) {
    DhcpQuery query;
    query.mac = mac_;
    query.hostname = preferences_.hostname;
    query.wanted = preferences_.address;
    while (!stop.stop_requested() && Clock::now() < deadline) {
        std::optional<DhcpReply> offer = co_await ask_for_offer(query, deadline, stop);
        if (!offer) break;
        ++counters_.offers;
        log_.timeline().reach(Timeline::Lane::Interfaces, interface_, Timeline::Step::Offer);
        counters_.server = offer->server_address();
        const std::string server = offer->server_address().text();
        log_.detail(LogSubject::Dhcp, fmt::format("{}: {} offers {}/{}", interface_, server,
                                                  offer->address.text(), offer->prefix));

        std::optional<DhcpReply> answer = co_await request(query, *offer, deadline, stop);
        query.wanted = {};
        if (answer && answer->type == DhcpType::Ack) {
            if (answer->server.is_unspecified()) answer->server = offer->server;
            co_return std::move(*answer);
        }
        ++failures_[offer->server_address()];
        if (!answer) {
            log_.detail(LogSubject::Dhcp, fmt::format("{}: {} does not answer the request for {}", interface_,
                                                      server, offer->address.text()));
            continue;
        }
        ++counters_.refusals;
        counters_.message = answer->message;
        log_.detail(LogSubject::Dhcp,
                    fmt::format("{}: {} refuses {} ({})", interface_, server, offer->address.text(),
                                answer->message.empty() ? "no reason given" : answer->message));
        co_await sleep_until(io_, std::min(deadline, Clock::now() + pause_after_refusal), stop);
    }
    co_return fail(failure());
}

// The first offer of a server that has not failed so far. After the wait for one, the offer of the server
// with the fewest failures.
asio::awaitable<std::optional<DhcpReply>> DhcpClient::ask_for_offer(DhcpQuery& query, Deadline deadline,
                                                                    std::stop_token stop) {
    query.type = DhcpType::Discover;
    query.xid = random_number();
    query.server = {};
    spare_offer_.reset();
    const auto failures = [this](const DhcpReply& offer) {
        const auto known = failures_.find(offer.server_address());
        return known == failures_.end() ? 0 : known->second;
    };
    const Accept is_offer = [&](const DhcpReply& reply) {
        if (reply.type != DhcpType::Offer || reply.address.is_unspecified()) return false;
        if (failures(reply) == 0) return true;
        if (!spare_offer_ || failures(reply) < failures(*spare_offer_)) spare_offer_ = reply;
        return false;
    };
    co_return co_await ask(query, 0, is_offer, deadline, stop);
}

// The reply to the request for an offer. A NAK of another server is ignored, because it is about that
// server's own addresses. An ACK of another server counts if it is for this address.
asio::awaitable<std::optional<DhcpReply>> DhcpClient::request(DhcpQuery query, const DhcpReply& offer,
                                                              Deadline deadline, std::stop_token stop) {
    query.type = DhcpType::Request;
    query.wanted = offer.address;
    query.server = offer.server; // 0.0.0.0 if the offer names none: such a server compares the address
    others_offer_ = false;
    spare_offer_.reset();
    const Accept is_answer = [&](const DhcpReply& reply) {
        const bool chosen = same_server(reply, offer);
        if (reply.type == DhcpType::Offer) others_offer_ = others_offer_ || !chosen;
        if (reply.type == DhcpType::Ack)
            return reply.address == offer.address || (chosen && !reply.address.is_unspecified());
        return reply.type == DhcpType::Nak && chosen;
    };
    co_return co_await ask(query, request_attempts, is_answer, deadline, stop);
}

// Sends until a reply is accepted. attempts 0: until the deadline.
asio::awaitable<std::optional<DhcpReply>> DhcpClient::ask(DhcpQuery query, unsigned attempts, Accept accept,
                                                          Deadline deadline, std::stop_token stop) {
    Backoff backoff(first_wait, longest_wait);
    for (unsigned sent = 0; !stop.stop_requested() && Clock::now() < deadline;) {
        if (attempts != 0 && sent >= (others_offer_ ? request_attempts_with_others : attempts)) break;
        if (std::exchange(kicked_, false)) backoff.reset();
        const auto elapsed =
            std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started_).count();
        query.seconds = static_cast<std::uint16_t>(std::min<std::int64_t>(elapsed, 0xffff));
        query.broadcast = sent >= broadcast_after;
        asked_at_ = Clock::now();
        socket_.send(encode_dhcp(query));
        count(query);
        ++sent;
        warn_about_switch_port();
        const Deadline until = std::min(deadline, Clock::now() + backoff.next());
        std::optional<DhcpReply> reply = co_await listen(query.xid, accept, until, stop);
        if (reply) co_return reply;
        if (spare_offer_) co_return std::exchange(spare_offer_, std::nullopt);
    }
    co_return std::nullopt;
}

// The first accepted reply, until the time is over, the stop, or a new carrier.
asio::awaitable<std::optional<DhcpReply>> DhcpClient::listen(std::uint32_t xid, const Accept& accept,
                                                             Deadline until, std::stop_token stop) {
    Interrupt interrupt(io_, until, stop, [this] { socket_.cancel(); });
    while (!interrupt.fired() && !kicked_) {
        const std::optional<UdpPacket> packet = socket_.receive();
        if (!packet) {
            co_await socket_.wait();
            continue;
        }
        Result<DhcpReply> reply = parse_dhcp(packet->payload);
        if (reply) reply->source = packet->source;
        if (!reply) {
            if (++counters_.malformed <= max_complaints)
                log_.detail(LogSubject::Dhcp, fmt::format("{}: {}", interface_, reply.error().text()));
        } else if (reply->xid == xid && reply->mac == mac_ && accept(*reply)) {
            for (const std::string& what : reply->ignored)
                log_.warning(fmt::format("{}: {} of {} is malformed: ignored", interface_, what,
                                         reply->server_address().text()));
            co_return std::move(*reply);
        }
        co_await socket_.wait(); // lets timers run, however many datagrams are waiting
    }
    co_return std::nullopt;
}

void DhcpClient::count(const DhcpQuery& query) {
    if (query.type != DhcpType::Discover) {
        ++counters_.requests;
        return;
    }
    ++counters_.discovers;
    log_.timeline().reach(Timeline::Lane::Interfaces, interface_, Timeline::Step::Discover);
}

void DhcpClient::warn_about_switch_port() {
    if (hinted_ || !carrier_ || counters_.offers > 0 || Clock::now() - carrier_since_ < hint_after) return;
    hinted_ = true;
    log_.warning(fmt::format(
        "{}: carrier up {} s, {} DISCOVERs, 0 replies: the switch port may be in STP listening/learning "
        "or LACP; still asking",
        interface_, std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - carrier_since_).count(),
        counters_.discovers));
}

Error DhcpClient::failure() const {
    if (counters_.refusals > 0)
        return Error(
            Problem{.object = interface_,
                    .text = fmt::format("the DHCP server {} refused the lease {} times ({})",
                                        counters_.server.text(), counters_.refusals,
                                        counters_.message.empty() ? "no reason given" : counters_.message),
                    .hint = "search the server's log for this MAC address",
                    .code = Failure::LeaseRefused});
    if (counters_.offers > 0)
        return Error(Problem{
            .object = interface_,
            .text = fmt::format("the DHCP server {} made {} offers and acknowledged none of {} requests",
                                counters_.server.text(), counters_.offers, counters_.requests),
            .hint = "look for a second DHCP server, or a relay that loses broadcasts",
            .code = Failure::NoAcknowledgement});
    if (counters_.malformed > 0)
        return Error(
            Problem{.object = interface_,
                    .text = fmt::format("{} DHCP replies, all of them unreadable", counters_.malformed),
                    .code = Failure::UnreadableDhcp});
    return Error(Problem{
        .object = interface_,
        .text = fmt::format("no DHCP offer to {} DISCOVERs", counters_.discovers),
        .hint = "no DHCP server on this network, or the switch port does not forward yet (STP, LACP, VLAN)",
        .code = Failure::NoOffer});
}

} // namespace mkpxerd::netboot
