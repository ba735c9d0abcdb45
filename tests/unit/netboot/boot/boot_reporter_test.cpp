// SPDX-License-Identifier: MIT
// What becomes of a report; boot_report_test has its content, boot_test whole boots.
#include "mkpxerd/netboot/boot/boot_reporter.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"
#include "run_task.hpp"
#include "scripted_server.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Lab {
    boost::asio::io_context io{1};
    test::FakeSystem system;
    test::MemoryLog log;
    BootValues values;
    std::vector<std::string> posted; // whole requests

    boost::asio::awaitable<bool> tell(bool failed) {
        const BootReporter reporter(io, system, log, values, Clock::now());
        // By name: gcc 12 destroys an aggregate twice that is written as an argument within co_await.
        const Problem silent{.object = "server", .text = "is silent", .code = Failure::HostSilent};
        if (failed)
            co_await reporter.report_failure(silent, "root", {});
        else
            co_await reporter.report_handover({});
        co_return true;
    }
    // Tells a server what happened, which answers so.
    void tell(bool failed, const std::string& answer) {
        const test::ScriptedServer server(
            io, {[this, answer](test::ServerEnd& end) -> boost::asio::awaitable<void> {
                posted.push_back(co_await end.read_until("\n}\n"));
                co_await end.write(answer);
            }});
        values.options.report_url = fmt::format("http://127.0.0.1:{}/{{UUID}}?key", server.port());
        CHECK(test::run(io, tell(failed)));
    }
    std::string written() const { return read_file(system.host("/run/mkpxerd/report.json")).value_or(""); }
};

constexpr const char* ok = "HTTP/1.1 204 No Content\r\n\r\n";

} // namespace

TEST_CASE("a report is written, and posted to the URL of this machine") {
    Lab lab;
    lab.values.network.emplace();
    lab.values.machine["UUID"] = "1234";
    lab.tell(false, ok);
    CHECK_THAT(lab.written(),
               Catch::Contains("\"result\": \"handover\"") && Catch::Contains(lab.system.release));
    REQUIRE(lab.posted.size() == 1);
    CHECK_THAT(lab.posted[0],
               Catch::StartsWith("POST /1234?key ") && Catch::Contains("\"result\": \"handover\""));
    CHECK(lab.log.lines.empty());
}

TEST_CASE("a failure is reported with its code and the stage that it stopped") {
    Lab lab;
    lab.values.network.emplace();
    lab.values.machine["UUID"] = "1234";
    lab.tell(true, ok);
    for (const std::string& report : {lab.written(), lab.posted.at(0)})
        CHECK_THAT(report, Catch::Contains("\"result\": \"failed\"") && Catch::Contains("MPX-FETCH-05") &&
                               Catch::Contains("\"root\""));
}

TEST_CASE("without a network, or without a URL, a report is written and not posted") {
    Lab lab;
    lab.tell(false, ok);
    CHECK(lab.posted.empty());
    CHECK_FALSE(lab.written().empty());
    lab.values.network.emplace();
    lab.values.options.report_url.clear();
    CHECK(test::run(lab.io, lab.tell(false)));
    CHECK(lab.posted.empty());
    CHECK(lab.log.lines.empty());
}

TEST_CASE(
    "a server that refuses the report, or a URL that this machine cannot fill, is a warning and no more") {
    Lab refused;
    refused.values.network.emplace();
    refused.values.machine["UUID"] = "1234";
    refused.tell(false, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    REQUIRE(refused.log.lines.size() == 1);
    CHECK(refused.log.lines[0].first == LogLevel::Warning);
    CHECK(refused.log.says("refused the report with status 500"));
    CHECK_FALSE(refused.log.says("key"));
    Lab nameless;
    nameless.values.network.emplace();
    nameless.tell(false, ok);
    CHECK(nameless.posted.empty());
    REQUIRE(nameless.log.lines.size() == 1);
    CHECK(nameless.log.says("UUID"));
}

TEST_CASE("a report goes to a serial port without a network, and a port that is not there is a warning") {
    Lab lab;
    lab.values.options.report_url = "/dev/ttyS9";
    CHECK(test::run(lab.io, lab.tell(false)));
    CHECK_FALSE(lab.written().empty());
    REQUIRE(lab.log.lines.size() == 1);
    CHECK(lab.log.lines[0].first == LogLevel::Warning);
    CHECK(lab.log.says("/dev/ttyS9"));
}

TEST_CASE("a report that cannot be written is a detail, and is posted all the same") {
    Lab lab;
    lab.values.network.emplace();
    lab.values.machine["UUID"] = "1234";
    lab.system.write("/run/mkpxerd", "a file");
    lab.tell(false, ok);
    CHECK(lab.posted.size() == 1);
    REQUIRE(lab.log.lines.size() == 1);
    CHECK(lab.log.lines[0].first == LogLevel::Detail);
}

TEST_CASE("before the drivers have been tried no device lacks one") {
    Lab lab;
    lab.system.write("/sys/bus/pci/devices/0000:00:03.0/modalias", "pci:v1");
    CHECK(
        BootReporter(lab.io, lab.system, lab.log, lab.values, Clock::now()).devices_without_driver().empty());
}
