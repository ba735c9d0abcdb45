// SPDX-License-Identifier: MIT
// A process with limited additional memory and time, for work that must not grow with numbers from an
// attacker.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <new>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mkpxerd::test {

inline constexpr int out_of_memory = 98;
inline constexpr int out_of_time = -2;

// The result of body in a child that may map this many more bytes and use this many seconds of processor
// time; out_of_memory, out_of_time, or -1 for any other end.
inline int in_bounds(std::size_t bytes, rlim_t seconds, const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
#ifndef MKPXERD_SANITIZED // which maps terabytes
        std::uint64_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        const rlim_t most = pages * static_cast<std::uint64_t>(::getpagesize()) + bytes;
        const rlimit memory{most, most};
        if (pages == 0 || ::setrlimit(RLIMIT_AS, &memory) != 0) ::_exit(99);
#else
        (void)bytes;
        seconds *= 5; // and takes its time
#endif
        const rlimit time{seconds, seconds};
        if (::setrlimit(RLIMIT_CPU, &time) != 0) ::_exit(99);
        try {
            ::_exit(body());
        } catch (const std::bad_alloc&) {
            ::_exit(out_of_memory);
        }
    }
    int status = -1;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return -1;
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    return WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXCPU ? out_of_time : -1;
}

} // namespace mkpxerd::test
