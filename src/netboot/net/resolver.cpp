// SPDX-License-Identifier: MIT
// All servers are asked at the same time. The first that knows the name decides. "No such name" counts after
// all others have replied or had a second to disagree (split DNS). A dead server costs no time.
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
constexpr auto disagreement_time = 1s;

struct AskedServer {
    Ipv4Address server;
    DnsAnswer answer;
    bool done = false;
};

// Shared by the tasks of one name, which end before the frame that owns it.
struct Round {
    explicit Round(asio::io_context& context) : io(context), changed(context), tasks(context) {}
    asio::io_context& io;
    Notifier changed;
    TaskGroup tasks;
    std::stop_source stop;
    std::list<AskedServer> asked;
};

// Waits until one of the query's descriptors is ready, its timer expires, or the stop. Asio gets duplicates,
// because c-ares may close its own descriptors at any time.
asio::awaitable<void> wait_for(asio::io_context& io, const DnsQuery& query, std::stop_token stop) {
    const auto ready = std::make_shared<Notifier>(io); // aborted waits report after this frame ended
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

asio::awaitable<void> ask_server(Round& round, AskedServer& asked, DnsQuestion question) {
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

bool is_negative(const AskedServer& asked) {
    return asked.done &&
           (asked.answer.outcome == DnsOutcome::NoSuchName || asked.answer.outcome == DnsOutcome::NoAddress);
}

bool is_failure(const AskedServer& asked) {
    return asked.done && asked.answer.outcome == DnsOutcome::Refused;
}

// Until the outcome is clear or the time is over. If a server fails, the others get their full time only for
// the last name.
asio::awaitable<void> await_verdict(Round& round, bool is_last, Deadline deadline, std::stop_token stop) {
    while (!stop.stop_requested() && Clock::now() < deadline) {
        const auto found = [](const AskedServer& asked) {
            return asked.done && asked.answer.outcome == DnsOutcome::Found;
        };
        if (std::any_of(round.asked.begin(), round.asked.end(), found)) co_return;
        if (std::all_of(round.asked.begin(), round.asked.end(),
                        [](const AskedServer& asked) { return asked.done; }))
            co_return;
        if (std::any_of(round.asked.begin(), round.asked.end(), is_negative) ||
            (!is_last && std::any_of(round.asked.begin(), round.asked.end(), is_failure)))
            deadline = std::min(deadline, Clock::now() + disagreement_time);
        co_await round.changed.wait(deadline, stop);
    }
}

std::string list_servers(const std::list<AskedServer>& asked, bool with_reasons) {
    std::string text;
    for (const AskedServer& one : asked) {
        if (!text.empty()) text += ", ";
        text += one.server.text();
        if (with_reasons && !one.answer.text.empty()) text += fmt::format(" ({})", one.answer.text);
    }
    return text;
}

Error failure_of(const std::string& name, const std::list<AskedServer>& asked) {
    const auto any = [&asked](DnsOutcome outcome) {
        return std::any_of(asked.begin(), asked.end(), [outcome](const AskedServer& one) {
            return one.done && one.answer.outcome == outcome;
        });
    };
    const std::string servers = list_servers(asked, false);
    if (any(DnsOutcome::NoAddress))
        return Error(Problem{.object = name,
                             .text = fmt::format("lacks an IPv4 address, according to {}", servers),
                             .hint = "add an A record on the DNS server",
                             .code = Failure::NoIpv4Address});
    if (any(DnsOutcome::NoSuchName))
        return Error(Problem{.object = name,
                             .text = fmt::format("no such name, according to {}", servers),
                             .hint = "is the spelling right, and is the name known to this DNS server",
                             .code = Failure::NoSuchName});
    if (any(DnsOutcome::Refused))
        return Error(Problem{.object = name,
                             .text = fmt::format("DNS server {} cannot answer", list_servers(asked, true)),
                             .code = Failure::DnsFailed});
    return Error(Problem{.object = name,
                         .text = fmt::format("no reply from DNS server {}", servers),
                         .hint = "does it run, and is it reachable from here",
                         .code = Failure::DnsSilent});
}

Task<std::vector<asio::ip::address>> resolve_one(asio::io_context& io, const DnsConfig& config,
                                                 std::string name, bool is_last, Deadline deadline,
                                                 std::stop_token stop) {
    Round round(io);
    for (const Ipv4Address server : config.servers) {
        AskedServer& asked = round.asked.emplace_back(AskedServer{server, {}, false});
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
    for (const AskedServer& asked : round.asked)
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
                       "use addresses instead of names, let the DHCP server send one, or give ip=...:dns0",
                       Failure::NoDnsServer);

    deadline = std::min(deadline, Clock::now() + longest_resolve);
    std::optional<Error> told;
    const std::vector<std::string> names = search_names(name, config_.search);
    for (const std::string& candidate : names) {
        Result<std::vector<asio::ip::address>> found =
            co_await resolve_one(io_, config_, candidate, &candidate == &names.back(), deadline, stop);
        if (found) co_return found;
        const Failure code = found.error().first().code;
        // Reports the failure of the name as the user wrote it. If that is only "no such name", the failure
        // of a name completed by the search list says more.
        const bool is_better_known = told && (candidate != name || told->first().code != Failure::NoSuchName);
        if (!is_better_known) told = std::move(found).error();
        if (code == Failure::DnsSilent) break; // silent servers have used up the time
    }
    co_return fail(std::move(*told));
}

} // namespace mkpxerd::netboot
