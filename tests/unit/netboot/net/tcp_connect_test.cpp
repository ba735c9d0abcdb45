// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/tcp_connect.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run_task.hpp"
#include "scripted_server.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;

// On the heap: co_spawn wants a result that it can make without arguments.
asio::awaitable<std::shared_ptr<TcpAttempt>> attempt(asio::io_context& io, std::uint16_t port,
                                                     Deadline deadline, TcpOptions options,
                                                     std::stop_token stop) {
    const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    co_return std::make_shared<TcpAttempt>(
        co_await connect_socket(io, endpoint, deadline, options, std::move(stop)));
}

struct Lab {
    asio::io_context io{1};
    test::ScriptedServer server{io, {}};

    TcpAttempt connect(std::uint16_t port, TcpOptions options = {}, Deadline deadline = Clock::now() + 20s,
                       std::stop_token stop = {}) {
        return std::move(*test::run(io, attempt(io, port, deadline, options, std::move(stop))));
    }
};

} // namespace

TEST_CASE("an attempt connects, or fails with the kernel's reason") {
    Lab lab;
    const TcpAttempt connected = lab.connect(lab.server.port());
    CHECK_FALSE(connected.error);
    CHECK(connected.socket.remote_endpoint().port() == lab.server.port());
    CHECK(lab.connect(test::closed_port(lab.io)).error == asio::error::connection_refused);
    // ENODEV, or EPERM for those who may not choose an interface.
    CHECK(lab.connect(lab.server.port(), {.interface = "mkpxerd-none"}).error);
}

TEST_CASE("an attempt that is too late or stopped does not reach the server") {
    Lab lab;
    const test::SilentPort silent(lab.io);
    const TcpAttempt late = lab.connect(silent.port(), {}, Clock::now() - 1s);
    CHECK(late.error == asio::error::timed_out);
    CHECK_FALSE(late.socket.is_open());
    std::stop_source stop;
    stop.request_stop();
    CHECK(lab.connect(silent.port(), {}, Clock::now() + 20s, stop.get_token()).error ==
          asio::error::operation_aborted);
}

TEST_CASE("small segments fit every path of IPv6") {
    Lab lab;
    TcpAttempt attempt = lab.connect(lab.server.port(), {.small_segments = true});
    REQUIRE_FALSE(attempt.error);
    int segment = 0;
    socklen_t length = sizeof segment;
    REQUIRE(::getsockopt(attempt.socket.native_handle(), IPPROTO_TCP, TCP_MAXSEG, &segment, &length) == 0);
    CHECK(segment <= 1200);
}

TEST_CASE("a reserved port is taken if the process may") {
    Lab lab;
    const TcpAttempt first = lab.connect(lab.server.port(), {.from_reserved_port = true});
    const TcpAttempt second = lab.connect(lab.server.port(), {.from_reserved_port = true});
    REQUIRE_FALSE(first.error);
    REQUIRE_FALSE(second.error);
    const auto port = [](const TcpAttempt& attempt) { return attempt.socket.local_endpoint().port(); };
    CHECK(port(first) != port(second));
    if (::geteuid() == 0) {
        CHECK(port(first) < 1024);
        CHECK(port(second) >= 600);
        CHECK(port(second) < 1024);
    }
}
