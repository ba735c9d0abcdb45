// SPDX-License-Identifier: MIT
// Its ends; netlink_message_test reads the changes, tests/net makes some.
#include "mkpxerd/netboot/net/link_monitor.hpp"

#include <catch2/catch.hpp>

#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

TEST_CASE("waiting for changes ends at the deadline, and when it is stopped, before or meanwhile") {
    boost::asio::io_context io(1);
    Result<LinkMonitor> monitor = LinkMonitor::open(io);
    REQUIRE(monitor);
    const auto late = test::run(io, monitor->next(Clock::now() - 1s, {}));
    REQUIRE(late);
    CHECK(late->empty());
    std::stop_source stop;
    boost::asio::post(io, [&stop] { stop.request_stop(); });
    CHECK(test::run(io, monitor->next(Deadline::max(), stop.get_token())).value().empty());
    CHECK(test::run(io, monitor->next(Deadline::max(), stop.get_token())).value().empty());
}
