// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/loader_threads.hpp"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstddef>
#include <future>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mkpxerd::netboot;

namespace {

// As a kernel at its limit of threads does; clone3(2) is as one before Linux 5.3, where libc calls clone(2).
bool refuse_threads() {
    constexpr unsigned short load = BPF_LD | BPF_W | BPF_ABS;
    constexpr unsigned short equal = BPF_JMP | BPF_JEQ | BPF_K;
    constexpr unsigned short end = BPF_RET | BPF_K;
    std::array<sock_filter, 6> filter{{
        {load, 0, 0, offsetof(seccomp_data, nr)},
        {equal, 0, 1, SYS_clone3},
        {end, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
        {equal, 0, 1, SYS_clone},
        {end, 0, 0, SECCOMP_RET_ERRNO | EAGAIN},
        {end, 0, 0, SECCOMP_RET_ALLOW},
    }};
    const sock_fprog program{filter.size(), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// Whether every call has run, on this thread and before the next one began.
bool runs_calls_itself() {
    LoaderThreads threads;
    const pthread_t own = ::pthread_self();
    int calls = 0;
    for (int i = 0; i < 3; ++i) {
        threads.run([&] { calls += ::pthread_equal(own, ::pthread_self()) != 0 ? 1 : 0; });
        if (calls != i + 1) return false;
    }
    threads.finish();
    return true;
}

} // namespace

TEST_CASE("a call that does not return holds up no other, and the end waits for it") {
    LoaderThreads threads;
    std::promise<void> released;
    std::atomic<bool> slow_ended = false;
    threads.run([&] {
        released.get_future().wait();
        slow_ended = true;
    });
    std::promise<void> fast;
    threads.run([&] { fast.set_value(); });
    fast.get_future().wait(); // while the first one still runs
    CHECK_FALSE(slow_ended);
    released.set_value();
    threads.finish();
    CHECK(slow_ended);
}

TEST_CASE("every call runs, however many come at once") {
    LoaderThreads threads;
    std::atomic<int> calls = 0;
    for (int i = 0; i < 100; ++i)
        threads.run([&] { ++calls; });
    threads.finish();
    CHECK(calls == 100);
}

TEST_CASE("where the kernel refuses threads, the calls run one after the other on the caller's") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(!refuse_threads() ? 2 : runs_calls_itself() ? 0 : 1);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
