// SPDX-License-Identifier: MIT
// What must be there before the first TLS connection: certificate authorities, and a clock that is not in
// 1970.
#pragma once

#include <filesystem>
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
    TlsPreparer(boost::asio::io_context& io, Log& log, std::vector<std::filesystem::path> ca_files,
                std::vector<Ipv4Address> time_servers, std::shared_ptr<TimeOfDay> time);

    // Asks the time servers, once and for a few seconds at most, and loads the authorities. Several may wait.
    // Errors: those of wrap::TlsTrust::load. A time server that does not answer is a warning.
    Task<const wrap::TlsTrust*> prepare(Deadline deadline);
    // The first half of that alone, for programs that speak TLS themselves.
    boost::asio::awaitable<void> ask_time_once(Deadline deadline);
    // What a certificate of this host is held against.
    wrap::TlsPeer peer(std::string host) const;

  private:
    void set_clock(const NetworkTime& answer);
    boost::asio::io_context& io_;
    Log& log_;
    std::vector<std::filesystem::path> ca_files_;
    std::vector<Ipv4Address> time_servers_;
    std::shared_ptr<TimeOfDay> time_;
    std::optional<wrap::TlsTrust> trust_;
    enum class Asking { NotYet, Now, Done } asking_ = Asking::NotYet;
    Notifier asked_;
};

} // namespace mkpxerd::netboot
