// SPDX-License-Identifier: MIT
// A pseudo terminal is the serial port.
#include "mkpxerd/netboot/boot/report_device.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

#include "fake_system.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Port {
    Port() : far(::posix_openpt(O_RDWR | O_NOCTTY)) {
        REQUIRE(far);
        REQUIRE(::grantpt(far.get()) == 0);
        REQUIRE(::unlockpt(far.get()) == 0);
        std::filesystem::create_directories(system.host("/dev"));
        std::filesystem::create_symlink(::ptsname(far.get()), system.host("/dev/ttyS1"));
        near =
            UniqueFd(::open(::ptsname(far.get()), O_RDWR | O_NOCTTY)); // keeps it alive between two writers
    }
    UniqueFd far;
    UniqueFd near;
    test::FakeSystem system;
    boost::asio::io_context io{1};

    Result<void> write(const std::string& path, std::string report, std::chrono::milliseconds patience) {
        return test::run(io, write_report_to(io, system, path, std::move(report), Clock::now() + patience));
    }
};

} // namespace

TEST_CASE("a report comes out of the port byte by byte, line ends included") {
    Port port;
    const std::string report = "{\n  \"text\": \"\x04\x11\"\n}\n" + std::string(20000, 'x') + '\n';
    std::string got;
    std::thread reader([&] {
        char bytes[4096];
        while (got.size() < report.size()) {
            const ssize_t count = ::read(port.far.get(), bytes, sizeof bytes);
            if (count <= 0) break;
            got.append(bytes, static_cast<std::size_t>(count));
        }
    });
    const auto written = port.write("/dev/ttyS1", report, 20s);
    reader.join();
    REQUIRE(written);
    CHECK(got == report);
}

TEST_CASE("a port has its settings again after the report, and the kernel's console keeps its speed") {
    Port port;
    const auto set = [&](speed_t speed) {
        termios settings{};
        REQUIRE(::tcgetattr(port.near.get(), &settings) == 0);
        ::cfsetspeed(&settings, speed);
        settings.c_lflag |= ECHO;
        settings.c_oflag |= OPOST;
        REQUIRE(::tcsetattr(port.near.get(), TCSANOW, &settings) == 0);
    };
    const auto settings = [&] {
        termios now{};
        REQUIRE(::tcgetattr(port.near.get(), &now) == 0);
        return now;
    };
    const auto speed = [&] {
        const termios now = settings();
        return ::cfgetospeed(&now);
    };
    for (const auto& [consoles, meanwhile] :
         std::vector<std::pair<std::string, speed_t>>{{"tty0\n", B115200}, {"tty0 ttyS1\n", B57600}}) {
        INFO(consoles);
        port.system.write("/sys/class/tty/console/active", consoles);
        set(B57600);
        const std::string report(1 << 20, 'x'); // the port holds less, so the writer waits for the reader
        speed_t seen = 0;
        std::thread reader([&] {
            std::vector<char> bytes(1 << 16);
            std::size_t got = 0;
            for (ssize_t count = 1; got < report.size() && count > 0;) {
                count = ::read(port.far.get(), bytes.data(), bytes.size());
                if (got == 0) seen = speed();
                got += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
            }
        });
        const auto written = port.write("/dev/ttyS1", report, 20s);
        reader.join();
        CHECK(written);
        CHECK(seen == meanwhile);
        CHECK(speed() == B57600);
        CHECK((settings().c_lflag & ECHO) != 0);
        CHECK((settings().c_oflag & OPOST) != 0);
    }
}

TEST_CASE("a port that nobody reads does not hold up the boot") {
    Port port;
    const auto written = port.write("/dev/ttyS1", std::string(1 << 20, 'x'), 10ms);
    REQUIRE_FALSE(written);
    CHECK(to_text(written.error().first()) == "/dev/ttyS1: does not take the report: is anything connected");
}

TEST_CASE("what is no serial port is named") {
    Port port;
    port.system.write("/dev/file", "");
    const auto file = port.write("/dev/file", "x", 1s);
    REQUIRE_FALSE(file);
    CHECK(file.error().first().text == "is not a working serial port");
    CHECK(file.error().first().object == "/dev/file");
    CHECK_FALSE(port.write("/dev/ttyS9", "x", 1s));
}
