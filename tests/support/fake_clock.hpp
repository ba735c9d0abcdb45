// SPDX-License-Identifier: MIT
// The clock of the init in its unit tests. It runs as the real one does, and is set forward where nothing is
// left to do but to wait: timeouts, pauses and countdowns pass at once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>

#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::test {

void set_forward(netboot::Clock::duration by);

// Whether this process has a child, ended ones included until they are reaped.
bool has_children();

// Runs io until done, or until patience has passed by the init's clock; returns whether it is done. While
// busy, which means that something outside of io is at work, time is real.
bool run_until(boost::asio::io_context& io, const std::function<bool()>& done,
               netboot::Clock::duration patience, const std::function<bool()>& busy = has_children);

} // namespace mkpxerd::test
