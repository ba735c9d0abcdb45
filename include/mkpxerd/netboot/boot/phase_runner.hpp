// SPDX-License-Identifier: MIT
// Runs each phase of the boot: names it to the watchdog, logs and reports its failures, and acts on them
// until the phase succeeds.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "mkpxerd/netboot/boot/boot_report.hpp"
#include "mkpxerd/netboot/boot/boot_reporter.hpp"
#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/runtime/rescue.hpp"
#include "mkpxerd/netboot/runtime/watchdog.hpp"

namespace mkpxerd::netboot {

class PhaseRunner {
  public:
    using Phase = std::function<Task<void>()>;

    // values: the results of the phases; the runner lets the next attempt load failed modules again.
    PhaseRunner(BootServices services, BootValues& values, RescuePace pace = {});

    // Returns when the phase has succeeded. After a failure it is tried again, with a new deadline, if
    // BootOptions::on_fail or a person at the rescue shell says so; otherwise the machine restarts.
    // Consecutive phases may share a stage, which failures and the report name.
    boost::asio::awaitable<void> run(std::string_view stage, Phase phase);
    // Starts the watchdog; only the first call counts.
    void start_watchdog(const BootOptions& options);
    boost::asio::awaitable<void> report_handover() const { return reporter_.report_handover(stages_); }

    Rescue& rescue() { return rescue_; }
    Clock::time_point started() const { return reporter_.started(); }

  private:
    void enter(std::string_view stage);
    void tell(std::string_view stage, const std::vector<Problem>& problems);
    boost::asio::awaitable<void> recover(std::string_view stage, std::vector<Problem> problems);

    BootServices services_;
    BootValues& values_;
    BootReporter reporter_;
    Rescue rescue_;
    Watchdog watchdog_;
    std::vector<BootReport::Stage> stages_;
};

} // namespace mkpxerd::netboot
