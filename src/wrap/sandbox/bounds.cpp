// SPDX-License-Identifier: MIT
// Resource limits of the process. The handler for the time limit may only call write(2) and _exit(2), so its
// message is prepared in advance.
#include <algorithm>
#include <array>
#include <csignal>
#include <fmt/format.h>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

#include "mkpxerd/wrap/sandbox.hpp"

namespace mkpxerd::wrap {
namespace {

std::array<char, 160> out_of_time{};
std::size_t out_of_time_size = 0;

extern "C" void report_timeout(int) {
    (void)!::write(STDERR_FILENO, out_of_time.data(), out_of_time_size);
    ::_exit(1);
}

// Only the soft limit: a started program gets the old one back.
struct Bound {
    int resource;
    std::optional<rlim_t> before = {};

    bool set(std::uint64_t value) {
        rlimit limit{};
        if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur <= value) return false;
        before = std::exchange(limit.rlim_cur, value);
        return ::setrlimit(resource, &limit) == 0;
    }
    void lift() const {
        rlimit limit{};
        if (!before || ::getrlimit(resource, &limit) != 0) return;
        limit.rlim_cur = *before;
        (void)::setrlimit(resource, &limit);
    }
};
Bound memory_bound{RLIMIT_DATA};
Bound time_bound{RLIMIT_CPU};

} // namespace

void set_bounds(const Bounds& bounds) {
    if (bounds.memory != 0) memory_bound.set(bounds.memory);
    if (bounds.seconds == 0 || !time_bound.set(bounds.seconds)) return;
    const auto end = fmt::format_to_n(out_of_time.data(), out_of_time.size(),
                                      "mkpxerd: error: this needs more than {} seconds of processor time "
                                      "(--max-time SECONDS raises the limit, 0 removes it)\n",
                                      bounds.seconds);
    out_of_time_size = std::min(end.size, out_of_time.size());
    struct sigaction action {};
    action.sa_handler = report_timeout;
    (void)::sigaction(SIGXCPU, &action, nullptr);
}

void lift_bounds() {
    memory_bound.lift();
    time_bound.lift();
}

} // namespace mkpxerd::wrap
