// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/syslog.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

boost::asio::ip::address address(const char* text) {
    return boost::asio::ip::make_address(text);
}

} // namespace

TEST_CASE("messages have the form of RFC 5424") {
    // 2023-11-14T22:13:20Z
    const std::chrono::milliseconds boot(1700000000000);
    CHECK(syslog_message({1234ms, LogLevel::Step, "hello"}, boot, "node7") ==
          "<30>1 2023-11-14T22:13:21.234Z node7 mkpxerd - - - hello");
    CHECK(syslog_message({0ms, LogLevel::Failure, "x"}, boot, "")
              .starts_with("<27>1 2023-11-14T22:13:20.000Z - mkpxerd"));
    CHECK(syslog_message({0ms, LogLevel::Warning, "x"}, boot, "h").starts_with("<28>1 "));
    CHECK(syslog_message({0ms, LogLevel::Detail, "x"}, boot, "h").starts_with("<31>1 "));
    CHECK(
        syslog_message({0ms, LogLevel::Step, "\xc3\xa4"}, boot, "h").ends_with("- - - \xef\xbb\xbf\xc3\xa4"));
}

TEST_CASE("the server gets what was said before and after it was known") {
    const test::TempDir dir;
    boost::asio::io_context io(1);
    boost::asio::ip::udp::socket server(io, {boost::asio::ip::make_address_v4("127.0.0.1"), 0});
    ConsoleLog log(dir.path());
    log.step("before http://u:pw@h/");
    Syslog syslog(io);
    REQUIRE(syslog.start(log, {address("127.0.0.1")}, server.local_endpoint().port(), "node7"));
    log.failure("after");
    const auto receive = [&] {
        std::array<char, 1000> buffer{};
        const std::size_t got = server.receive(boost::asio::buffer(buffer));
        return std::string(buffer.data(), got);
    };
    const std::string first = receive();
    CHECK(first.starts_with("<30>1 20"));
    CHECK(first.ends_with(" node7 mkpxerd - - - before http://***@h/"));
    CHECK(receive().ends_with(" - - - after"));
}

TEST_CASE("a server that takes no lines is left for the next, which gets all of them") {
    const test::TempDir dir;
    boost::asio::io_context io(1);
    boost::asio::ip::udp::socket server(io, {boost::asio::ip::make_address_v4("127.0.0.3"), 0});
    ConsoleLog log(dir.path());
    log.step("one");
    Syslog syslog(io);
    // Nobody listens on the first two addresses; the answer of the kernel comes with the next line.
    REQUIRE(syslog.start(log, {address("127.0.0.1"), address("127.0.0.2"), address("127.0.0.3")},
                         server.local_endpoint().port(), "node7"));
    log.step("two");
    log.step("three");
    std::string received;
    while (server.available() > 0) {
        std::array<char, 1000> buffer{};
        const std::size_t got = server.receive(boost::asio::buffer(buffer));
        const std::string line(buffer.data(), got);
        received += line.substr(line.rfind(' '));
    }
    CHECK(received == " one two three");
}

TEST_CASE("what cannot be sent to is refused, a server that is gone is no matter") {
    const test::TempDir dir;
    boost::asio::io_context io(1);
    ConsoleLog log(dir.path());
    Syslog bad(io);
    CHECK_FALSE(bad.start(log, {}, 514, ""));
    Syslog gone(io);
    REQUIRE(gone.start(log, {address("127.0.0.1")}, 9, ""));
    log.step("one");
    log.step("two");
}
