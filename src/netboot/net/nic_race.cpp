// SPDX-License-Identifier: MIT
// The race: interfaces enter as the kernel reports them, each runs its own task (configure, then probe), the
// loop in run() looks after every change whether there is a winner. Rules of winning:
//   1. a contender that reaches a needed host wins at once;
//   2. when none does, the first configured one wins after ten seconds, or after 45 when another interface
//   has a
//      carrier and no lease yet (a switch port needs up to 50 s to forward); the server may merely be late.
#include "mkpxerd/netboot/net/nic_race.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <net/if_arp.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/net/interface_setup.hpp"
#include "mkpxerd/netboot/net/lease.hpp"
#include "mkpxerd/netboot/net/reach.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto patience = 10s;
constexpr auto patience_with_others = 45s;
constexpr auto pause_between_probes = 1s;
constexpr auto bootif_must_appear = 10s;
constexpr auto bootif_must_succeed = 30s;

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
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
      monitor_(std::move(monitor)), changed_(io), tasks_(io), started_(Clock::now()) {}

Task<NetworkState> NicRace::run() {
    MKPXERD_CO_TRY_ASSIGN(std::vector<Link> links, netlink_.links());
    for (const Link& link : links)
        on_link({link, false});
    tasks_.spawn(watch_links());
    if (plan_.is_narrow()) tasks_.spawn(widen_later());

    Contender* chosen = winner();
    while (chosen == nullptr && Clock::now() < request_.deadline && !monitor_error_ && !is_hopeless()) {
        co_await changed_.wait(next_decision());
        chosen = winner();
    }
    stop_.request_stop();
    for (Contender& contender : contenders_)
        contender.stop.request_stop();
    co_await tasks_.join();

    if (monitor_error_) co_return fail(std::move(*monitor_error_));
    if (chosen == nullptr) {
        Error error = failure();
        for (const Contender& contender : contenders_)
            if (contender.raised && !contender.gone) undo_setup(netlink_, contender.link);
        co_return fail(std::move(error));
    }
    finish(*chosen);
    for (const Contender& contender : contenders_)
        if (contender.lease && (&contender == chosen || stays(contender)))
            leases_.push_back({contender.link.name, contender.link.mac, contender.option, *contender.lease,
                               contender.client->asked_at()});
    NetworkState state = *chosen->state;
    for (const Contender& contender : contenders_)
        state.nics.push_back(report_of(contender, &contender == chosen));
    co_return state;
}

void NicRace::on_link(const LinkEvent& event) {
    const Link& link = event.link;
    std::erase_if(seen_, [&link](const Link& known) { return known.index == link.index; });
    if (!event.removed) seen_.push_back(link);
    if (link.hardware == ARPHRD_LOOPBACK && !link.up && !event.removed)
        static_cast<void>(
            netlink_.set_up(link.index, true).has_value()); // some programs of the system need it

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
            log_.detail(fmt::format("{}: carrier {}", link.name, link.carrier ? "up" : "lost"));
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
    log_.detail(fmt::format("{}: {} {}", link.name, link.mac.text(), contender.driver));
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

// The BOOTIF is a hint, not an order: a loader may name a card that the kernel has no driver for.
asio::awaitable<void> NicRace::widen_later() {
    while (!stop_.stop_requested()) {
        const Deadline end = started_ + (contenders_.empty() ? bootif_must_appear : bootif_must_succeed);
        if (Clock::now() >= end || all_failed()) break;
        co_await changed_.wait(end, stop_.get_token());
    }
    if (stop_.stop_requested()) co_return;
    const auto has_lease = [](const Contender& contender) { return contender.state.has_value(); };
    if (std::any_of(contenders_.begin(), contenders_.end(), has_lease)) co_return;
    std::vector<std::string> macs;
    for (const Link& link : seen_)
        if (is_wired(link)) macs.push_back(fmt::format("{} {}", link.name, link.mac.text()));
    log_.warning(fmt::format("{} {}; trying every wired interface ({})", join(plan_.named()),
                             contenders_.empty() ? "has not appeared"
                             : all_failed()      ? contenders_.front().error->first().text
                                                 : "got no lease yet",
                             macs.empty() ? "none seen" : join(macs)));
    plan_.widen();
    for (const Link& link : std::list<Link>(seen_))
        on_link({link, false});
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
        changed_.notify();
        co_await probe(contender);
    } else {
        contender.error = std::move(state).error();
    }
    changed_.notify();
}

Task<NetworkState> NicRace::configure(Contender& contender) {
    if (std::optional<Error> why = unserved(contender.link, contender.option))
        co_return fail(std::move(*why));
    NetworkState state;
    if (contender.option.method == IpOption::Method::Static) {
        state = static_state(contender.option);
    } else {
        const DhcpWish wish{contender.option.hostname, contender.option.address};
        MKPXERD_CO_TRY_ASSIGN(DhcpClient client, DhcpClient::open(io_, log_, contender.link, wish));
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
            contender.reach = "no carrier";
            co_await changed_.wait(Deadline::max(), stop);
            continue;
        }
        ReachVerdict verdict =
            co_await probe_reach(io_, *contender.state, request_.first_hosts, request_.deadline, stop);
        if (stop.stop_requested()) co_return;
        if (verdict.text != contender.reach)
            log_.detail(fmt::format("{}: {}", contender.link.name, verdict.text));
        contender.reach = std::move(verdict.text);
        contender.reached = verdict.reached;
        changed_.notify();
        if (contender.reached) co_return;
        co_await sleep_until(io_, Clock::now() + pause_between_probes, stop);
    }
}

bool NicRace::others_may_come(const Contender& leader) const {
    return std::any_of(contenders_.begin(), contenders_.end(), [&leader](const Contender& other) {
        return &other != &leader && !other.gone && other.link.carrier && !other.state && !other.error;
    });
}

NicRace::Contender* NicRace::winner() {
    Contender* leader = nullptr;
    bool incomplete = false;
    for (Contender& contender : contenders_) {
        if (contender.gone) continue;
        incomplete = incomplete || (!contender.state && !contender.error);
        if (!contender.state || !contender.link.carrier) continue; // a static address alone is no network
        const auto rank = [](const Contender& one) { return std::pair(!one.reached, one.configured_at); };
        if (leader == nullptr || rank(contender) < rank(*leader)) leader = &contender;
    }
    if (leader == nullptr) return nullptr;
    const auto waited = Clock::now() - leader->configured_at;
    if (Clock::now() >= request_.deadline) return leader;
    if (leader->reached) return plan_.wants_all() && incomplete && waited < patience ? nullptr : leader;
    return waited >= (others_may_come(*leader) ? patience_with_others : patience) ? leader : nullptr;
}

// Every interface failed for a reason that time does not cure, and no other came: DHCP alone fails at the
// deadline.
bool NicRace::is_hopeless() const {
    return Clock::now() >= started_ + patience && all_failed();
}

bool NicRace::all_failed() const {
    return !contenders_.empty() &&
           std::all_of(contenders_.begin(), contenders_.end(), [](const Contender& contender) {
               return !contender.gone && contender.error.has_value();
           });
}

// Patience runs out at fixed times after a configuration; looking at each of them is enough.
Deadline NicRace::next_decision() const {
    Deadline next = request_.deadline;
    if (Clock::now() < started_ + patience) next = std::min(next, started_ + patience);
    for (const Contender& contender : contenders_) {
        if (!contender.state) continue;
        for (const auto& wait : {std::chrono::seconds(patience), std::chrono::seconds(patience_with_others)})
            if (contender.configured_at + wait > Clock::now())
                next = std::min(next, contender.configured_at + wait);
    }
    return next;
}

bool NicRace::stays(const Contender& loser) const {
    return plan_.wants_all() && loser.state && !loser.gone;
}

// The winner stays; so do the others when each was asked for by name.
void NicRace::finish(Contender& winner) {
    if (!winner.reached && !winner.reach.empty())
        log_.warning(fmt::format("{}: {}; going on with this interface", winner.link.name, winner.reach));
    for (const Contender& loser : contenders_) {
        if (&loser == &winner || loser.gone || stays(loser)) continue;
        if (loser.state)
            log_.step(fmt::format("{}: not used ({}), {} is", loser.link.name,
                                  loser.reach.empty() ? "not tried" : loser.reach, winner.link.name));
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
    std::vector<Problem> problems;
    if (contenders_.empty()) {
        std::vector<std::string> seen;
        for (const Link& link : seen_)
            if (link.hardware == ARPHRD_ETHER)
                seen.push_back(fmt::format("{} {}", link.name, link.mac.text()));
        if (seen.empty())
            for (const Link& link : seen_)
                if (std::optional<Error> why = unserved(link, IpOption{})) return std::move(*why);
        if (!plan_.named().empty())
            return {join(plan_.named()),
                    fmt::format("no such interface appeared ({})",
                                seen.empty() ? "none at all" : "seen: " + join(seen)),
                    "is the driver in the image, and the name the kernel's own name, such as eth0",
                    Failure::NoInterface};
        return {"network", "no wired interface appeared", "is the driver of the network card in the image",
                Failure::NoNetworkCard};
    }
    const bool carrier = std::any_of(contenders_.begin(), contenders_.end(),
                                     [](const Contender& contender) { return contender.link.carrier; });
    const bool refused = std::any_of(contenders_.begin(), contenders_.end(), [](const Contender& contender) {
        return unserved(contender.link, contender.option).has_value();
    });
    for (const Contender& contender : contenders_)
        if (contender.error &&
            (problems.empty() || rank(contender.error->first().code) > rank(problems.front().code)))
            problems = {contender.error->first()};
    if (!carrier && !refused)
        problems = {{"network", "no carrier on any interface", "is the cable in, and the switch port on",
                     Failure::NoCarrier}};
    for (const Contender& contender : contenders_)
        if (!carrier && contender.raise_error)
            problems = {{contender.link.name,
                         fmt::format("cannot be brought up: {}", contender.raise_error->text()),
                         "the kernel's log has the driver's own words", Failure::CannotBringUp}};
    if (problems.empty())
        problems = {{"network", "no interface was configured in time", {}, Failure::NoOffer}};
    for (const Contender& contender : contenders_) {
        const NicReport report = report_of(contender, false);
        problems.push_back({report.interface, to_line(report), {}, {}});
    }
    return Error(std::move(problems));
}

std::string to_line(const NicReport& nic) {
    return fmt::format("{} {}, {}, {} DISCOVERs, {} OFFERs, {}",
                       nic.driver.empty() ? "driver unknown" : nic.driver, nic.mac.text(),
                       nic.carrier ? "carrier" : "no carrier", nic.discovers, nic.offers,
                       nic.address.is_unspecified() ? "no address" : nic.address.text()) +
           (nic.reach.empty() ? "" : ", " + nic.reach);
}

} // namespace mkpxerd::netboot
