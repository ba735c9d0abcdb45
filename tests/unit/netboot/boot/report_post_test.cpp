// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/report_post.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("the login of the report's URL is sent, and nothing where there is none") {
    const std::string with = post_request(*parse_url("http://me:pass@boot.example/r?x"), "{}");
    CHECK(with.starts_with("POST /r?x HTTP/1.1\r\nHost: boot.example\r\n"));
    CHECK_THAT(with, Catch::Contains("\r\nAuthorization: Basic bWU6cGFzcw==\r\n"));
    CHECK(with.ends_with("\r\n\r\n{}"));
    const std::string without = post_request(*parse_url("http://boot.example/r"), "{}");
    CHECK_THAT(without, !Catch::Contains("Authorization"));
    CHECK(without.ends_with("\r\nConnection: close\r\n\r\n{}"));
}
