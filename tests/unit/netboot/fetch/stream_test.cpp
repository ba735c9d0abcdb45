// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/stream.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "failure_text.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "run_task.hpp"
#include "scripted_server.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

Result<std::unique_ptr<Stream>> connect(boost::asio::io_context& io, std::uint16_t port,
                                        const std::string& host = "127.0.0.1",
                                        Deadline deadline = Clock::now() + 20s) {
    return test::run(io, connect_tcp(io, {}, host, port, deadline));
}

} // namespace

TEST_CASE("a stream carries bytes both ways, and ends with 0") {
    boost::asio::io_context io(1);
    const test::ScriptedServer server(io, {[](test::ServerEnd& end) -> boost::asio::awaitable<void> {
                                          co_await end.write("echo " + co_await end.read_until("\n"));
                                      }});
    const auto stream = connect(io, server.port());
    REQUIRE(stream);
    CHECK((*stream)->peer_address() == "127.0.0.1");
    REQUIRE(test::run(io, (*stream)->write_all("hello\n")));
    std::string all;
    std::vector<char> buffer(4);
    for (;;) {
        const std::size_t length = test::run(io, (*stream)->read_some(buffer)).value();
        if (length == 0) break;
        all.append(buffer.data(), length);
    }
    CHECK(all == "echo hello\n");
}

TEST_CASE("a connection that the peer resets is cut off, and the message names the peer") {
    boost::asio::io_context io(1);
    const test::ScriptedServer server(io, {[](test::ServerEnd& end) -> boost::asio::awaitable<void> {
                                          end.reset();
                                          co_return;
                                      }});
    const auto stream = connect(io, server.port());
    REQUIRE(stream);
    std::vector<char> buffer(4);
    const auto read = test::run(io, (*stream)->read_some(buffer));
    REQUIRE_FALSE(read);
    CHECK(read.error().first().code == "MPX-FETCH-07");
    CHECK_THAT(read.error().text(),
               Catch::Contains(fmt::format("127.0.0.1:{}: the connection broke: ", server.port())));
    const auto written = test::run(io, (*stream)->write_all("more"));
    REQUIRE_FALSE(written);
    CHECK(written.error().first().code == "MPX-FETCH-07");
}

TEST_CASE("giving up a stream ends what waits on it") {
    boost::asio::io_context io(1);
    const test::ScriptedServer server(io, {});
    const auto stream = connect(io, server.port());
    REQUIRE(stream);
    const Interrupt now(io, Clock::now(), {}, [&stream] { (*stream)->abort(); });
    std::vector<char> buffer(4);
    CHECK_FALSE(test::run(io, (*stream)->read_some(buffer)));
    CHECK((*stream)->peer_address() == "0.0.0.0"); // of a closed socket
}

TEST_CASE("a host that refuses, does not answer in time, or has no name is told apart") {
    boost::asio::io_context io(1);
    const std::uint16_t port = test::closed_port(io);
    const auto refused = connect(io, port);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().first().code == "MPX-FETCH-04");
    CHECK(refused.error().first().object == fmt::format("127.0.0.1:{}", port));
    const test::SilentPort silent(io);
    const auto late = connect(io, silent.port(), "127.0.0.1", Clock::now() - 1s);
    REQUIRE_FALSE(late);
    CHECK(late.error().first().code == "MPX-FETCH-05");
    CHECK(late.error().first().text == "no answer");
    const auto nameless = connect(io, port, "boot.example");
    REQUIRE_FALSE(nameless);
    CHECK(nameless.error().first().code == "MPX-DNS-03");
}
