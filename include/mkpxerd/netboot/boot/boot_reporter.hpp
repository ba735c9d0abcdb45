// SPDX-License-Identifier: MIT
// BootValues -> BootReport: the state of the boot so far, written to /run/mkpxerd and posted to the URL of
// mkpxerd.report=.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/netboot/boot/boot_report.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

class BootReporter {
  public:
    // values outlive this; started: the boot.
    BootReporter(boost::asio::io_context& io, System& system, Log& log, const BootValues& values,
                 Clock::time_point started)
        : io_(io), system_(system), log_(log), values_(values), started_(started) {}

    Clock::time_point started() const { return started_; }
    // A failure: its first problem, and its stage.
    boost::asio::awaitable<void> report_failure(Problem problem, std::string_view stage,
                                                std::vector<BootReport::Stage> stages) const;
    boost::asio::awaitable<void> report_handover(std::vector<BootReport::Stage> stages) const;
    // Network devices, each with the reason. Empty until all drivers have been tried: one may still come.
    std::vector<std::string> devices_without_driver() const;

  private:
    BootReport collect() const;
    boost::asio::awaitable<void> write_and_post(BootReport report) const;
    Task<void> send(std::string report) const; // to where mkpxerd.report= says
    Task<void> post(std::string report) const;

    boost::asio::io_context& io_;
    System& system_;
    Log& log_;
    const BootValues& values_;
    Clock::time_point started_;
};

} // namespace mkpxerd::netboot
