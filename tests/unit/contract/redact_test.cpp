// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/redact.hpp"

#include <catch2/catch.hpp>

using mkpxerd::redact;

TEST_CASE("user information and queries are hidden, the rest stays") {
    CHECK(redact("http://user:secret@host/path") == "http://***@host/path");
    CHECK(redact("https://token@host:8443") == "https://***@host:8443");
    CHECK(redact("http://host/x?token=secret&mac=52:54#frag") == "http://host/x?token=***&mac=***#frag");
    CHECK(redact("http://host/x?secret") == "http://host/x?***");
    CHECK(redact("http://u:p@ss@host/") == "http://***@host/");
}

TEST_CASE("every URL of a line is found") {
    CHECK(redact("fetch http://a:b@h/x, then (https://c@h/y?z=1) failed") ==
          "fetch http://***@h/x, then (https://***@h/y?z=***) failed");
    CHECK(redact("http://a:b@h/x|http://c:d@h/y") == "http://***@h/x|http://***@h/y");
    CHECK(redact("no url here: a@b?c=d") == "no url here: a@b?c=d");
    CHECK(redact("").empty());
}

TEST_CASE("a password may hold quotes, brackets and separators") {
    CHECK(redact("apkovl=http://u:pa(ss@h/x") == "apkovl=http://***@h/x");
    CHECK(redact("http://u:p'a\"s<s>@h/x") == "http://***@h/x");
    CHECK(redact("http://h/x?token=ab'cd") == "http://h/x?token=***");
    CHECK(redact("http://u:p/a#s@h/x") == "http://***@h/x");
    CHECK(redact("http://u:p?s@h/x") == "http://***");
    CHECK(redact("http://h/x?token=a@b") == "http://***");
    CHECK(redact("'http://u:p'a@h/x' failed") == "'http://***@h/x' failed");
}

TEST_CASE("a value without a scheme hides its password too") {
    CHECK(redact("mkpxerd.proxy=user:pw@host:3128 quiet") == "mkpxerd.proxy=***@host:3128 quiet");
    CHECK(redact("mkpxerd.proxy=user:pw@host:3128 x=http://a:b@h/") ==
          "mkpxerd.proxy=***@host:3128 x=http://***@h/");
    CHECK(redact("root=nfs:server:/a@b") == "root=nfs:server:/a@b");
}
