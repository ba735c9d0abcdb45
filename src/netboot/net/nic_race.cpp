// SPDX-License-Identifier: MIT
// Interfaces enter as the kernel reports them. Each runs its own task, which configures it and then probes
// the needed hosts. After each change run() asks the rules whether there is a winner.
#include "mkpxerd/netboot/net/nic_race.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <net/if_arp.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/net/interface_setup.hpp"
#include "mkpxerd/netboot/net/lease.hpp"
#include "mkpxerd/netboot/net/race_failure.hpp"
#include "mkpxerd/netboot/net/reach.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto pause_between_probes = 1s;

std::string join(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

std::string describe(const Link& link, const NetworkState& state) {
    std::string text = fmt::format("{}: {}/{}", link.name, state.address.text(), state.prefix);
    if (state.dynamic) text += fmt::format(" by DHCP from {}", state.dhcp_server.text());
    if (state.gateway) text += fmt::format(", gateway {}", state.gateway->text());
    for (const Ipv4Address dns : state.dns)
        text += fmt::format(", DNS {}", dns.text());
    return text;
}

} // namespace

NicRace::NicRace(asio::io_context& io, Log& log, NetworkRequest request, Rtnetlink netlink,
                 LinkMonitor monitor)
    : io_(io), log_(log), request_(std::move(request)), plan_(request_), netlink_(std::move(netlink)),
      monitor_(std::move(monitor)), changed_(io), tasks_(io),
      rules_(Clock::now(), request_.deadline, plan_.wants_all()) {}

Task<ConfiguredNetwork> NicRace::run() {
    MKPXERD_CO_TRY_ASSIGN(std::vector<Link> links, netlink_.links());
    for (const Link& link : links)
        on_link({.link = link});
    tasks_.spawn(watch_links());
    if (plan_.is_narrow()) tasks_.spawn(widen_later());

    RaceRules::Decision decision = rules_.decide(standings(), Clock::now());
    while (!decision.over && !monitor_error_) {
        co_await changed_.wait(decision.look_again);
        decision = rules_.decide(standings(), Clock::now());
    }
    stop_.request_stop();
    for (Contender& contender : contenders_)
        contender.stop.request_stop();
    co_await tasks_.join();
    for (const Contender& contender : contenders_)
        log_.timeline().end(Timeline::Lane::Interfaces, contender.link.name);

    if (monitor_error_) co_return fail(std::move(*monitor_error_));
    if (!decision.winner) {
        Error error = failure();
        for (const Contender& contender : contenders_)
            if (contender.raised && !contender.gone) undo_setup(netlink_, contender.link);
        co_return fail(std::move(error));
    }
    const Contender& winner = *std::next(contenders_.begin(), static_cast<std::ptrdiff_t>(*decision.winner));
    finish(winner);
    ConfiguredNetwork network{.state = *winner.state, .leases = {}};
    for (const Contender& contender : contenders_) {
        const bool is_winner = &contender == &winner;
        network.state.nics.push_back(report_of(contender, is_winner));
        if (contender.lease && (is_winner || stays(contender)))
            network.leases.push_back({.interface = contender.link.name,
                                      .mac = contender.link.mac,
                                      .option = contender.option,
                                      .terms = *contender.lease,
                                      .since = contender.client->asked_at()});
    }
    co_return network;
}

void NicRace::on_link(const LinkEvent& event) {
    const Link& link = event.link;
    std::erase_if(seen_, [&link](const Link& known) { return known.index == link.index; });
    if (!event.removed) seen_.push_back(link);
    if (link.hardware == ARPHRD_LOOPBACK && !link.up && !event.removed)
        static_cast<void>(netlink_.set_up(link.index, true).has_value()); // for programs of the system

    const auto known =
        std::find_if(contenders_.begin(), contenders_.end(), [&link](const Contender& contender) {
            return contender.link.index == link.index && !contender.gone;
        });
    if (known == contenders_.end()) {
        if (event.removed) return;
        if (const std::optional<IpOption> option = plan_.option_for(link)) enter(link, *option);
        return;
    }
    if (event.removed) {
        known->gone = true;
        known->stop.request_stop();
    } else {
        if (known->link.carrier != link.carrier)
            log_.detail(LogSubject::Network,
                        fmt::format("{}: carrier {}", link.name, link.carrier ? "up" : "lost"));
        if (known->link.carrier != link.carrier) known->reach.clear(); // it told of the time before
        if (link.carrier)
            log_.timeline().reach(Timeline::Lane::Interfaces, link.name, Timeline::Step::Carrier);
        known->link = link;
        if (known->client) known->client->set_carrier(link.carrier);
    }
    changed_.notify();
}

void NicRace::enter(const Link& link, const IpOption& option) {
    Contender& contender = contenders_.emplace_back();
    contender.link = link;
    contender.option = option;
    contender.driver = driver_of(link.name);
    log_.detail(LogSubject::Network, fmt::format("{}: {} {}", link.name, link.mac.text(), contender.driver));
    Timeline& timeline = log_.timeline();
    timeline.begin(Timeline::Lane::Interfaces, link.name, contender.driver);
    if (link.carrier) timeline.reach(Timeline::Lane::Interfaces, link.name, Timeline::Step::Carrier);
    tasks_.spawn(compete(contender));
}

asio::awaitable<void> NicRace::watch_links() {
    while (!stop_.stop_requested()) {
        Result<std::vector<LinkEvent>> events = co_await monitor_.next(Deadline::max(), stop_.get_token());
        if (!events) {
            monitor_error_ = std::move(events).error();
            changed_.notify();
            co_return;
        }
        for (const LinkEvent& event : *events)
            on_link(event);
    }
}

asio::awaitable<void> NicRace::widen_later() {
    while (!stop_.stop_requested()) {
        if (rules_.others_join(standings(), Clock::now())) break;
        co_await changed_.wait(rules_.others_join_at(standings()), stop_.get_token());
    }
    if (stop_.stop_requested()) co_return;
    const auto has_lease = [](const Contender& contender) { return contender.state.has_value(); };
    if (std::any_of(contenders_.begin(), contenders_.end(), has_lease)) co_return;
    std::vector<std::string> macs;
    for (const Link& link : seen_)
        if (is_wired(link)) macs.push_back(fmt::format("{} {}", link.name, link.mac.text()));
    log_.warning(fmt::format("{} {}; trying every wired interface ({})", join(plan_.named()),
                             contenders_.empty()       ? "has not appeared"
                             : all_failed(standings()) ? contenders_.front().error->first().text
                                                       : "has no lease yet",
                             macs.empty() ? "none seen" : join(macs)));
    plan_.widen();
    for (const Link& link : std::list<Link>(seen_))
        on_link({.link = link});
}

asio::awaitable<void> NicRace::compete(Contender& contender) {
    if (!contender.link.up) {
        const Result<void> up = netlink_.set_up(contender.link.index, true);
        if (!up) {
            log_.warning(contender.link.name, up.error());
            contender.raise_error = up.error();
        }
        contender.raised = up.has_value();
    }
    Result<NetworkState> state = co_await configure(contender);
    if (state) {
        log_.step(describe(contender.link, *state));
        contender.state = std::move(*state);
        contender.configured_at = Clock::now();
        log_.timeline().reach(Timeline::Lane::Interfaces, contender.link.name,
                              contender.lease ? Timeline::Step::Lease : Timeline::Step::Address);
        changed_.notify();
        co_await probe(contender);
    } else {
        contender.error = std::move(state).error();
        log_.timeline().fail(Timeline::Lane::Interfaces, contender.link.name, *contender.error);
    }
    changed_.notify();
}

Task<NetworkState> NicRace::configure(Contender& contender) {
    if (std::optional<Error> why = unsupported(contender.link, contender.option))
        co_return fail(std::move(*why));
    NetworkState state;
    if (contender.option.method == IpOption::Method::Static) {
        state = static_state(contender.option);
    } else {
        const DhcpPreferences preferences{.hostname = contender.option.hostname,
                                          .address = contender.option.address};
        MKPXERD_CO_TRY_ASSIGN(DhcpClient client, DhcpClient::open(io_, log_, contender.link, preferences));
        contender.client.emplace(std::move(client));
        Result<DhcpReply> lease =
            co_await contender.client->obtain(request_.deadline, contender.stop.get_token());
        if (!lease) co_return fail(std::move(lease).error());
        state = lease_state(*lease);
        overlay(contender.option, state);
        contender.lease = std::move(*lease);
    }
    state.interface = contender.link.name;
    state.mac = contender.link.mac;
    MKPXERD_CO_TRY(apply_setup(netlink_, log_, contender.link, state, route_metric(contender.link)));
    co_return state;
}

asio::awaitable<void> NicRace::probe(Contender& contender) {
    const std::stop_token stop = contender.stop.get_token();
    while (!stop.stop_requested()) {
        if (!contender.link.carrier) {
            co_await changed_.wait(Deadline::max(), stop);
            continue;
        }
        ReachVerdict verdict =
            co_await probe_reach(io_, *contender.state, request_.first_hosts, request_.deadline, stop);
        if (stop.stop_requested()) co_return;
        if (verdict.text != contender.reach)
            log_.detail(LogSubject::Network, fmt::format("{}: {}", contender.link.name, verdict.text));
        contender.reach = std::move(verdict.text);
        contender.reached = verdict.reached;
        changed_.notify();
        if (contender.reached) {
            log_.timeline().reach(Timeline::Lane::Interfaces, contender.link.name, Timeline::Step::Reach);
            co_return;
        }
        co_await sleep_until(io_, Clock::now() + pause_between_probes, stop);
    }
}

std::vector<Standing> NicRace::standings() const {
    std::vector<Standing> standings;
    for (const Contender& contender : contenders_)
        standings.push_back(standing_of(contender));
    return standings;
}

Standing NicRace::standing_of(const Contender& contender) {
    Standing standing{.gone = contender.gone,
                      .carrier = contender.link.carrier,
                      .reached = contender.reached,
                      .failed = contender.error.has_value()};
    if (contender.state) standing.configured_at = contender.configured_at;
    return standing;
}

bool NicRace::stays(const Contender& loser) const {
    return plan_.wants_all() && loser.state && !loser.gone;
}

// The winner stays up, and so do the others if each was named.
void NicRace::finish(const Contender& winner) {
    if (!winner.reached && !winner.reach.empty())
        log_.warning(
            fmt::format("{}: {}; using this interface nevertheless", winner.link.name, winner.reach));
    for (const Contender& loser : contenders_) {
        if (&loser == &winner || loser.gone || stays(loser)) continue;
        if (loser.state)
            log_.step(fmt::format("{}: not used ({}); {} is", loser.link.name,
                                  loss_reason(standing_of(loser), loser.reach), winner.link.name));
        if (loser.raised || loser.state) undo_setup(netlink_, loser.link);
    }
}

NicReport NicRace::report_of(const Contender& contender, bool chosen) const {
    NicReport report;
    report.interface = contender.link.name;
    report.driver = contender.driver;
    report.mac = contender.link.mac;
    report.carrier = contender.link.carrier;
    if (contender.client) {
        report.discovers = contender.client->counters().discovers;
        report.offers = contender.client->counters().offers;
    }
    if (contender.state) report.address = contender.state->address;
    report.reach = contender.reach;
    report.chosen = chosen;
    return report;
}

Error NicRace::failure() const {
    std::vector<FailedContender> failed;
    for (const Contender& contender : contenders_)
        failed.push_back({.report = report_of(contender, false),
                          .error = contender.error,
                          .raise_error = contender.raise_error,
                          .unsupported = unsupported(contender.link, contender.option).has_value()});
    return race_failure(plan_, {seen_.begin(), seen_.end()}, failed);
}

} // namespace mkpxerd::netboot
