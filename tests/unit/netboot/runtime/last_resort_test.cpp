// SPDX-License-Identifier: MIT
// crash_probe breaks, this looks at what becomes of it.
#include "mkpxerd/netboot/runtime/last_resort.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mkpxerd/base/unique_fd.hpp"

using namespace mkpxerd;

namespace {

struct Ended {
    std::string said; // on standard output and error
    int status = -1;
};

// Until the first line is complete; then the program is killed, unless it has ended.
Ended crash(const std::string& how, const std::string& more = {}) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit no_core{};
        ::setrlimit(RLIMIT_CORE, &no_core);
        ::dup2(write_end.get(), STDOUT_FILENO);
        ::dup2(write_end.get(), STDERR_FILENO);
        ::execl(MKPXERD_CRASH_PROBE, "crash_probe", how.c_str(), more.empty() ? nullptr : more.c_str(),
                nullptr);
        ::_exit(127);
    }
    write_end.reset();
    Ended ended;
    char letter = 0;
    while (::read(read_end.get(), &letter, 1) == 1 && letter != '\n')
        ended.said += letter;
    if (!more.empty()) ::kill(child, SIGKILL);
    REQUIRE(::waitpid(child, &ended.status, 0) == child);
    return ended;
}

} // namespace

TEST_CASE("each fault starts the init again with its reason") {
    const auto [how, reason] = GENERATE(table<std::string, std::string>({
        {"segv", "segmentation fault"},
        {"stack", "segmentation fault"}, // on a stack of its own
        {"abort", "aborted"},
        {"fpe", "arithmetic fault"},
        {"ill", "illegal instruction: is the image built for this processor?"},
        {"exception", "an exception's text"},
    }));
    INFO(how);
    const Ended ended = crash(how);
    CHECK(ended.said == "/init: started again: " + reason);
    CHECK((WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0));
}

TEST_CASE("an init that breaks again says so, and stays to be read before the restart") {
    const Ended ended = crash("segv", "again");
    if (WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 77) {
        WARN("a user namespace of its own cannot be had here: the second crash was not tried");
        return;
    }
    CHECK(ended.said == "mkpxerd: failed MPX-BUG-01 init: the init crashed and cannot be restarted");
    CHECK((WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGKILL)); // it was still there
}
