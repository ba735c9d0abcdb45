// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/url.hpp"

#include "failure_text.hpp"
#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd;

namespace {

Url url(std::string_view text) {
    const Result<Url> parsed = parse_url(text);
    INFO(text);
    REQUIRE(parsed);
    return *parsed;
}

std::string resolved(std::string_view base, std::string_view reference) {
    const Result<Url> next = resolve_url(url(base), reference);
    INFO(reference);
    REQUIRE(next);
    return next->scheme + "://" + next->authority() + next->target;
}

} // namespace

TEST_CASE("a URL is taken apart") {
    CHECK(url("http://boot.example/a/b?c=d#sha256=00") ==
          Url{"http", "", "", "boot.example", 80, "/a/b?c=d", "sha256=00"});
    CHECK(url("HTTPS://Boot.Example:8443") == Url{"https", "", "", "boot.example", 8443, "/", ""});
    CHECK(url("ftp://me:p%40ss%3A@10.0.0.1/x") == Url{"ftp", "me", "p@ss:", "10.0.0.1", 21, "/x", ""});
    CHECK(url("http://[fd00::1]:8080/x") == Url{"http", "", "", "fd00::1", 8080, "/x", ""});
    CHECK(url("http://h?q") == Url{"http", "", "", "h", 80, "/?q", ""});
    CHECK(url("http://a@b@h/x").user == "a@b");
    CHECK(url("http://h:/x").port == 80);
}

TEST_CASE("text that is not a URL of a supported scheme is refused") {
    for (const char* text : {"", "boot.example/x", "http:/x", "http://", "http:///x", "http://:80/",
                             "gopher://h/", "http://h:0/", "http://h:65536/", "http://h:80x/", "http://h h/",
                             "http://h/a b", "http://h/a\r\nX: y", "http://[fd00::1/x", "http://a%0d%0ab@h/",
                             "http://h$/", "file:///etc/passwd", "http://[fd00::1]8080/", "https://./x"}) {
        INFO(text);
        const Result<Url> parsed = parse_url(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().first().code == "MPX-FETCH-01");
    }
}

TEST_CASE("two schemes in a row are a mistake, not a host") {
    const Result<Url> doubled = parse_url("https://http://mirror.example/x");
    REQUIRE_FALSE(doubled);
    CHECK(doubled.error().text().find("has two schemes, https and http") != std::string::npos);
    CHECK(doubled.error().first().code == "MPX-FETCH-01");
    CHECK_FALSE(resolve_url(url("http://h/a"), "https://http://mirror.example/x"));
    CHECK(url("http://h/a?next=http://other/").host == "h");
    CHECK(url("http://h/http://other/").target == "/http://other/");
}

TEST_CASE("a shown URL has no secrets") {
    CHECK(url("http://me:secret@h/a?token=x#sha256=0").redacted() == "http://h/a?...");
    CHECK(url("http://h:8080/a").redacted() == "http://h:8080/a");
    CHECK(url("http://[fd00::1]:80/a").redacted() == "http://[fd00::1]/a");
    CHECK(redact_url("http://me:secret@h/a?token=x") == "http://h/a?...");
    CHECK(redact_url("https://me:sec/ret@h/a") == "https://h/a");
    CHECK(redact_url("me:secret@h") == "h");
    CHECK(redact_url("http://h/a#x?y") == "http://h/a?...");
    CHECK(redact_url("http://h/\x1b[2J") == "http://h/?[2J");
    const Result<Url> bad = parse_url("http://me:secret@h:x/?token=y");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().text().find("secret") == std::string::npos);
    CHECK(bad.error().text().find("token") == std::string::npos);
}

TEST_CASE("a Location is resolved against where it came from") {
    CHECK(resolved("http://h/a/b?c", "https://other/x") == "https://other/x");
    CHECK(resolved("http://h:8080/a/b", "//other/x") == "http://other/x");
    CHECK(resolved("http://h:8080/a/b", "/x?y") == "http://h:8080/x?y");
    CHECK(resolved("http://h/a/b?c", "x") == "http://h/a/x");
    CHECK(resolved("http://h/a/b", "../x") == "http://h/x");
    CHECK(resolved("http://h/a/b", "../../../x") == "http://h/x");
    CHECK(resolved("http://h/a/b", "./") == "http://h/a/");
    CHECK(resolved("http://h/a/b?c", "?d") == "http://h/a/b?d");
    CHECK(resolved("http://h/a/b", "x#frag") == "http://h/a/x");
    CHECK(resolved("http://h/a", "/login?next=http://other/") == "http://h/login?next=http://other/");
    CHECK_FALSE(resolve_url(url("http://h/"), "javascript://x"));
    CHECK_FALSE(resolve_url(url("http://h/"), "/a\rb"));
}

TEST_CASE("a Location with blanks around and in it is followed") {
    CHECK(resolved("http://h/", " /a b ") == "http://h/a%20b");
    CHECK(resolved("http://h/", "HTTP://Other/my root.tar.gz") == "http://other/my%20root.tar.gz");
    CHECK(resolved("http://h/", "//other/a b") == "http://other/a%20b");
}

TEST_CASE("a login goes along to the same scheme, host and port, and nowhere else") {
    const Url base = url("http://me:secret@h/a");
    for (const char* same : {"/b", "b", "?c", "http://h/b", "http://H:80/b", "//h/b"}) {
        INFO(same);
        CHECK(resolve_url(base, same)->user == "me");
        CHECK(resolve_url(base, same)->password == "secret");
    }
    for (const char* other :
         {"http://other/b", "//other/b", "https://h/b", "http://h:8080/b", "http://h./b"}) {
        INFO(other);
        CHECK(resolve_url(base, other)->user.empty());
        CHECK(resolve_url(base, other)->password.empty());
    }
    CHECK(resolve_url(base, "http://you:key@h/b")->password == "key");
}

TEST_CASE("percent signs are decoded where they have two digits") {
    CHECK(percent_decode("a%20b%2Fc") == "a b/c");
    CHECK(percent_decode("100%") == "100%");
    CHECK(percent_decode("%4") == "%4");
    CHECK(percent_decode("%zz%41") == "%zzA");
}
