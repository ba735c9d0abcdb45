// SPDX-License-Identifier: MIT
// Downloads start at the same time: the first https download asks, and the others wait for it.
#include "mkpxerd/netboot/fetch/tls_preparer.hpp"

#include <fmt/format.h>

namespace mkpxerd::netboot {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_request = 4s;

} // namespace

TlsPreparer::TlsPreparer(boost::asio::io_context& io, Log& log, std::vector<std::filesystem::path> ca_files,
                         std::vector<Ipv4Address> time_servers, std::shared_ptr<TimeOfDay> time, AskTime ask)
    : io_(io), log_(log), ca_files_(std::move(ca_files)), time_servers_(std::move(time_servers)),
      time_(std::move(time)), ask_(std::move(ask)), asked_(io) {}

boost::asio::awaitable<void> TlsPreparer::ask_time_once(Deadline deadline) {
    if (asking_ == Asking::NotYet && !time_servers_.empty()) {
        asking_ = Asking::Now;
        const Result<NetworkTime> answer = co_await ask_(io_, time_servers_, time_->image_time(),
                                                         std::min(deadline, Clock::now() + longest_request));
        if (answer)
            set_clock(*answer);
        else
            log_.warning(answer.error());
        asking_ = Asking::Done;
        asked_.notify();
    }
    while (asking_ == Asking::Now && Clock::now() < deadline)
        co_await asked_.wait(deadline);
}

void TlsPreparer::set_clock(const NetworkTime& answer) {
    const std::string server = answer.server.text();
    const std::string before = time_text(time_->now());
    switch (time_->set(answer.seconds, fmt::format("NTP {}", server))) {
    case TimeOfDay::Change::None:
        break;
    case TimeOfDay::Change::Forward:
        log_.step(fmt::format("clock set by {} from {} to {}", server, before, time_text(answer.seconds)));
        break;
    case TimeOfDay::Change::Back:
        log_.warning(
            fmt::format("clock set back by {} from {} to {}", server, before, time_text(answer.seconds)));
        break;
    case TimeOfDay::Change::Refused:
        log_.warning(fmt::format("{} sent the time {}: the clock stays, because the image was built at {}",
                                 server, time_text(answer.seconds), time_text(time_->image_time())));
        break;
    }
}

Task<const wrap::TlsTrust*> TlsPreparer::prepare(Deadline deadline) {
    co_await ask_time_once(deadline);
    if (!trust_) {
        MKPXERD_CO_TRY_ASSIGN(wrap::TlsTrust trust, wrap::TlsTrust::load(ca_files_));
        trust_.emplace(std::move(trust));
    }
    co_return &*trust_;
}

wrap::TlsPeer TlsPreparer::peer(std::string host) const {
    return {std::move(host), time_->now(), time_->source()};
}

} // namespace mkpxerd::netboot
