// SPDX-License-Identifier: MIT
// Connections to a server on the loopback interface, which plays the proxy or the server itself.
#include "mkpxerd/netboot/fetch/connection.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "failure_text.hpp"
#include "run_task.hpp"
#include "scripted_server.hpp"
#include "tls_server.hpp"
#include "transfer_bench.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Lab {
    test::Certificate authority{"Site CA"};
    test::Certificate certificate{"boot", "DNS:boot.example,IP:127.0.0.1", authority};
    test::TransferBench bench{authority.pem()};
    test::TlsServer tls{certificate};
    std::string asked; // of the proxy

    // Until the client closes; answers its first words with "pong".
    boost::asio::awaitable<void> speak_tls(test::ServerEnd& end) {
        for (std::string bytes = co_await end.read_some(); !bytes.empty(); bytes = co_await end.read_some()) {
            const bool is_silent = tls.received().empty();
            tls.feed(bytes);
            if (is_silent && !tls.received().empty()) tls.write("pong");
            co_await end.write(tls.take_output());
        }
    }
    // A proxy that answers CONNECT so, and then is the server.
    test::ScriptedServer::Script proxy(std::string answer) {
        return [this, answer](test::ServerEnd& end) -> boost::asio::awaitable<void> {
            asked = co_await end.read_until("\r\n\r\n");
            co_await end.write(answer);
            if (answer.starts_with("HTTP/1.1 200")) co_await speak_tls(end);
        };
    }
    Result<std::unique_ptr<Stream>> open(const std::string& url) {
        return test::run(bench.io, open_connection(bench.context, parse_url(url).value(), bench.transfer));
    }
    Result<std::unique_ptr<Stream>> open_by_proxy(const std::string& url,
                                                  test::ScriptedServer::Script script) {
        const test::ScriptedServer server(bench.io, {std::move(script)});
        bench.context.proxy = parse_url(fmt::format("http://me:secret@127.0.0.1:{}", server.port())).value();
        return open(url);
    }
};

} // namespace

TEST_CASE("http goes to the server in the clear, or to the proxy, which is not asked for a tunnel") {
    Lab lab;
    std::vector<std::string> received;
    const auto record = [&received](test::ServerEnd& end) -> boost::asio::awaitable<void> {
        received.push_back(co_await end.read_until("\n"));
    };
    const test::ScriptedServer server(lab.bench.io, {record, record});
    const auto direct = lab.open(fmt::format("http://127.0.0.1:{}/", server.port()));
    REQUIRE(direct);
    REQUIRE(test::run(lab.bench.io, (*direct)->write_all("direct\n")));
    lab.bench.context.proxy = parse_url(fmt::format("http://127.0.0.1:{}", server.port())).value();
    const auto proxied = lab.open("http://192.0.2.1/");
    REQUIRE(proxied);
    REQUIRE(test::run(lab.bench.io, (*proxied)->write_all("proxied\n")));
    std::vector<char> buffer(10);
    CHECK(test::run(lab.bench.io, (*proxied)->read_some(buffer)).value() == 0);
    CHECK(received == std::vector<std::string>{"direct\n", "proxied\n"});
}

TEST_CASE("https shakes hands with the server, and its certificate is checked") {
    Lab lab;
    const test::ScriptedServer server(lab.bench.io,
                                      {[&lab](test::ServerEnd& end) { return lab.speak_tls(end); }});
    const auto stream = lab.open(fmt::format("https://127.0.0.1:{}/", server.port()));
    REQUIRE(stream);
    REQUIRE(test::run(lab.bench.io, (*stream)->write_all("ping")));
    std::vector<char> buffer(10);
    REQUIRE(test::run(lab.bench.io, (*stream)->read_some(buffer)).value() == 4);
    CHECK(std::string_view(buffer.data(), 4) == "pong");
    CHECK(lab.tls.received() == "ping");
    CHECK((*stream)->peer_address() == "127.0.0.1");
}

TEST_CASE("https through a proxy is a tunnel, for the host of the URL without the dot of DNS") {
    Lab lab;
    const auto stream =
        lab.open_by_proxy("https://boot.example./object", lab.proxy("HTTP/1.1 200 OK\r\n\r\n"));
    REQUIRE(stream);
    CHECK_THAT(lab.asked, Catch::StartsWith("CONNECT boot.example.:443 HTTP/1.1\r\n") &&
                              Catch::Contains("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"));
    CHECK(lab.tls.asked_for() == "boot.example");
    Lab stranger;
    const auto refused =
        stranger.open_by_proxy("https://other.example/", stranger.proxy("HTTP/1.1 200 OK\r\n\r\n"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().first().code == "MPX-TLS-04");
}

TEST_CASE("a proxy that does not connect is named, without its password") {
    struct Row {
        const char* answer;
        const char* code;
        const char* text;
    };
    const Row row = GENERATE(
        Row{"HTTP/1.1 407 Who are you\r\n\r\n", "MPX-HTTP-07", "wants a user name and password: 407"},
        Row{"HTTP/1.1 403 Forbidden\r\n\r\n", "MPX-HTTP-08", "does not connect: 403 Forbidden"},
        Row{"", "MPX-HTTP-08", "closed the connection"});
    Lab lab;
    const auto refused = lab.open_by_proxy("https://boot.example/", lab.proxy(row.answer));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().first().code == row.code);
    CHECK_THAT(refused.error().text(), Catch::Contains(row.text) && !Catch::Contains("secret"));
    Lab other;
    CHECK(
        other.open_by_proxy("https://boot.example/", other.proxy("SSH-2.0-sshd\r\n")).error().first().code ==
        "MPX-HTTP-04");
}

TEST_CASE("a proxy that cannot be connected to is named as the proxy") {
    Lab lab;
    std::uint16_t port = 0;
    {
        const test::ScriptedServer closed(lab.bench.io, {});
        port = closed.port();
    }
    lab.bench.context.proxy = parse_url(fmt::format("http://me:secret@127.0.0.1:{}", port)).value();
    const auto refused = lab.open("http://192.0.2.1/object");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().first().code == "MPX-FETCH-04");
    CHECK_THAT(refused.error().text(),
               Catch::Contains(fmt::format("the proxy http://127.0.0.1:{}/ cannot be used: ", port)) &&
                   Catch::Contains("refuses the connection") && Catch::Contains("mkpxerd.proxy="));
}

TEST_CASE("without an authority there is no connection at all") {
    test::TransferBench bench;
    const Url url = parse_url("https://192.0.2.1/").value();
    const auto refused = test::run(bench.io, open_connection(bench.context, url, bench.transfer));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().first().code == "MPX-TLS-06");
}

TEST_CASE("a server that accepts and is silent stalls TLS, not for ever") {
    Lab lab;
    const test::ScriptedServer server(lab.bench.io, {}); // the queue accepts
    lab.bench.transfer.patience = std::chrono::seconds(0);
    const auto stalled = lab.open(fmt::format("https://127.0.0.1:{}/", server.port()));
    REQUIRE_FALSE(stalled);
    CHECK(stalled.error().first().code == "MPX-FETCH-06");
    CHECK_THAT(stalled.error().text(), Catch::Contains("while TLS was set up"));
}
