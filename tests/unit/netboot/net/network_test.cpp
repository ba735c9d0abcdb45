// SPDX-License-Identifier: MIT
// What fails before an interface is touched; tests/net and the boots do the rest.
#include "mkpxerd/netboot/net/network.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "memory_log.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("a boot that needs the network, with ip=off, fails at once") {
    boost::asio::io_context io(1);
    test::MemoryLog log;
    NetworkRequest request;
    IpOption off;
    off.method = IpOption::Method::Off;
    request.ip = {off};
    request.deadline = Deadline::max();
    const auto network = test::run(io, bring_up_network(io, log, request));
    REQUIRE_FALSE(network);
    CHECK(network.error().first().code == "MPX-NET-01");
    CHECK(network.error().first().object == "ip=off");
    CHECK(log.lines.empty());
}
