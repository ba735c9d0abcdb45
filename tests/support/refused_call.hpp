// SPDX-License-Identifier: MIT
// A kernel that refuses one system call, in a separate process, because seccomp(2) cannot be undone.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mkpxerd::test {

// The result of body in a child in which the call fails with this errno; -1: no such child could be created.
inline int with_refused_call(unsigned number, unsigned error, const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        std::array<sock_filter, 4> program = {{
            {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
            {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number},
            {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error},
            {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
        }};
        const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
        const bool refused = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                             ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
        ::_exit(refused ? body() : 99);
    }
    int status = -1;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

} // namespace mkpxerd::test
