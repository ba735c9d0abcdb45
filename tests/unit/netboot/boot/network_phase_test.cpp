// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/network_phase.hpp"

#include <boost/asio/ip/udp.hpp>
#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using boost::asio::ip::udp;

namespace {

// What start_syslog() sends first.
std::string syslog_to(test::BootBench& bench, const std::string& option, const NetworkState& network) {
    udp::socket server(bench.io, {boost::asio::ip::address_v4::loopback(), 0});
    Syslog syslog(bench.io);
    std::string host = option;
    if (const auto port = host.find("PORT"); port != std::string::npos)
        host.replace(port, 4, std::to_string(server.local_endpoint().port()));
    bench.log.step("first line");
    bench.run_to_end(start_syslog(bench.services, syslog, host, network));
    if (server.available() == 0) return {};
    std::string text(4096, '\0');
    text.resize(server.receive(boost::asio::buffer(text)));
    return text;
}

} // namespace

TEST_CASE("a log server has a port of its own, or that of syslog") {
    CHECK(parse_log_server("logs.example") == LogServer{"logs.example", 514});
    CHECK(parse_log_server("10.0.0.1:5514") == LogServer{"10.0.0.1", 5514});
    CHECK(parse_log_server("fd00::1") == LogServer{"fd00::1", 514});
    CHECK(parse_log_server("logs:70000") == LogServer{"logs:70000", 514});
    CHECK(parse_log_server("") == LogServer{"", 514});
}

TEST_CASE("the log goes to the server that the option names, with what was said before") {
    test::BootBench bench;
    NetworkState network;
    network.hostname = "node7";
    CHECK(syslog_to(bench, "127.0.0.1:PORT", network).find("node7 mkpxerd - - - first line") !=
          std::string::npos);
}

TEST_CASE("without a log server nothing is sent, and one without an address is a warning") {
    test::BootBench bench;
    CHECK(syslog_to(bench, "", {}).empty());
    CHECK_FALSE(bench.says("syslog"));
    bench.time.renew(std::chrono::seconds(0));
    CHECK(syslog_to(bench, "logs.invalid", {}).empty());
    CHECK(bench.says("syslog: "));
}

TEST_CASE("programs of the image find the lease and its name servers, and the machine its name") {
    test::BootBench bench;
    NetworkState network;
    network.address = {0x0a000009};
    network.dns = {{0x0a000001}};
    network.hostname = std::string(60, 'n') + ".example.org";
    REQUIRE(publish_network(bench.services, network));
    CHECK(bench.content("/etc/resolv.conf").find("nameserver 10.0.0.1") != std::string::npos);
    CHECK(bench.content("/run/mkpxerd/lease").find("10.0.0.9") != std::string::npos);
    CHECK(bench.system.called("hostname " + std::string(60, 'n')));
    CHECK_FALSE(bench.system.called("hostname " + network.hostname)); // the kernel takes 64 bytes
}

TEST_CASE("a network that is switched off is an error for a plan that needs it") {
    test::BootBench bench("root=/dev/sda");
    bench.plan.ip = {parse_ip_option("off").value()};
    const auto up =
        bench.run(connect(bench.services, bench.options, bench.plan, bench.modules, bench.devices));
    REQUIRE_FALSE(up);
    CHECK(up.error().first().object == "ip=off");
}

TEST_CASE("without a fetcher there is nothing to fetch with") {
    CHECK(fetch_with(nullptr) == nullptr);
}
