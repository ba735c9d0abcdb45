// SPDX-License-Identifier: MIT
// Hosts without a route: no packet leaves the machine.
#include "mkpxerd/netboot/net/reach.hpp"

#include <catch2/catch.hpp>

#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

ReachVerdict verdict(const NetworkState& state, std::vector<HostPort> hosts) {
    boost::asio::io_context io(1);
    return test::run(io, probe_reach(io, state, std::move(hosts), Clock::now() + 5s, {}));
}

} // namespace

TEST_CASE("the failure to reach hosts is told of each of them, not of the last one alone") {
    NetworkState state;
    state.address = {0x0a000009}; // 10.0.0.9/24, without a gateway
    state.prefix = 24;
    const ReachVerdict found =
        verdict(state, {{.host = "192.0.2.1", .port = 80}, {.host = "name", .port = 80}});
    CHECK_FALSE(found.reached);
    CHECK(found.text.starts_with("192.0.2.1: no route, name: no DNS server is known"));
}

TEST_CASE("without a host and a gateway nothing needs to be reached") {
    CHECK(verdict({}, {}).reached);
}
