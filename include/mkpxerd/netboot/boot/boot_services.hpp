// SPDX-License-Identifier: MIT
// Where the phases of a boot run: what each of them may use. What the boot finds out is in boot_values.hpp.
#pragma once

#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/children.hpp"
#include "mkpxerd/netboot/runtime/console_log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/time_budget.hpp"

namespace mkpxerd::netboot {

struct BootServices {
    boost::asio::io_context& io;
    System& system;
    ConsoleLog& log;
    Children& children;
    TaskGroup& background; // runs beside the phases, until the hand-over
    TimeBudget& time;
};

} // namespace mkpxerd::netboot
