// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/report_post.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "run_task.hpp"
#include "scripted_server.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

std::string received; // by the server

Result<void> post(const std::string& answer) {
    boost::asio::io_context io(1);
    const test::ScriptedServer server(io, {[&answer](test::ServerEnd& end) -> boost::asio::awaitable<void> {
                                          received = co_await end.read_until("{}");
                                          co_await end.write(answer);
                                      }});
    const Url place =
        parse_url(fmt::format("http://me:secret@127.0.0.1:{}/report?key", server.port())).value();
    return test::run(io, post_report(io, NetworkState(), place, "{}", Clock::now() + 20s));
}

} // namespace

TEST_CASE("a report is posted once, with its login and its length") {
    CHECK(post("HTTP/1.1 204 No Content\r\n\r\n"));
    CHECK_THAT(received, Catch::StartsWith("POST /report?key HTTP/1.1\r\n") &&
                             Catch::Contains("Content-Length: 2\r\n") &&
                             Catch::Contains("Authorization: Basic bWU6c2VjcmV0\r\n") &&
                             Catch::EndsWith("\r\n\r\n{}"));
    CHECK(post("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
}

TEST_CASE("a server that refuses the report is named with its status, without the login") {
    for (const char* status : {"404", "500", "302"}) {
        const auto posted = post(fmt::format("HTTP/1.1 {} No\r\nContent-Length: 0\r\n\r\n", status));
        REQUIRE_FALSE(posted);
        CHECK_THAT(posted.error().text(),
                   Catch::Contains(fmt::format("refused the report with status {}", status)) &&
                       !Catch::Contains("secret") && !Catch::Contains("key"));
    }
}

TEST_CASE("an answer that is cut or not HTTP is an error") {
    for (const char* answer : {"", "HTTP/1.1 20", "SSH-2.0-sshd\r\n"}) {
        const auto posted = post(answer);
        REQUIRE_FALSE(posted);
        CHECK_THAT(posted.error().text(),
                   Catch::StartsWith("http://127.0.0.1:") && !Catch::Contains("secret"));
    }
}

TEST_CASE("https is refused before anything is sent, and a silent host ends with the deadline") {
    boost::asio::io_context io(1);
    const auto secure = test::run(io, post_report(io, NetworkState(), parse_url("https://192.0.2.1/").value(),
                                                  "{}", Clock::now() + 20s));
    REQUIRE_FALSE(secure);
    CHECK_THAT(secure.error().text(), Catch::Contains("http"));
    const test::ScriptedServer silent(io, {});
    const Url place = parse_url(fmt::format("http://127.0.0.1:{}/", silent.port())).value();
    CHECK_FALSE(test::run(io, post_report(io, NetworkState(), place, "{}", Clock::now() + 5ms)));
}
