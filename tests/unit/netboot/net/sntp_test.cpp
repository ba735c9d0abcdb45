// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/sntp.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("a time server that no request reaches is listed with the reason") {
    boost::asio::io_context io(1);
    // Without SO_BROADCAST the kernel does not send there, whether there is a network or not.
    const auto time = test::run(io, ask_time(io, {{0xffffffff}}, 0, Clock::now()));
    REQUIRE_FALSE(time);
    CHECK(time.error().first().code == "MPX-NTP-01");
    CHECK(time.error().first().text.starts_with("no reply from 255.255.255.255 ("));
}
