// SPDX-License-Identifier: MIT
// Every server is asked side by side. The first that knows the name settles it; "no such name" is believed
// when all others have answered or had a second to disagree (split DNS); a dead server costs nothing.
#include "mkpxerd/netboot/net/resolver.hpp"

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <list>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/wrap/dns.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto longest_resolve = 5s;
constexpr auto time_to_disagree = 1s;

struct Asked {
    Ipv4Address server;
    DnsAnswer answer;
    bool done = false;
};

// What the tasks of one name share; it ends before the frame that owns it, because the group is joined.
struct Round {
    explicit Round(asio::io_context& context) : io(context), changed(context), tasks(context) {}
    asio::io_context& io;
    Notifier changed;
    TaskGroup tasks;
    std::stop_source stop;
    std::list<Asked> asked;
};

// Waits until one of the query's descriptors is ready, its timer is due, or the stop. The descriptors are
// duplicated: c-ares closes its own whenever it likes, which Asio must not notice.
asio::awaitable<void> wait_for(asio::io_context& io, const DnsQuery& query, std::stop_token stop) {
    const auto ready = std::make_shared<Notifier>(io); // aborted waits report after this frame has gone
    std::list<asio::posix::stream_descriptor> descriptors;
    for (const DnsQuery::Watch& watch : query.watches()) {
        UniqueFd fd(::fcntl(watch.fd, F_DUPFD_CLOEXEC, 0));
        auto waitable = watched(io, std::move(fd), "dns");
        if (!waitable) continue; // the query's own timer ends it
        asio::posix::stream_descriptor& descriptor = descriptors.emplace_back(std::move(*waitable));
        descriptor.async_wait(watch.write ? asio::posix::stream_descriptor::wait_write
                                          : asio::posix::stream_descriptor::wait_read,
                              [ready](boost::system::error_code) { ready->notify(); });
    }
    co_await ready->wait(Clock::now() + query.wait_at_most(), stop);
}

asio::awaitable<void> ask_server(Round& round, Asked& asked, DnsQuestion question) {
    Result<DnsQuery> query = DnsQuery::start(question);
    if (query) {
        while (!query->answer() && !round.stop.stop_requested()) {
            co_await wait_for(round.io, *query, round.stop.get_token());
            query->process();
        }
        if (query->answer()) asked.answer = *query->answer();
    } else {
        asked.answer.text = query.error().first().text;
    }
    asked.done = true;
    round.changed.notify();
}

bool is_negative(const Asked& asked) {
    return asked.done &&
           (asked.answer.outcome == DnsOutcome::NoSuchName || asked.answer.outcome == DnsOutcome::NoAddress);
}

bool is_failure(const Asked& asked) {
    return asked.done && asked.answer.outcome == DnsOutcome::Refused;
}

// Until the outcome is clear or the time is up. A server that fails leaves time to the others, unless other
// names are to be asked for.
asio::awaitable<void> await_verdict(Round& round, bool is_last, Deadline deadline, std::stop_token stop) {
    while (!stop.stop_requested() && Clock::now() < deadline) {
        const auto found = [](const Asked& asked) {
            return asked.done && asked.answer.outcome == DnsOutcome::Found;
        };
        if (std::any_of(round.asked.begin(), round.asked.end(), found)) co_return;
        if (std::all_of(round.asked.begin(), round.asked.end(),
                        [](const Asked& asked) { return asked.done; }))
            co_return;
        if (std::any_of(round.asked.begin(), round.asked.end(), is_negative) ||
            (!is_last && std::any_of(round.asked.begin(), round.asked.end(), is_failure)))
            deadline = std::min(deadline, Clock::now() + time_to_disagree);
        co_await round.changed.wait(deadline, stop);
    }
}

std::string list_servers(const std::list<Asked>& asked, bool with_reasons) {
    std::string text;
    for (const Asked& one : asked) {
        if (!text.empty()) text += ", ";
        text += one.server.text();
        if (with_reasons && !one.answer.text.empty()) text += fmt::format(" ({})", one.answer.text);
    }
    return text;
}

Error failure_of(const std::string& name, const std::list<Asked>& asked) {
    const auto any = [&asked](DnsOutcome outcome) {
        return std::any_of(asked.begin(), asked.end(),
                           [outcome](const Asked& one) { return one.done && one.answer.outcome == outcome; });
    };
    const std::string servers = list_servers(asked, false);
    if (any(DnsOutcome::NoAddress))
        return {name, fmt::format("has no IPv4 address, says {}", servers), "ask for its A record",
                Failure::NoIpv4Address};
    if (any(DnsOutcome::NoSuchName))
        return {name, fmt::format("no such name, says {}", servers),
                "is the name spelt right, and known to this DNS server", Failure::NoSuchName};
    if (any(DnsOutcome::Refused))
        return {name,
                fmt::format("DNS server {} cannot answer", list_servers(asked, true)),
                {},
                Failure::DnsFailed};
    return {name, fmt::format("no answer from DNS server {}", servers),
            "does it run, and is it reachable from here", Failure::DnsSilent};
}

Task<std::vector<asio::ip::address>> resolve_one(asio::io_context& io, const DnsConfig& config,
                                                 std::string name, bool is_last, Deadline deadline,
                                                 std::stop_token stop) {
    Round round(io);
    for (const Ipv4Address server : config.servers) {
        Asked& asked = round.asked.emplace_back(Asked{server, {}, false});
        DnsQuestion question;
        question.name = name;
        question.server = server.text();
        question.interface = config.interface;
        round.tasks.spawn(ask_server(round, asked, std::move(question)));
    }
    co_await await_verdict(round, is_last, deadline, stop);
    round.stop.request_stop();
    co_await round.tasks.join();

    std::vector<asio::ip::address> addresses;
    for (const Asked& asked : round.asked)
        if (addresses.empty())
            for (const std::uint32_t address : asked.answer.addresses)
                addresses.emplace_back(asio::ip::address_v4(address));
    if (addresses.empty()) co_return fail(failure_of(name, round.asked));
    co_return addresses;
}

} // namespace

DnsConfig dns_config(const NetworkState& network) {
    DnsConfig config;
    config.servers = network.dns;
    config.search = network.search;
    if (config.search.empty() && !network.domain.empty()) config.search.push_back(network.domain);
    return config;
}

std::vector<std::string> search_names(const std::string& name, const std::vector<std::string>& search) {
    if (!name.empty() && name.back() == '.') return {name.substr(0, name.size() - 1)};
    std::vector<std::string> names;
    for (const std::string& domain : search)
        names.push_back(name + "." + domain);
    const bool dotted = name.find('.') != std::string::npos;
    names.insert(dotted ? names.begin() : names.end(), name);
    return names;
}

Resolver::Resolver(asio::io_context& io, DnsConfig config) : io_(io), config_(std::move(config)) {}

Task<std::vector<asio::ip::address>> Resolver::resolve(std::string name, Deadline deadline,
                                                       std::stop_token stop) {
    boost::system::error_code not_literal;
    const asio::ip::address literal = asio::ip::make_address(name, not_literal);
    if (!not_literal) co_return std::vector<asio::ip::address>{literal};
    if (config_.servers.empty())
        co_return fail(name, "no DNS server is known",
                       "the DHCP server gave none: use addresses, or ip=...:dns0", Failure::NoDnsServer);

    deadline = std::min(deadline, Clock::now() + longest_resolve);
    std::optional<Error> told;
    const std::vector<std::string> names = search_names(name, config_.search);
    for (const std::string& candidate : names) {
        Result<std::vector<asio::ip::address>> found =
            co_await resolve_one(io_, config_, candidate, &candidate == &names.back(), deadline, stop);
        if (found) co_return found;
        const Failure code = found.error().first().code;
        // The name as it was written is what the user knows, and its failure is told; but of a name that was
        // completed first, what went wrong there tells more than that it does not exist without a domain.
        const bool is_told = told && (candidate != name || told->first().code != Failure::NoSuchName);
        if (!is_told) told = std::move(found).error();
        if (code == Failure::DnsSilent) break; // servers that are silent have used up the time
    }
    co_return fail(std::move(*told));
}

} // namespace mkpxerd::netboot
