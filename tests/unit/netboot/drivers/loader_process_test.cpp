// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/loader_process.hpp"

#include <catch2/catch.hpp>
#include <sys/wait.h>

#include "fake_clock.hpp"
#include "fake_system.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Lab {
    Lab() {
        system.answer("module /m/bad.ko", std::errc::no_such_device);
        system.details["bad.ko"] = "found nothing";
        process = LoaderProcess::start(io, system, [this](auto answer) {
                      if (answer)
                          answers.push_back(std::move(*answer));
                      else
                          ended = true;
                  }).value();
    }
    ~Lab() {
        process.reset();
        ::waitpid(system.started().front(), nullptr, 0);
    }
    bool run_until(const std::function<bool()>& done) { return test::run_until(io, done, 10s); }

    boost::asio::io_context io{1};
    test::FakeSystem system;
    std::vector<NumberedAnswer> answers;
    bool ended = false;
    std::unique_ptr<LoaderProcess> process;
};

} // namespace

TEST_CASE("modules are loaded in another process, which answers with errno and detail") {
    Lab lab;
    CHECK_FALSE(lab.process->send({.number = 7, .path = "/m/nic.ko", .parameters = "a=1 b=\"2 3\""}));
    REQUIRE(lab.run_until([&] { return lab.answers.size() == 1; }));
    CHECK(lab.answers[0].number == 7);
    CHECK_FALSE(lab.answers[0].answer.error);
    CHECK(lab.system.calls() == std::vector<std::string>{"module /m/nic.ko a=1 b=\"2 3\""});
    CHECK_FALSE(lab.process->send({.number = 8, .gentle = true, .path = "/m/bad.ko"}));
    REQUIRE(lab.run_until([&] { return lab.answers.size() == 2; }));
    CHECK(lab.answers[1].answer.error == std::errc::no_such_device);
    CHECK(lab.answers[1].answer.detail == "found nothing");
}

TEST_CASE("a module that does not return holds up no other, and the process outlives it") {
    Lab lab;
    lab.system.hold("slow.ko");
    CHECK_FALSE(lab.process->send({.number = 1, .path = "/m/slow.ko"}));
    CHECK_FALSE(lab.process->send({.number = 2, .path = "/m/fast.ko"}));
    REQUIRE(lab.run_until([&] { return lab.answers.size() == 1; }));
    CHECK(lab.answers[0].number == 2);
    const pid_t pid = lab.system.started().front();
    lab.process.reset(); // as execve(2) closes the socket at the hand-over
    CHECK(::waitpid(pid, nullptr, WNOHANG) == 0);
    lab.system.let_go("slow.ko");
    int status = -1;
    CHECK(::waitpid(pid, &status, 0) == pid);
    CHECK(status == 0);
}

TEST_CASE("the end of the process is told, and a call that is too long is an error") {
    Lab lab;
    CHECK(lab.process->send({.path = "/m/a.ko", .parameters = std::string(20000, 'x')}) ==
          std::errc::argument_list_too_long);
    lab.system.kill_process(lab.system.started().front(), SIGKILL);
    CHECK(lab.run_until([&] { return lab.ended; }));
    CHECK(lab.process->send({.path = "/m/a.ko"}) == std::errc::broken_pipe);
}
