// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/http_response.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "mkpxerd/netboot/fetch/http_download.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

// Collects what a response tells; fed in pieces of the given size.
struct Reading {
    explicit Reading(std::string_view text, std::size_t piece = 1) {
        for (std::size_t at = 0; at < text.size() && result; at += piece) {
            const std::string_view part = text.substr(at, piece);
            result = response.feed({part.data(), part.size()});
        }
    }
    HttpHead head;
    unsigned heads = 0;
    std::string body;
    Result<void> result;
    HttpResponse response{[this](const HttpHead& seen) {
                              head = seen;
                              ++heads;
                              return Result<void>{};
                          },
                          [this](std::span<const char> part) {
                              body.append(part.data(), part.size());
                              return Result<void>{};
                          }};
};

constexpr std::string_view plain =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"abc\"\r\nLast-Modified: Mon, 01 Jan 2024 "
    "00:00:00 GMT\r\n\r\nhello";

} // namespace

TEST_CASE("a response is read whatever pieces it comes in") {
    for (const std::size_t piece : {1, 2, 3, 7, 64, 4096}) {
        INFO(piece);
        Reading reading(plain, piece);
        REQUIRE(reading.result);
        CHECK(reading.response.is_done());
        CHECK(reading.heads == 1);
        CHECK(reading.head.status == 200);
        CHECK(reading.head.content_length == 5u);
        CHECK(reading.head.etag == "\"abc\"");
        CHECK(reading.body == "hello");
    }
}

TEST_CASE("chunked bodies are put together") {
    Reading reading("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                    "chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n");
    REQUIRE(reading.result);
    CHECK(reading.response.is_done());
    CHECK_FALSE(reading.head.content_length);
    CHECK(reading.body == "hello");
}

TEST_CASE("heads are read as servers write them") {
    for (const char* head :
         {"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n",
          "HTTP/1.0 200 OK\nContent-Length: 5\n\n", "HTTP/1.1 200 OK\r\ncontent-length:5\r\n\n",
          "HTTP/1.1 200 OK\nCONTENT-LENGTH : 5 \n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
          "HTTP/1.1 200 OK\r\nX: a\r\n  b: c\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n"})
        for (const std::size_t piece : {1, 3, 4096}) {
            INFO(head);
            Reading reading(std::string(head) + "hello", piece);
            REQUIRE(reading.result);
            CHECK(reading.head.status == 200);
            CHECK(reading.head.content_length == 5u);
            CHECK(reading.response.is_done());
            CHECK(reading.body == "hello");
        }
    Reading folded("HTTP/1.1 302 Found\r\nLocation:\r\n\t/x \r\n\r\n");
    CHECK(folded.head.location == "/x");
    Reading encoded("HTTP/1.1 200 OK\nContent-Encoding: GZIP\nContent-Length: 1\n\nx");
    CHECK(encoded.head.content_encoding == "gzip");
}

TEST_CASE("chunks are read in odd forms, and their length counts whatever the head says") {
    for (const char* body :
         {"5\nhello\n0\n\n", "0005 \r\nhello\r\n000\r\n\r\n",
          "5;a=\"b;c\"\r\nhello\r\n0;x\r\nTrailer: y\r\n\r\n", "3\r\nhel\r\n2\nlo\r\n0\r\n\r\nmore"})
        for (const std::size_t piece : {1, 2, 4096}) {
            INFO(body);
            Reading reading(
                std::string("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: Chunked\r\n\r\n") +
                    body,
                piece);
            REQUIRE(reading.result);
            CHECK(reading.response.is_done());
            CHECK(reading.body == "hello");
            CHECK_FALSE(reading.head.content_length);
        }
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    Reading without_end(head + "5\r\nhello\r\n0\r\n");
    CHECK(without_end.response.feed_end());
    for (const char* bad :
         {"\r\n", "-1\r\n", "0x5\r\n", "5 5\r\n", "fffffffffffffffff\r\n", "3\r\nhello\r\n"}) {
        INFO(bad);
        Reading reading(head + bad);
        REQUIRE_FALSE(reading.result);
        CHECK(reading.result.error().first().code == "MPX-HTTP-04");
    }
    Reading other("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
    REQUIRE_FALSE(other.result);
    CHECK_THAT(other.result.error().text(), Catch::Contains("gzip, chunked"));
}

TEST_CASE("answers that have no body end with their head") {
    for (const char* status : {"204 No Content", "304 Not Modified"}) {
        Reading reading(std::string("HTTP/1.1 ") + status + "\r\nContent-Length: 5\r\n\r\n");
        CHECK(reading.response.is_done());
    }
    CHECK(Reading("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").response.is_done());
}

TEST_CASE("a body without length ends with the connection, any other must not") {
    Reading open_ended("HTTP/1.0 200 OK\r\n\r\nhello");
    CHECK_FALSE(open_ended.response.is_done());
    CHECK(open_ended.response.feed_end());
    CHECK(open_ended.body == "hello");
    for (const std::string_view text :
         {plain.substr(0, plain.size() - 1), plain.substr(0, 20), std::string_view(""),
          std::string_view("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n")}) {
        INFO(text);
        Reading cut(text);
        const Result<void> end = cut.response.feed_end();
        REQUIRE_FALSE(end);
        CHECK(end.error().first().code == "MPX-FETCH-07");
    }
}

TEST_CASE("a response that is not HTTP is refused") {
    for (const char* text :
         {"SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
        INFO(text);
        Reading reading(text);
        REQUIRE_FALSE(reading.result);
        CHECK(reading.result.error().first().code == "MPX-HTTP-04");
    }
    const std::string endless = "HTTP/1.1 200 OK\r\nX: " + std::string(100000, 'x');
    CHECK_FALSE(Reading(endless, 1000).result);
}

TEST_CASE("a refusal of the reader ends the response with the reader's error") {
    HttpResponse response([](const HttpHead&) { return Result<void>{}; },
                          [](std::span<const char>) -> Result<void> { return fail("disk", "full"); });
    const Result<void> result = response.feed({plain.data(), plain.size()});
    REQUIRE_FALSE(result);
    CHECK(result.error().text() == "disk: full");
}

TEST_CASE("Content-Range is read when it makes sense") {
    const auto range = [](std::string_view text) {
        HttpHead head;
        parse_content_range(text, head);
        return std::pair(head.range_first, head.range_total);
    };
    using Pair = std::pair<std::optional<std::uint64_t>, std::optional<std::uint64_t>>;
    CHECK(range("bytes 5-9/10") == Pair(5, 10));
    CHECK(range("bytes 5-9/*") == Pair(5, std::nullopt));
    CHECK(range("bytes */10") == Pair(std::nullopt, 10));
    for (const char* bad : {"", "bytes", "bytes 5-9", "items 5-9/10", "bytes 9-5/10", "bytes 5-10/10",
                            "bytes -5/10", "bytes 5/10"})
        CHECK(range(bad) == Pair(std::nullopt, std::nullopt));
}

TEST_CASE("only a strong tag or a date makes a download resumable") {
    HttpHead head;
    CHECK(validator_of(head).empty());
    head.last_modified = "Mon, 01 Jan 2024 00:00:00 GMT";
    CHECK(validator_of(head) == head.last_modified);
    head.etag = "W/\"abc\"";
    CHECK(validator_of(head) == head.last_modified);
    head.etag = "\"abc\"";
    CHECK(validator_of(head) == "\"abc\"");
}

TEST_CASE("a line without end in a chunked body is refused, not kept") {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string& start : {head + "5;", head + "0\r\nX: "}) {
        const Reading reading(start + std::string(1 << 20, 'a'), 65536);
        REQUIRE_FALSE(reading.result);
        CHECK(reading.result.error().first().code == "MPX-HTTP-04");
    }
}

TEST_CASE("interim responses are passed over, a protocol that was not asked for is none of them") {
    for (const std::size_t piece : {1, 5, 4096}) {
        const std::string text =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
            std::string(plain);
        Reading reading(text, piece);
        REQUIRE(reading.result);
        CHECK(reading.heads == 1);
        CHECK(reading.head.status == 200);
        CHECK(reading.body == "hello");
        CHECK(reading.response.is_done());
    }
    Reading switching("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    CHECK(switching.head.status == 101);
    Reading cut("HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(cut.heads == 0);
    CHECK_FALSE(cut.response.feed_end());
}
