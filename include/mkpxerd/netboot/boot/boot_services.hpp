// SPDX-License-Identifier: MIT
// What every phase of a boot may use. boot_values.hpp has the phases' results.
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
    TaskGroup& background; // tasks that run beside the phases, until the hand-over
    TimeBudget& time;
};

} // namespace mkpxerd::netboot
