// SPDX-License-Identifier: MIT
// Prepares for the first TLS connection: loads certificate authorities, and sets the clock by time servers.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "mkpxerd/netboot/net/sntp.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/time_of_day.hpp"
#include "mkpxerd/wrap/tls.hpp"

namespace mkpxerd::netboot {

class TlsPreparer {
  public:
    // As ask_time().
    using AskTime = std::function<Task<NetworkTime>(boost::asio::io_context&, std::vector<Ipv4Address>,
                                                    std::int64_t, Deadline)>;
    TlsPreparer(boost::asio::io_context& io, Log& log, std::vector<std::filesystem::path> ca_files,
                std::vector<Ipv4Address> time_servers, std::shared_ptr<TimeOfDay> time,
                AskTime ask = ask_time);

    // Asks the time servers, once and for a few seconds at most, and loads the authorities. Several tasks may
    // wait for it. Errors: those of wrap::TlsTrust::load. Silent time servers are a warning.
    Task<const wrap::TlsTrust*> prepare(Deadline deadline);
    // Only asks the time servers, for programs that use TLS themselves.
    boost::asio::awaitable<void> ask_time_once(Deadline deadline);
    // What a certificate of this host must match.
    wrap::TlsPeer peer(std::string host) const;

  private:
    void set_clock(const NetworkTime& answer);
    boost::asio::io_context& io_;
    Log& log_;
    std::vector<std::filesystem::path> ca_files_;
    std::vector<Ipv4Address> time_servers_;
    std::shared_ptr<TimeOfDay> time_;
    AskTime ask_;
    std::optional<wrap::TlsTrust> trust_;
    enum class Asking { NotYet, Now, Done } asking_ = Asking::NotYet;
    Notifier asked_;
};

} // namespace mkpxerd::netboot
