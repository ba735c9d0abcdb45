// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/tls_preparer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "memory_log.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

TEST_CASE("who waits for the time no longer than its deadline goes on then, and keeps nobody busy") {
    boost::asio::io_context io(1);
    test::MemoryLog log;
    // Nobody answers there: TEST-NET-1, RFC 5737.
    TlsPreparer preparer(io, log, {}, {Ipv4Address{0xc0000201}}, std::make_shared<TimeOfDay>());
    const auto begin = Clock::now();
    unsigned ended = 0;
    Clock::time_point second_end{};
    for (const auto patience : {900ms, 100ms})
        boost::asio::co_spawn(io, preparer.ask_time_once(begin + patience), [&](const std::exception_ptr&) {
            if (ended++ == 0) second_end = Clock::now();
        });
    const std::size_t handlers = io.run_for(10s);
    CHECK(ended == 2);
    CHECK(second_end - begin < 800ms);
    CHECK(handlers < 100);
}
