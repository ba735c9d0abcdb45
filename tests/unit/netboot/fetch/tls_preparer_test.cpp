// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/tls_preparer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "memory_log.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

const std::vector<Ipv4Address> server{*Ipv4Address::parse("10.0.0.1")};

} // namespace

TEST_CASE("waiting for the time ends at the deadline, without using the processor") {
    boost::asio::io_context io(1);
    test::MemoryLog log;
    Notifier reply(io);
    unsigned asked = 0;
    TlsPreparer preparer(
        io, log, {}, server, std::make_shared<TimeOfDay>(),
        [&](boost::asio::io_context&, std::vector<Ipv4Address>, std::int64_t, Deadline) -> Task<NetworkTime> {
            ++asked;
            co_await reply.wait(Deadline::max());
            co_return fail("NTP", "no reply from 10.0.0.1", "", Failure::NtpSilent);
        });
    std::vector<std::string> ended;
    boost::asio::co_spawn(io, preparer.ask_time_once(Clock::now() + 1h),
                          [&](const std::exception_ptr&) { ended.emplace_back("first"); });
    boost::asio::co_spawn(io, preparer.ask_time_once(Clock::now() + 2ms), [&](const std::exception_ptr&) {
        ended.emplace_back("second"); // before there is a reply
        reply.notify();
    });
    const std::size_t handlers = io.run_for(10s);
    CHECK(ended == std::vector<std::string>{"second", "first"});
    CHECK(asked == 1);
    CHECK(handlers < 100);
    CHECK(log.says("MPX-NTP-01 NTP: no reply from 10.0.0.1"));
}

TEST_CASE("the time servers are asked once, before the image's build time nothing is believed") {
    boost::asio::io_context io(1);
    test::MemoryLog log;
    std::int64_t set_to = 0;
    unsigned asked = 0;
    std::int64_t answer = 2000000000;
    const auto time = std::make_shared<TimeOfDay>([&] { return std::max<std::int64_t>(set_to, 1900000000); },
                                                  [&](std::int64_t seconds) {
                                                      set_to = seconds;
                                                      return true;
                                                  },
                                                  1800000000);
    const auto ask = [&](boost::asio::io_context&, std::vector<Ipv4Address> servers, std::int64_t image_time,
                         Deadline) -> Task<NetworkTime> {
        ++asked;
        CHECK(image_time == 1800000000);
        co_return NetworkTime{.seconds = answer, .server = servers.front()};
    };
    const auto prepare = [&] {
        TlsPreparer preparer(io, log, {}, server, time, ask);
        for (int i = 0; i < 2; ++i)
            boost::asio::co_spawn(io, preparer.ask_time_once(Clock::now() + 1h),
                                  [](const std::exception_ptr&) {});
        io.restart();
        io.run_for(10s);
    };
    prepare();
    CHECK(asked == 1);
    CHECK(set_to == 2000000000);
    CHECK(log.says("clock set by 10.0.0.1 from "));
    answer = 7;
    prepare();
    CHECK(asked == 2);
    CHECK(set_to == 2000000000);
    CHECK(log.says("10.0.0.1 sent the time 1970-01-01 00:00:07: the clock stays"));
}
