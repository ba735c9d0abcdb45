// SPDX-License-Identifier: MIT
// Its end without an answer. Time servers have a reserved port, so tests/net runs real ones;
// sntp_message_test has the messages.
#include "mkpxerd/netboot/net/sntp.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

TEST_CASE("silent time servers are named, and nothing is asked after the deadline") {
    boost::asio::io_context io(1);
    const std::vector<Ipv4Address> servers = {*Ipv4Address::parse("192.0.2.1"),
                                              *Ipv4Address::parse("192.0.2.2")};
    const Clock::time_point start = Clock::now();
    const auto answer = test::run(io, ask_time(io, servers, 0, start - 1s));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().first().code == "MPX-NTP-01");
    CHECK(answer.error().first().text == "no reply from 192.0.2.1, 192.0.2.2");
    const auto soon = test::run(io, ask_time(io, {*Ipv4Address::parse("127.255.255.254")}, 0, start + 5ms));
    REQUIRE_FALSE(soon);
    CHECK(soon.error().first().text == "no reply from 127.255.255.254");
}

TEST_CASE("a time server that no request reaches is listed with the reason") {
    std::string text;
    // A slow machine gets more time for the first request.
    for (auto time = 5ms; time < 10s && !text.ends_with(')'); time *= 4) {
        boost::asio::io_context io(1);
        // Without SO_BROADCAST the kernel does not send there, whether there is a network or not.
        const auto answer = test::run(io, ask_time(io, {{0xffffffff}}, 0, Clock::now() + time));
        REQUIRE_FALSE(answer);
        text = answer.error().first().text;
    }
    CHECK(text.starts_with("no reply from 255.255.255.255 ("));
}
