// SPDX-License-Identifier: MIT
// One channel per question, so that several servers are asked in parallel.
#include "mkpxerd/wrap/dns.hpp"

#include <algorithm>
#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <array>

namespace mkpxerd {
namespace {

constexpr int max_addresses = 16;

void read_addresses(const unsigned char* bytes, int length, DnsAnswer& answer) {
    std::array<ares_addrttl, max_addresses> addresses{};
    int count = max_addresses;
    if (ares_parse_a_reply(bytes, length, nullptr, addresses.data(), &count) != ARES_SUCCESS) count = 0;
    for (int i = 0; i < count; ++i)
        answer.addresses.push_back(ntohl(addresses[static_cast<std::size_t>(i)].ipaddr.s_addr));
    answer.outcome = answer.addresses.empty() ? DnsOutcome::NoAddress : DnsOutcome::Found;
}

// A server that is neither authoritative (AA) nor recursive (RA) cannot deny a name: RFC 1035 4.1.1. Its "no
// data" is a referral at best.
bool is_lame_answer(const unsigned char* bytes, int length) {
    constexpr unsigned char authoritative = 0x04;
    constexpr unsigned char recursion_available = 0x80;
    return bytes != nullptr && length >= NS_HFIXEDSZ && (bytes[2] & authoritative) == 0 &&
           (bytes[3] & recursion_available) == 0;
}

DnsOutcome outcome_of(int status) {
    switch (status) {
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
        return DnsOutcome::NoSuchName;
    case ARES_ENODATA:
        return DnsOutcome::NoAddress;
    case ARES_ESERVFAIL:
    case ARES_EREFUSED:
    case ARES_ENOTIMP:
    case ARES_EFORMERR:
        return DnsOutcome::Refused;
    default:
        return DnsOutcome::NoAnswer;
    }
}

} // namespace

struct DnsQuery::State {
    ares_channel channel = nullptr;
    std::optional<DnsAnswer> answer;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (channel != nullptr) ares_destroy(channel);
    }

    static void on_answer(void* self, int status, int, unsigned char* bytes, int length) {
        DnsAnswer answer;
        if (status == ARES_SUCCESS)
            read_addresses(bytes, length, answer);
        else
            answer.outcome = outcome_of(status);
        if (answer.outcome != DnsOutcome::Found) answer.text = ares_strerror(status);
        if (answer.outcome == DnsOutcome::NoAddress && is_lame_answer(bytes, length)) {
            answer.outcome = DnsOutcome::Refused;
            answer.text = "it does not serve this domain";
        }
        static_cast<State*>(self)->answer = std::move(answer);
    }
};

Result<DnsQuery> DnsQuery::start(const DnsQuestion& question) {
    auto state = std::make_unique<State>();
    ares_options options{};
    options.timeout = static_cast<int>(question.first_timeout.count());
    options.tries = question.tries;
    std::string no_file = "/dev/null"; // the servers are given; ignore resolv.conf
    options.resolvconf_path = no_file.data();
    // NOCHECKRESP: SERVFAIL and REFUSED are answers here, without waiting for the next server.
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP;
    const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_RESOLVCONF | ARES_OPT_FLAGS;
    if (const int status = ares_init_options(&state->channel, &options, mask); status != ARES_SUCCESS)
        return fail(question.name, std::string("cannot start a DNS query: ") + ares_strerror(status));
    if (ares_set_servers_ports_csv(state->channel, question.server.c_str()) != ARES_SUCCESS)
        return fail(question.name, "the DNS server '" + question.server + "' is not an address");
    if (!question.interface.empty()) ares_set_local_dev(state->channel, question.interface.c_str());
    ares_query(state->channel, question.name.c_str(), ns_c_in, ns_t_a, State::on_answer, state.get());
    return DnsQuery(std::move(state));
}

DnsQuery::DnsQuery(std::unique_ptr<State> state) : state_(std::move(state)) {}
DnsQuery::DnsQuery(DnsQuery&&) noexcept = default;
DnsQuery& DnsQuery::operator=(DnsQuery&&) noexcept = default;
DnsQuery::~DnsQuery() = default;

const std::optional<DnsAnswer>& DnsQuery::answer() const {
    return state_->answer;
}

std::vector<DnsQuery::Watch> DnsQuery::watches() const {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    const int bits = ares_getsock(state_->channel, sockets.data(), ARES_GETSOCK_MAXNUM);
    std::vector<Watch> watches;
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
        const bool read = (bits & (1 << i)) != 0;
        const bool write = (bits & (1 << (i + ARES_GETSOCK_MAXNUM))) != 0;
        if (read || write) watches.push_back({sockets[static_cast<std::size_t>(i)], read, write});
    }
    return watches;
}

std::chrono::milliseconds DnsQuery::wait_at_most() const {
    timeval longest{60, 0};
    timeval buffer{};
    const timeval* wait = ares_timeout(state_->channel, &longest, &buffer);
    return std::chrono::milliseconds(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000);
}

void DnsQuery::process() {
    // Sockets that are not ready cost one EAGAIN; a call without sockets lets timeouts act.
    for (const Watch& watch : watches())
        ares_process_fd(state_->channel, watch.read ? watch.fd : ARES_SOCKET_BAD,
                        watch.write ? watch.fd : ARES_SOCKET_BAD);
    ares_process_fd(state_->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

} // namespace mkpxerd
