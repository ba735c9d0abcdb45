// SPDX-License-Identifier: MIT
// The boot, from the first mount to the hand-over: the list of its phases, and the values that they pass on.
#pragma once

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/boot/phase_runner.hpp"
#include "mkpxerd/netboot/mount/source_mounter.hpp"
#include "mkpxerd/netboot/net/syslog.hpp"

namespace mkpxerd::netboot {

class Boot {
  public:
    Boot(boost::asio::io_context& io, System& system, ConsoleLog& log, RescuePace pace = {});

    // Ends in another program, or in a restart: it never returns. This must outlive the io_context's
    // handlers.
    boost::asio::awaitable<void> run();

  private:
    // The phases: each keeps its value, and may run again after a failure.
    Task<void> open_consoles();
    Task<void> read_image();
    Task<void> read_options();
    Task<void> load_modules();
    Task<void> find_devices();
    Task<void> bring_up_network();
    Task<void> mount_root();
    Task<void> mount_media();
    Task<void> make_package_database();
    Task<void> unpack_apkovl();
    Task<void> install_packages();
    Task<void> attach_modloop();
    Task<void> visit_shell();
    Task<void> hand_over();
    SourceMounter mounter();

    TimeBudget time_;
    Children children_;
    TaskGroup background_;
    TaskGroup wanted_modules_; // those of modules= and /etc/modules
    Syslog syslog_;
    BootServices services_;
    BootValues values_;
    PhaseRunner runner_;
};

} // namespace mkpxerd::netboot
