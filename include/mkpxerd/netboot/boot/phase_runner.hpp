// SPDX-License-Identifier: MIT
// What is around each phase of the boot: the watchdog learns its name, a failure is told and reported, and
// what follows it is done, until the phase has succeeded.
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

    // values: what the phases have returned; the runner makes the modules that failed loadable again.
    PhaseRunner(BootServices services, BootValues& values, RescuePace pace = {});

    // Returns when the phase has succeeded. After each failure it is tried again when BootOptions::on_fail,
    // or a person at the rescue shell, says so, with a deadline anew; otherwise the machine restarts. Phases
    // one after the other may share a stage, which is what failures and the report name.
    boost::asio::awaitable<void> run(std::string_view stage, Phase phase);
    // The machine is watched from here on, from outside; the first call counts.
    void start_watchdog(const BootOptions& options);
    boost::asio::awaitable<void> report_handover() const { return reporter_.tell_handover(stages_); }

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
