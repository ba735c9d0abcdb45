// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/console_log.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <regex>
#include <sys/stat.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Machine {
    explicit Machine(std::string_view active = "tty0 ttyS0\n", std::string_view printk = "7 4 1 7\n") {
        dir.write("sys/class/tty/console/active", active);
        dir.write("proc/sys/kernel/printk", printk);
        dir.write("dev/kmsg", "");
        dir.write("dev/tty0", "");
        dir.write("dev/ttyS0", "");
    }
    std::string content(const char* path) const { return read_file(dir / path).value(); }
    test::TempDir dir;
    ConsoleLog log{dir.path()};
};

} // namespace

TEST_CASE("every console and the kernel log get each line, in their own forms") {
    Machine machine;
    machine.log.step("before the consoles are open");
    machine.log.open();
    machine.log.step("hello\nworld\x1b[2J");
    const std::string text = machine.content("dev/ttyS0");
    CHECK(
        std::regex_match(text, std::regex("\\[ *\\d+\\.\\d{3}\\] mkpxerd: before the consoles are open\n"
                                          "\\[ *\\d+\\.\\d{3}\\] mkpxerd: hello\\\\x0aworld\\\\x1b\\[2J\n")));
    CHECK(machine.content("dev/tty0") == text);
    CHECK(machine.content("dev/kmsg").find("<7>mkpxerd: hello\\x0aworld\\x1b[2J\n") != std::string::npos);
    CHECK(machine.log.console_paths() == std::vector<std::string>{"/dev/tty0", "/dev/ttyS0"});
}

TEST_CASE("quiet hides steps, never warnings, and the kernel log has all") {
    Machine machine("ttyS0\n", "4 4 1 7\n");
    machine.log.open();
    machine.log.set_verbosity(true, {});
    machine.log.detail(LogSubject::Dhcp, "a detail");
    machine.log.step("a step");
    machine.log.warning("a warning");
    machine.log.failure("a failure");
    const std::string text = machine.content("dev/ttyS0");
    CHECK(text.find("a step") == std::string::npos);
    CHECK(text.find("a warning") != std::string::npos);
    CHECK(text.find("a failure") != std::string::npos);
    // What the kernel would print itself is made less urgent than its console level.
    CHECK(machine.content("dev/kmsg") ==
          "<7>mkpxerd: a detail\n<6>mkpxerd: a step\n<4>mkpxerd: a warning\n<4>mkpxerd: a failure\n");
}

TEST_CASE("details are shown when they are asked for") {
    Machine machine;
    machine.log.open();
    machine.log.detail(LogSubject::Dhcp, "hidden");
    machine.log.set_verbosity(true, LogSubjects::all());
    machine.log.detail(LogSubject::Dhcp, "shown");
    machine.log.step("too");
    CHECK(machine.content("dev/tty0").find("hidden") == std::string::npos);
    CHECK(machine.content("dev/tty0").find("shown") != std::string::npos);
    CHECK(machine.content("dev/tty0").find("too") != std::string::npos);
}

TEST_CASE("only details of the subjects asked for are shown, and the kernel log has all") {
    Machine machine("ttyS0\n");
    machine.log.open();
    LogSubjects subjects;
    subjects.add(LogSubject::Fetch);
    machine.log.set_verbosity(true, subjects);
    machine.log.detail(LogSubject::Fetch, "a request");
    machine.log.detail(LogSubject::Dhcp, "an offer");
    machine.log.step("a step");
    const std::string text = machine.content("dev/ttyS0");
    CHECK(text.find("a request") != std::string::npos);
    CHECK(text.find("an offer") == std::string::npos);
    CHECK(text.find("a step") == std::string::npos); // quiet
    for (const char* kept : {"a request", "an offer", "a step"})
        CHECK(machine.content("dev/kmsg").find(kept) != std::string::npos);
    machine.log.set_verbosity(false, subjects);
    machine.log.step("another step");
    CHECK(machine.content("dev/ttyS0").find("another step") != std::string::npos);
}

TEST_CASE("a console that comes later gets the details of the subjects asked for") {
    Machine machine("ttyS0\n");
    machine.log.open();
    LogSubjects subjects;
    subjects.add(LogSubject::Mount);
    machine.log.set_verbosity(false, subjects);
    machine.log.detail(LogSubject::Mount, "an attempt");
    machine.log.detail(LogSubject::Dhcp, "an offer");
    machine.dir.write("dev/hvc0", "");
    machine.dir.write("sys/class/tty/console/active", "hvc0 ttyS0\n");
    machine.log.step("last");
    CHECK(machine.content("dev/hvc0") == machine.content("dev/ttyS0"));
    CHECK(machine.content("dev/hvc0").find("an attempt") != std::string::npos);
    CHECK(machine.content("dev/hvc0").find("an offer") == std::string::npos);
}

TEST_CASE("secrets reach neither consoles nor what is kept") {
    Machine machine;
    machine.log.open();
    machine.log.failure("http://user:pw@h/x?token=t1 failed");
    for (const char* path : {"dev/tty0", "dev/kmsg"}) {
        CHECK(machine.content(path).find("http://***@h/x?token=*** failed") != std::string::npos);
        CHECK(machine.content(path).find("pw") == std::string::npos);
    }
    CHECK(machine.log.lines().back().text == "http://***@h/x?token=*** failed");
}

TEST_CASE("a console that takes nothing is not waited for for long") {
    Machine machine("stuck ttyS0\n");
    REQUIRE(::mkfifo((machine.dir / "dev/stuck").c_str(), 0600) == 0);
    const UniqueFd reader(::open((machine.dir / "dev/stuck").c_str(), O_RDONLY | O_NONBLOCK));
    machine.log.open();
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 2000; ++i)
        machine.log.step(std::string(100, 'x'));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
    CHECK(machine.content("dev/ttyS0").size() > 200000);
}

TEST_CASE("without a list of consoles there is /dev/console, and a missing one is left out") {
    test::TempDir dir;
    dir.write("dev/console", "");
    ConsoleLog log(dir.path());
    log.open();
    log.step("x");
    CHECK(read_file(dir / "dev/console").value().ends_with("mkpxerd: x\n"));
    Machine machine("ttyS9 ttyS0\n");
    machine.log.open();
    CHECK(machine.log.console_paths() == std::vector<std::string>{"/dev/ttyS0"});
}

TEST_CASE("a listener hears every line") {
    Machine machine;
    std::vector<std::string> heard;
    machine.log.set_listener([&](const ConsoleLog::Line& line) { heard.push_back(line.text); });
    machine.log.detail(LogSubject::Dhcp, "a");
    machine.log.failure("b");
    CHECK(heard == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a console that is hung up, as by the end of a shell, is opened again") {
    const auto terminal = [](const std::filesystem::path& link) {
        UniqueFd master(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK));
        REQUIRE((master && ::grantpt(master.get()) == 0 && ::unlockpt(master.get()) == 0));
        std::filesystem::remove(link);
        std::filesystem::create_symlink(::ptsname(master.get()), link);
        return master;
    };
    Machine machine("ttyS0\n");
    UniqueFd first = terminal(machine.dir / "dev/ttyS0");
    machine.log.open();
    const UniqueFd second = terminal(machine.dir / "dev/ttyS0");
    first.reset(); // hangs up
    machine.log.step("after the shell");
    char text[200] = {};
    CHECK(::read(second.get(), text, sizeof text - 1) > 0);
    CHECK(std::string_view(text).find("after the shell") != std::string_view::npos);
    CHECK(machine.log.console_paths().size() == 1);
}

TEST_CASE("a console that comes later gets what the others have had") {
    Machine machine("ttyS0\n");
    machine.log.step("before the consoles are open");
    machine.log.open();
    machine.log.detail(LogSubject::Dhcp, "a detail");
    machine.log.step("first");
    machine.dir.write("dev/hvc0", "");
    machine.dir.write("sys/class/tty/console/active", "hvc0 ttyS0\n");
    machine.log.step("second");
    CHECK(machine.content("dev/hvc0") == machine.content("dev/ttyS0"));
    CHECK(machine.content("dev/hvc0").find("first") != std::string::npos);
    CHECK(machine.content("dev/hvc0").find("second") != std::string::npos);
    CHECK(machine.log.console_paths() == std::vector<std::string>{"/dev/ttyS0", "/dev/hvc0"});
}

TEST_CASE("a console that is listed a moment before it can be opened gets every line all the same") {
    Machine machine("hvc0 ttyS0\n");
    machine.log.open();
    machine.log.step("first");
    CHECK(machine.log.console_paths() == std::vector<std::string>{"/dev/ttyS0"});
    machine.dir.write("dev/hvc0", "");
    machine.log.step("second");
    CHECK(machine.content("dev/hvc0") == machine.content("dev/ttyS0"));
}

TEST_CASE("a console that never opens is given up") {
    Machine machine("hvc0 ttyS0\n");
    machine.log.open();
    for (int i = 0; i < 20; ++i)
        machine.log.step("waiting");
    machine.dir.write("dev/hvc0", "");
    machine.log.step("too late");
    CHECK(machine.content("dev/hvc0").empty());
}

TEST_CASE("C1 controls and bytes that are no UTF-8 reach no console, letters do") {
    Machine machine;
    machine.log.open();
    machine.log.step("a\xc2\x9b"
                     "2J b\x9b c\xff d\xe2\x80\xae gr\xC3\xBC\xC3\x9F\ttab");
    const std::string shown = "mkpxerd: a\\xc2\\x9b"
                              "2J b\\x9b c\\xff d\\xe2\\x80\\xae gr\xC3\xBC\xC3\x9F tab\n";
    CHECK(machine.content("dev/ttyS0").find(shown) != std::string::npos);
    CHECK(machine.content("dev/kmsg").find(shown) != std::string::npos);
}

TEST_CASE("a console that has appeared gets all earlier lines, and every later one once") {
    Machine machine("tty0\n");
    machine.log.open();
    machine.log.step("first");
    CHECK_FALSE(machine.log.reaches("hvc0"));
    machine.dir.write("sys/class/tty/console/active", "tty0 hvc0\n");
    for (int again = 0; again < 20; ++again) // listed a moment before it can be opened
        CHECK_FALSE(machine.log.reaches("hvc0"));
    machine.dir.write("dev/hvc0", "");
    CHECK(machine.log.reaches("hvc0"));
    CHECK(machine.log.reaches("hvc0"));
    machine.log.step("last");
    CHECK(machine.content("dev/hvc0") == machine.content("dev/tty0"));
}
