// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/redact.hpp"

#include <catch2/catch.hpp>

using mkpxerd::netboot::redact;

TEST_CASE("user information and queries are hidden, the rest stays") {
    CHECK(redact("http://user:secret@host/path") == "http://***@host/path");
    CHECK(redact("https://token@host:8443") == "https://***@host:8443");
    CHECK(redact("http://host/x?token=secret&mac=52:54#frag") == "http://host/x?token=***&mac=***#frag");
    CHECK(redact("http://host/x?secret") == "http://host/x?***");
    CHECK(redact("http://host/a@b") == "http://host/a@b");
    CHECK(redact("http://u:p@ss@host/") == "http://***@host/");
}

TEST_CASE("every URL of a line is found") {
    CHECK(redact("fetch http://a:b@h/x, then (https://c@h/y?z=1) failed") ==
          "fetch http://***@h/x, then (https://***@h/y?z=***) failed");
    CHECK(redact("http://a:b@h/x|http://c:d@h/y") == "http://***@h/x|http://***@h/y");
    CHECK(redact("no url here: a@b?c=d") == "no url here: a@b?c=d");
    CHECK(redact("").empty());
}
