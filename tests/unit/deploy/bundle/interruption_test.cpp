// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/interruption.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include "mkpxerd/deploy/bundle/child_process.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::deploy;

namespace {

// How a process ends that runs this.
int status_of(const std::function<void()>& work) {
    const int pid = ::fork();
    if (pid == 0) {
        for (const int number : {SIGINT, SIGTERM, SIGHUP})
            ::signal(number, SIG_DFL); // instead of the test program's
        work();
        ::_exit(0);
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

// For a signal that must come; another one ends a test that waits in vain.
void wait_for_end() {
    ::alarm(10);
    ::pause();
}

struct Left {
    test::TempDir dir;
    std::filesystem::path file = dir.write("left", "x");
    bool is_there() const { return std::filesystem::exists(file); }
    void remove() const { std::filesystem::remove(file); }
};

} // namespace

TEST_CASE("a signal ends the program after it has tidied up") {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        const Left left;
        const int status = status_of([&] {
            const Interruption interruption([&] { left.remove(); });
            ::kill(::getpid(), number);
            wait_for_end();
        });
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == number);
        CHECK_FALSE(left.is_there());
    }
}

TEST_CASE("a signal waits while it is postponed") {
    const Left left;
    const int status = status_of([&] {
        Interruption interruption([&] { left.remove(); });
        {
            const auto postponed = interruption.postpone();
            ::kill(::getpid(), SIGINT);
            if (!left.is_there()) ::_exit(1);
            left.dir.write("finished", "x");
        }
        wait_for_end();
    });
    CHECK(WIFSIGNALED(status));
    CHECK(std::filesystem::exists(left.dir / "finished"));
    CHECK_FALSE(left.is_there());
}

TEST_CASE("without a signal nothing happens, and later ones act as before") {
    const Left left;
    const int status = status_of([&] {
        {
            const Interruption interruption([&] { left.remove(); });
        }
        ::kill(::getpid(), SIGINT);
        wait_for_end();
    });
    CHECK(WIFSIGNALED(status));
    CHECK(left.is_there());
}

TEST_CASE("an ignored signal stays ignored, as nohup wants") {
    const Left left;
    const int status = status_of([&] {
        ::signal(SIGHUP, SIG_IGN);
        const Interruption interruption([&] { left.remove(); });
        ::kill(::getpid(), SIGHUP);
    });
    CHECK(WIFEXITED(status));
    CHECK(left.is_there());
}

TEST_CASE("programs that are started meanwhile can be interrupted") {
    const int status = status_of([] {
        const Interruption interruption([] {});
        auto child = ChildProcess::start({"/bin/sh", "-c", "kill -INT $$; exit 3"}, UniqueFd(), UniqueFd());
        ::_exit(child && child->wait() == 128 + SIGINT ? 0 : 1);
    });
    CHECK(status == 0);
}
