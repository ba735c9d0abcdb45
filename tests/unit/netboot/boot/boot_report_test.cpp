// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/boot_report.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

BootReport sample() {
    BootReport report;
    report.kernel = "6.1.0";
    report.image = "0.1.0";
    report.result = "failed";
    report.problem =
        Problem{"http://u:secret1@h/x?token=secret2", "not \"found\"", "look\nthere", Failure::HttpNotFound};
    report.problem->place = {"netboot/fetch/http_download.cpp", 12};
    report.failed_stage = "apkovl";
    report.elapsed = 1234ms;
    report.stages = {{"start", 0ms, 5ms, 1}, {"network", 5ms, 1200ms, 2}};
    report.nics = {{"eth0", "52:54:00:00:00:01", "virtio_net", "up", "virtio:d1v1"}};
    report.devices_without_driver = {"pci 8086:10d3 at 0000:00:03.0"};
    report.missing_firmware = {"bnx2 at 0000:04:00.0: firmware bnx2.fw is not in this image"};
    report.downloads = {{"modloop", "http://h/m", 1000, 1}};
    report.settings = {{"apkovl", "https://token3@h/x", "kernel command line"},
                       {"mkpxerd.proxy", "user:secret4@cache:3128", "kernel command line"}};
    report.modules = {"virtio_net"};
    report.memory_bytes = 512000000;
    return report;
}

} // namespace

TEST_CASE("the report has everything, as JSON and for people") {
    const std::string json = report_json(sample());
    CHECK(json.find("\"code\": \"MPX-HTTP-01\"") != std::string::npos);
    CHECK(json.find("\"stage\": \"apkovl\"") != std::string::npos);
    CHECK(json.find("\"text\": \"not \\\"found\\\"\"") != std::string::npos);
    CHECK(json.find("\"hint\": \"look\\nthere\"") != std::string::npos);
    CHECK(json.find("\"source\": \"netboot/fetch/http_download.cpp:12\"") != std::string::npos);
    CHECK(json.find("\"took\": 1200,\n      \"attempts\": 2\n") != std::string::npos);
    CHECK(json.find("\"driver\": \"virtio_net\"") != std::string::npos);
    CHECK(json.find("\"network\": {") == std::string::npos);
    const std::string text = report_text(sample());
    CHECK(text.find("code      MPX-HTTP-01\n") != std::string::npos);
    CHECK(text.find("http_download.cpp") == std::string::npos);
    CHECK(text.find("no driver pci 8086:10d3") != std::string::npos);
    CHECK(text.find("firmware  bnx2 at 0000:04:00.0: firmware bnx2.fw") != std::string::npos);
    CHECK(json.find("\"missing_firmware\": [\n    \"bnx2 at") != std::string::npos);
    CHECK(text.find("time      1.234 s\n") != std::string::npos);
}

TEST_CASE("no secret is in a report") {
    for (const std::string& text : {report_json(sample()), report_text(sample())})
        for (const char* secret : {"secret1", "secret2", "token3", "secret4"})
            CHECK(text.find(secret) == std::string::npos);
}

TEST_CASE("a handover has no failure, and the network it was made with") {
    BootReport report = sample();
    report.result = "handover";
    report.problem.reset();
    NetworkState network;
    network.interface = "eth0";
    network.address = *Ipv4Address::parse("10.0.0.9");
    network.prefix = 24;
    network.dns = {*Ipv4Address::parse("10.0.0.1")};
    report.network = network;
    const std::string json = report_json(report);
    CHECK(json.find("\"failure\"") == std::string::npos);
    CHECK(json.find("\"address\": \"10.0.0.9/24\"") != std::string::npos);
    CHECK(json.find("\"10.0.0.1\"") != std::string::npos);
    CHECK(json.find("\"gateway\"") == std::string::npos);
    CHECK(report_text(report).find("address   10.0.0.9/24 on eth0\n") != std::string::npos);
}

TEST_CASE("names in a report for people make no line of their own") {
    BootReport report = sample();
    report.modules = {};
    report.missing_firmware = {"a\nresult    handed over", "b\x1b[2J"};
    const std::string text = report_text(report);
    CHECK(text.find("firmware  a\\x0aresult    handed over\n") != std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("a lease that was lost is in the report") {
    BootReport report = sample();
    NetworkState network;
    network.dynamic = true;
    report.network = network;
    CHECK(report_json(report).find("lease_loss") == std::string::npos);
    report.network->lease_loss = "10.0.0.1 withdrew it (no reason given)";
    CHECK(report_json(report).find("\"lease_loss\": \"10.0.0.1 withdrew it (no reason given)\"") !=
          std::string::npos);
    CHECK(report_text(report).find("lease     lost: 10.0.0.1 withdrew it (no reason given)\n") !=
          std::string::npos);
}

TEST_CASE("network devices are read from the kernel") {
    test::FakeSystem system;
    system.write("/sys/class/net/lo/address", "00:00:00:00:00:00\n");
    system.write("/sys/class/net/eth0/address", "52:54:00:00:00:01\n");
    system.write("/sys/class/net/eth0/carrier", "0\n");
    system.write("/sys/class/net/eth0/device/modalias", "pci:v1\n");
    std::filesystem::create_symlink("../../bus/pci/drivers/e1000",
                                    system.host("/sys/class/net/eth0/device/driver"));
    system.write("/sys/class/net/eth1/address", "52:54:00:00:00:02\n");
    CHECK(read_nics(system) ==
          std::vector<Nic>{{"eth0", "52:54:00:00:00:01", "e1000", "no carrier", "pci:v1"},
                           {"eth1", "52:54:00:00:00:02", "", "down", ""}});
}

TEST_CASE("both files are written") {
    test::FakeSystem system;
    REQUIRE(write_report(system, sample()));
    CHECK(read_file(system.host("/run/mkpxerd/report.json")).value() == report_json(sample()));
    CHECK(read_file(system.host("/run/mkpxerd/report.txt")).value() == report_text(sample()));
}
