// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/http_request.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("a request says what it wants") {
    const Url url = *parse_url("http://me:pass@boot.example:8080/a?b");
    const std::string whole = get_request(url, 0, "");
    CHECK(whole.starts_with("GET /a?b HTTP/1.1\r\nHost: boot.example:8080\r\n"));
    CHECK(whole.ends_with("\r\n\r\n"));
    CHECK_THAT(whole, Catch::Contains("Authorization: Basic bWU6cGFzcw==\r\n"));
    CHECK_THAT(whole, Catch::Contains("\r\nAccept-Encoding: identity\r\nConnection: close\r\n"));
    CHECK_THAT(whole, !Catch::Contains("Range"));
    CHECK_THAT(get_request(url, 7, "\"abc\""), Catch::Contains("Range: bytes=7-\r\nIf-Range: \"abc\"\r\n"));
}

TEST_CASE("a proxy gets the whole URL and its own login, but not of what TLS hides from it") {
    const Url proxy = *parse_url("http://pat:pat@proxy.example:3128");
    const std::string plain = get_request(*parse_url("http://boot.example/a"), 0, "", proxy);
    CHECK(plain.starts_with("GET http://boot.example/a HTTP/1.1\r\nHost: boot.example\r\n"));
    CHECK_THAT(plain, Catch::Contains("\r\nProxy-Authorization: Basic cGF0OnBhdA==\r\n"));
    CHECK_THAT(plain, !Catch::Contains("\r\nAuthorization"));
    const std::string hidden = get_request(*parse_url("https://boot.example/a"), 0, "", proxy);
    CHECK(hidden.starts_with("GET /a HTTP/1.1\r\n"));
    CHECK_THAT(hidden, !Catch::Contains("Proxy-Authorization"));
}

TEST_CASE("a tunnel is asked for by host and port, with the login of the proxy alone") {
    const Url proxy = *parse_url("http://pat:pat@proxy.example:3128");
    CHECK(tunnel_request(*parse_url("https://me:pass@boot.example/a"), proxy) ==
          "CONNECT boot.example:443 HTTP/1.1\r\nHost: boot.example:443\r\nUser-Agent: mkpxerd\r\n"
          "Proxy-Authorization: Basic cGF0OnBhdA==\r\n\r\n");
    CHECK(tunnel_request(*parse_url("https://[fd00::1]:8443/a"), *parse_url("http://proxy.example"))
              .starts_with("CONNECT [fd00::1]:8443 HTTP/1.1\r\nHost: [fd00::1]:8443\r\n"));
}

TEST_CASE("the login of the report's URL is sent, and nothing where there is none") {
    const std::string with = post_request(*parse_url("http://me:pass@boot.example/r?x"), "{}");
    CHECK(with.starts_with("POST /r?x HTTP/1.1\r\nHost: boot.example\r\n"));
    CHECK_THAT(with, Catch::Contains("\r\nAuthorization: Basic bWU6cGFzcw==\r\n"));
    CHECK_THAT(with, Catch::Contains("\r\nContent-Length: 2\r\n"));
    CHECK(with.ends_with("\r\n\r\n{}"));
    const std::string without = post_request(*parse_url("http://boot.example/r"), "{}");
    CHECK_THAT(without, !Catch::Contains("Authorization"));
    CHECK(without.ends_with("\r\nConnection: close\r\n\r\n{}"));
}
