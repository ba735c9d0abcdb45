// SPDX-License-Identifier: MIT
// Takes the place of netboot/runtime/clock.cpp.
#include "fake_clock.hpp"

#include <algorithm>
#include <atomic>
#include <sys/wait.h>

#include "mkpxerd/netboot/runtime/task.hpp"

using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

std::atomic<Clock::rep> ahead = 0; // of the real clock

// Asio looks at its timers when one expires by the real clock, or when one is added that expires before all
// others.
void look_at_timers(boost::asio::io_context& io) {
    Timer first(io, Clock::time_point{});
    first.async_wait([](boost::system::error_code) {});
    io.poll_one();
}

} // namespace

Clock::time_point Clock::now() noexcept {
    return std::chrono::steady_clock::now() + duration(ahead.load());
}

namespace mkpxerd::test {

void set_forward(Clock::duration by) {
    ahead += by.count();
}

bool has_children() {
    siginfo_t child{};
    return ::waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool run_until(boost::asio::io_context& io, const std::function<bool()>& done, Clock::duration patience,
               const std::function<bool()>& busy) {
    const auto end = Clock::now() + patience;
    for (auto step = 1ms; !done() && Clock::now() < end;) {
        if (io.stopped()) io.restart();
        const bool is_busy = busy();
        // On a busy machine the kernel needs a moment to hand over what one socket has sent to another.
        if (io.run_one_for(is_busy ? 10ms : 1ms) > 0) {
            step = 1ms;
        } else if (!is_busy) { // in growing steps, because Asio does not tell when the next timer expires
            set_forward(step);
            step = std::min(2 * step, 250ms);
            look_at_timers(io);
        }
    }
    return done();
}

} // namespace mkpxerd::test
