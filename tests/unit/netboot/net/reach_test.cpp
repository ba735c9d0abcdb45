// SPDX-License-Identifier: MIT
// What can be told without an interface of its own; tests/net and the boots probe through real ones.
#include "mkpxerd/netboot/net/reach.hpp"

#include <catch2/catch.hpp>

#include "run_task.hpp"
#include "scripted_server.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Lab {
    boost::asio::io_context io{1};
    test::ScriptedServer server{io, {}};
    NetworkState state;

    ReachVerdict probe(std::vector<HostPort> hosts, Deadline deadline = Clock::now() + 20s) {
        return test::run(io, probe_reach(io, state, std::move(hosts), deadline, {}));
    }
};

Ipv4Address ip(std::string_view text) {
    return Ipv4Address::parse(text).value();
}

} // namespace

TEST_CASE("without hosts there is the gateway, and without a gateway nothing to reach") {
    Lab lab;
    const ReachVerdict nothing = lab.probe({});
    CHECK(nothing.reached);
    CHECK(nothing.text == "nothing to reach");
    lab.state.gateway = ip("127.0.0.1"); // accepts or refuses at port 80
    const ReachVerdict gateway = lab.probe({});
    CHECK(gateway.reached);
    CHECK(gateway.text == "127.0.0.1 answers");
}

TEST_CASE("a host is reached if it accepts or refuses, and one is enough") {
    Lab lab;
    lab.state.address = ip("127.0.0.1");
    lab.state.prefix = 8;
    CHECK(lab.probe({{"127.0.0.1", lab.server.port()}}).reached);
    CHECK(lab.probe({{"127.0.0.1", test::closed_port(lab.io)}}).reached);
    CHECK(lab.probe({{"192.0.2.1", 80}, {"127.0.0.1", lab.server.port()}}).reached);
}

TEST_CASE("a host needs a route: the subnet, the gateway or one of the lease") {
    Lab lab;
    lab.state.address = ip("10.0.0.2");
    lab.state.prefix = 24;
    const ReachVerdict none = lab.probe({{"127.0.0.1", lab.server.port()}});
    CHECK_FALSE(none.reached);
    CHECK(none.text == "127.0.0.1: no route");
    lab.state.routes = {{.destination = ip("127.1.0.0"), .prefix = 16, .gateway = {}}};
    CHECK_FALSE(lab.probe({{"127.0.0.1", lab.server.port()}}).reached);
    SECTION("the route of the network") {
        lab.state.routes.push_back({.destination = ip("127.0.0.0"), .prefix = 16, .gateway = {}});
    }
    SECTION("a route to everywhere") {
        lab.state.routes.push_back({.destination = {}, .prefix = 0, .gateway = {}});
    }
    SECTION("the gateway") {
        lab.state.gateway = ip("10.0.0.1");
    }
    CHECK(lab.probe({{"127.0.0.1", lab.server.port()}}).reached);
}

TEST_CASE("the failure to reach hosts names the reason of each of them, not of the last one alone") {
    Lab lab;
    lab.state.address = ip("10.0.0.9");
    lab.state.prefix = 24;
    const ReachVerdict found = lab.probe({{.host = "192.0.2.1", .port = 80}, {.host = "name", .port = 80}});
    CHECK_FALSE(found.reached);
    CHECK(found.text.starts_with("192.0.2.1: no route, name: no DNS server is known"));
}

TEST_CASE("a silent host, and a name that nobody knows, are not reached") {
    Lab lab;
    lab.state.address = ip("127.0.0.1");
    lab.state.prefix = 8;
    const test::SilentPort silent(lab.io);
    const ReachVerdict late = lab.probe({{"127.0.0.1", silent.port()}}, Clock::now() - 1s);
    CHECK_FALSE(late.reached);
    CHECK(late.text == "127.0.0.1: no answer");
    const ReachVerdict nameless = lab.probe({{"boot.example", 80}});
    CHECK_FALSE(nameless.reached);
    CHECK_THAT(nameless.text, Catch::Contains("boot.example"));
    const ReachVerdict both = lab.probe({{"boot.example", 80}, {"192.0.2.1", 80}});
    CHECK_THAT(both.text, Catch::Contains("boot.example") && Catch::EndsWith(", 192.0.2.1: no route"));
}
