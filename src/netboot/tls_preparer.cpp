// SPDX-License-Identifier: MIT
// Once for all downloads: they start side by side, and the first HTTPS one makes the others wait.
#include "mkpxerd/netboot/tls_preparer.hpp"

#include <fmt/format.h>

#include "mkpxerd/netboot/sntp.hpp"

namespace mkpxerd::netboot {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_question = 4s;

} // namespace

TlsPreparer::TlsPreparer(boost::asio::io_context& io, Log& log, std::vector<std::filesystem::path> ca_files,
                         std::vector<Ipv4Address> time_servers, std::shared_ptr<TimeOfDay> time)
    : io_(io), log_(log), ca_files_(std::move(ca_files)), time_servers_(std::move(time_servers)),
      time_(std::move(time)), asked_(io) {}

boost::asio::awaitable<void> TlsPreparer::ask_time_once(Deadline deadline) {
    if (asking_ == Asking::NotYet && !time_servers_.empty()) {
        asking_ = Asking::Now;
        const Result<NetworkTime> answer = co_await ask_time(
            io_, time_servers_, time_->now(), std::min(deadline, Clock::now() + longest_question));
        if (!answer)
            log_.warning(answer.error());
        else if (time_->advance(answer->seconds, fmt::format("NTP {}", answer->server.text())))
            log_.step(fmt::format("clock set by {}", answer->server.text()));
        asking_ = Asking::Done;
        asked_.notify();
    }
    while (asking_ == Asking::Now)
        co_await asked_.wait(deadline);
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
