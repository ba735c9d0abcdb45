// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/race_failure.hpp"

#include <catch2/catch.hpp>
#include <net/if_arp.h>

#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

FailedContender contender(const std::string& interface, Failure code, bool carrier = true) {
    FailedContender out;
    out.report.interface = interface;
    out.report.carrier = carrier;
    if (code != Failure::None) out.error = Error(interface, "broke", "", code);
    return out;
}

Link link(const char* name, unsigned short hardware) {
    Link out;
    out.name = name;
    out.hardware = hardware;
    out.mac = {{0x52, 0x54, 0, 0, 0, 1}};
    return out;
}

NetworkPlan plan(std::string device = "") {
    NetworkRequest request;
    IpOption option;
    option.device = std::move(device);
    request.ip = {option};
    return NetworkPlan(request);
}

Error failure(std::vector<FailedContender> contenders) {
    return race_failure(plan(), {}, contenders);
}

} // namespace

TEST_CASE("the error of the interface that came closest to an address is reported") {
    const std::vector<Failure> from_far_to_near = {
        Failure::InfinibandDhcp,  Failure::NoPacketSockets,   Failure::NoOffer,
        Failure::UnreadableDhcp,  Failure::NoAcknowledgement, Failure::LeaseRefused,
        Failure::CannotConfigure,
    };
    for (std::size_t near = 1; near < from_far_to_near.size(); ++near) {
        const FailedContender better = contender("near", from_far_to_near[near]);
        const FailedContender worse = contender("far", from_far_to_near[near - 1]);
        CHECK(failure({better, worse}).first().object == "near");
        CHECK(failure({worse, better}).first().object == "near");
    }
    CHECK(failure({contender("a", Failure::NoOffer), contender("b", Failure::NoOffer)}).first().object ==
          "a");
    CHECK(failure({contender("a", Failure::None), contender("b", Failure::InfinibandDhcp)}).first().object ==
          "b");
}

TEST_CASE("a failure lists what was seen of each interface behind its reason") {
    FailedContender first = contender("eth0", Failure::NoOffer);
    first.report.driver = "e1000e";
    first.report.discovers = 5;
    FailedContender second = contender("eth1", Failure::None, false);
    second.report.address = *Ipv4Address::parse("10.0.0.5");
    second.report.reach = "no carrier";
    const Error error = failure({first, second});
    REQUIRE(error.problems().size() == 3);
    CHECK(error.problems()[1].object == "eth0");
    CHECK(error.problems()[1].text == "e1000e 00:00:00:00:00:00, carrier, 5 DISCOVERs, 0 OFFERs, no address");
    CHECK(error.problems()[2].text ==
          "unknown driver 00:00:00:00:00:00, no carrier, 0 DISCOVERs, 0 OFFERs, 10.0.0.5, no carrier");
}

TEST_CASE("without a carrier that is the reason, or the driver that brought no interface up") {
    CHECK(failure({contender("eth0", Failure::NoOffer, false)}).first().code == "MPX-NET-04");
    FailedContender refused = contender("eth1", Failure::NoOffer, false);
    refused.raise_error = Error("interface 3 up", "the kernel refused it: Input/output error");
    const Error error = failure({contender("eth0", Failure::NoOffer, false), refused});
    CHECK(error.first().code == "MPX-NET-09");
    CHECK(error.first().object == "eth1");
    // With a carrier elsewhere neither is.
    CHECK(failure({contender("eth0", Failure::NoOffer), refused}).first().code == "MPX-DHCP-01");
    FailedContender port = contender("ib0", Failure::InfinibandDhcp, false);
    port.unsupported = true;
    CHECK(failure({port}).first().code == "MPX-NET-10");
    CHECK(failure({contender("eth0", Failure::None)}).first().text == "no interface was configured in time");
}

TEST_CASE("without contenders the reason is a driver, a name, or what is not supported") {
    const Error none = race_failure(plan(), {link("lo", ARPHRD_LOOPBACK)}, {});
    CHECK(none.first().code == "MPX-NET-02");
    const Error named = race_failure(plan("eth7"), {link("eth0", ARPHRD_ETHER)}, {});
    CHECK(named.first().code == "MPX-NET-03");
    CHECK(named.first().object == "eth7");
    CHECK_THAT(named.first().text, Catch::Contains("seen: eth0 52:54:00:00:00:01"));
    CHECK_THAT(race_failure(plan("eth7"), {}, {}).first().text, Catch::Contains("none at all"));
    CHECK(race_failure(plan(), {link("ib0", ARPHRD_INFINIBAND)}, {}).first().code == "MPX-NET-10");
}
