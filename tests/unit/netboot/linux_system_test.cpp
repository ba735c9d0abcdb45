// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/linux_system.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

// A mask is inherited across execve, so one that is left would hold for every service of the system.
TEST_CASE("the new init has no signal blocked and none ignored") {
    const test::TempDir dir;
    const auto said = dir / "status";
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGCHLD})
            ::signal(number, SIG_DFL); // whatever the test was started by
        ::signal(SIGPIPE, SIG_IGN);    // as the init does
        sigset_t all;
        ::sigfillset(&all);
        ::sigprocmask(SIG_SETMASK, &all, nullptr);
        LinuxSystem system;
        (void)system.become(
            {"/bin/sh",
             {"-c", fmt::format("grep -E '^Sig(Blk|Ign)' /proc/$$/status >{}", said.string())},
             {}});
        ::_exit(127);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    const auto words = read_file(said).value();
    const auto mask = [&words](const std::string& name) {
        return std::stoull(words.substr(words.find(name) + name.size()), nullptr, 16);
    };
    CHECK(mask("SigBlk:") == 0);
    CHECK((mask("SigIgn:") >> (SIGPIPE - 1) & 1) == 0);
}
