// SPDX-License-Identifier: MIT
// Attempts against a server on the loopback interface that answers as the test says.
#include "mkpxerd/netboot/fetch/http_download.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <zlib.h>

#include "failure_text.hpp"
#include "run_task.hpp"
#include "scripted_server.hpp"
#include "transfer_bench.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

using Kind = AttemptEnd::Kind;

// One answer a connection; {port} in it is the server's own port.
struct Lab : test::TransferBench {
    std::vector<std::string> requests;

    AttemptEnd attempt(std::vector<std::string> answers, const std::string& path = "/object") {
        requests.clear();
        std::vector<test::ScriptedServer::Script> scripts;
        std::uint16_t port = 0;
        for (std::string& answer : answers)
            scripts.emplace_back([this, answer, &port](test::ServerEnd& end) -> boost::asio::awaitable<void> {
                requests.push_back(co_await end.read_until("\r\n\r\n"));
                std::string text = answer;
                if (const std::size_t at = text.find("{port}"); at != std::string::npos)
                    text.replace(at, 6, std::to_string(port));
                co_await end.write(std::move(text));
            });
        const test::ScriptedServer server(io, std::move(scripts));
        port = server.port();
        const std::string place = fmt::format("http://me:secret@127.0.0.1:{}", port);
        if (is_proxy) context.proxy = parse_url(place).value();
        const Url url = parse_url((is_proxy ? "http://192.0.2.1" : place) + path).value();
        return test::run(io, http_attempt(context, url, transfer));
    }
    bool is_proxy = false; // the server is the proxy in front of 192.0.2.1
};

std::string ok(std::string_view body, std::string_view fields = "") {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n{}", body.size(), fields, body);
}
std::string status(std::string_view line, std::string_view fields = "") {
    return fmt::format("HTTP/1.1 {}\r\nContent-Length: 4\r\n{}\r\npage", line, fields);
}
std::string redirect(std::string_view location) {
    return status("302 Found", fmt::format("Location: {}\r\n", location));
}

std::string gzip(std::string_view bytes) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(bytes.size() + 100, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

} // namespace

TEST_CASE("an object arrives whole, by its length or by the end of the connection") {
    Lab lab;
    CHECK(lab.attempt({ok("hello", "ETag: \"v1\"\r\n")}).kind == Kind::Complete);
    CHECK(lab.content() == "hello");
    CHECK(lab.transfer.validator == "\"v1\"");
    CHECK(lab.transfer.total == 5);
    CHECK_THAT(lab.requests.at(0), Catch::StartsWith("GET /object HTTP/1.1\r\n") &&
                                       Catch::Contains("Authorization: Basic bWU6c2VjcmV0\r\n") &&
                                       !Catch::Contains("Range"));
    Lab endless;
    CHECK(endless.attempt({"HTTP/1.0 200 OK\r\n\r\nhello"}).kind == Kind::Complete);
    CHECK(endless.content() == "hello");
    CHECK(endless.transfer.total == std::nullopt);
}

TEST_CASE("a connection that ends too early is worth another attempt, which goes on where it ended") {
    Lab lab;
    const AttemptEnd cut =
        lab.attempt({"HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 11\r\n\r\nhello"});
    CHECK(cut.kind == Kind::Again);
    CHECK(cut.error->first().code == "MPX-FETCH-07");
    CHECK_THAT(cut.error->text(), Catch::Contains("/object") && !Catch::Contains("secret"));
    CHECK(lab.attempt({"HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Length: 6\r\n"
                       "Content-Range: bytes 5-10/11\r\n\r\n world"})
              .kind == Kind::Complete);
    CHECK_THAT(lab.requests.at(0),
               Catch::Contains("Range: bytes=5-\r\n") && Catch::Contains("If-Range: \"v1\"\r\n"));
    CHECK(lab.content() == "hello world");
}

TEST_CASE("a server with a new version sends all of it, and the file begins anew") {
    Lab lab;
    lab.begun("old", "\"v1\"");
    CHECK(lab.attempt({ok("newer", "ETag: \"v2\"\r\n")}).kind == Kind::Complete);
    CHECK(lab.content() == "newer");
    CHECK(lab.transfer.validator == "\"v2\"");
}

TEST_CASE("a range that was not asked for is refused, and the next attempt fetches all") {
    const auto [range, tag] = GENERATE(std::pair("bytes 2-4/5", "\"v1\""),  // overlaps
                                       std::pair("bytes 4-4/5", "\"v1\""),  // leaves a gap
                                       std::pair("bytes 3-4/9", "\"v1\""),  // of another length
                                       std::pair("bytes 3-4/5", "\"v2\"")); // of another version
    Lab lab;
    lab.begun("hel", "\"v1\"");
    lab.transfer.total = 5;
    const AttemptEnd end = lab.attempt({fmt::format(
        "HTTP/1.1 206 Partial Content\r\nETag: {}\r\nContent-Range: {}\r\nContent-Length: 2\r\n\r\nlo", tag,
        range)});
    CHECK(end.kind == Kind::Again);
    CHECK(end.error->first().code == "MPX-HTTP-06");
    CHECK(lab.transfer.validator.empty());
    CHECK(lab.content() == "hel");
}

TEST_CASE("a part that was not asked for at all is refused") {
    Lab lab;
    CHECK(
        lab.attempt(
               {"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/5\r\nContent-Length: 2\r\n\r\nhe"})
            .error->first()
            .code == "MPX-HTTP-06");
    CHECK(lab.content().empty());
}

TEST_CASE("a server that has less than it announced before is told so") {
    Lab lab;
    lab.begun("hello", "\"v1\"");
    lab.transfer.total = 11;
    const AttemptEnd end = lab.attempt({status("416 Range Not Satisfiable", "Content-Range: bytes */5\r\n")});
    CHECK(end.kind == Kind::Again);
    CHECK(end.error->first().code == "MPX-FETCH-07");
    CHECK_THAT(end.error->text(), Catch::Contains("announced 11 bytes, but has only 5"));
    CHECK(lab.transfer.validator.empty());
}

TEST_CASE("the status decides whether another attempt or another URL can help") {
    struct Row {
        const char* line;
        Kind kind;
        const char* code;
    };
    const Row row = GENERATE(Row{"404 Not Found", Kind::NotFound, "MPX-HTTP-01"},
                             Row{"410 Gone", Kind::NotFound, "MPX-HTTP-01"},
                             Row{"403 Forbidden", Kind::NotFound, "MPX-HTTP-02"},
                             Row{"401 Unauthorized", Kind::Definite, "MPX-HTTP-02"},
                             Row{"407 Proxy Authentication Required", Kind::Definite, "MPX-HTTP-07"},
                             Row{"408 Request Timeout", Kind::Again, "MPX-HTTP-03"},
                             Row{"416 Range Not Satisfiable", Kind::Again, "MPX-HTTP-06"},
                             Row{"429 Too Many Requests", Kind::Again, "MPX-HTTP-03"},
                             Row{"500 Internal Server Error", Kind::Again, "MPX-HTTP-03"},
                             Row{"304 Not Modified", Kind::Again, "MPX-HTTP-03"});
    Lab lab;
    const AttemptEnd end = lab.attempt({status(row.line)});
    CAPTURE(row.line);
    CHECK(end.kind == row.kind);
    CHECK(end.error->first().code == row.code);
    CHECK_THAT(end.error->first().text, Catch::Contains(row.line));
    CHECK(lab.content().empty()); // not the error page
    CHECK(end.not_before == 0s);
}

TEST_CASE("a failure behind a proxy names the proxy and the object, without the password") {
    const auto [answer, text] = GENERATE(table<std::string, std::string>({
        {status("403 Forbidden"), "403 Forbidden (through the proxy http://127.0.0.1:"},
        {status("502 Bad Gateway"), "502 Bad Gateway (through the proxy http://127.0.0.1:"},
        {status("407 Who are you"), "the proxy http://127.0.0.1:"},
        {"", "through the proxy http://127.0.0.1:"},
    }));
    Lab lab;
    lab.is_proxy = true;
    const AttemptEnd end = lab.attempt({answer});
    REQUIRE(end.error);
    CHECK(end.error->first().object == "http://192.0.2.1/object");
    CHECK_THAT(end.error->first().text, Catch::Contains(text) && !Catch::Contains("secret"));
    CHECK(lab.attempt({ok("hello")}).kind == Kind::Complete);
}

TEST_CASE("a busy server may say when to ask again") {
    Lab lab;
    CHECK(lab.attempt({status("503 Service Unavailable", "Retry-After: 7\r\n")}).not_before == 7s);
}

TEST_CASE("redirects are followed, and their answers are not the object") {
    Lab lab;
    CHECK(lab.attempt({redirect("other?x=1"), redirect("http://127.0.0.1:{port}/third"), ok("hello")}).kind ==
          Kind::Complete);
    CHECK(lab.content() == "hello");
    REQUIRE(lab.requests.size() == 3);
    CHECK_THAT(lab.requests[1], Catch::StartsWith("GET /other?x=1 "));
    CHECK_THAT(lab.requests[2], Catch::StartsWith("GET /third "));
}

TEST_CASE("a redirect that leads nowhere ends the fetch") {
    const std::string location = GENERATE("", "ftp://127.0.0.1/object", "http://", "gopher://h/");
    Lab lab;
    const AttemptEnd end = lab.attempt({redirect(location)});
    CHECK(end.kind == Kind::Definite);
    CHECK(end.error->first().code == "MPX-HTTP-05");
    CHECK(lab.requests.size() == 1);
}

TEST_CASE("redirects in a circle end after ten") {
    Lab lab;
    const AttemptEnd end = lab.attempt(std::vector<std::string>(20, redirect("/object")));
    CHECK(end.kind == Kind::Definite);
    CHECK(end.error->first().text == "more than 10 redirects");
    CHECK(lab.requests.size() == 11);
}

TEST_CASE("a body that is compressed unasked is refused, one that only seems so is not") {
    const std::string archive = gzip("hello");
    Lab plain;
    CHECK(plain.attempt({ok(archive, "Content-Encoding: gzip\r\n")}).error->first().code == "MPX-HTTP-09");
    CHECK(plain.content().empty());
    Lab announced; // by its name
    CHECK(announced.attempt({ok(archive, "Content-Encoding: x-gzip\r\n")}, "/object.tar.gz?v=1").kind ==
          Kind::Complete);
    CHECK(announced.content() == archive);
    Lab twice;
    CHECK(
        twice.attempt({ok(gzip(archive), "Content-Encoding: gzip\r\n")}, "/object.tgz").error->first().code ==
        "MPX-HTTP-09");
    Lab other;
    CHECK(other.attempt({ok(archive, "Content-Encoding: br\r\n")}, "/object.gz").error->first().code ==
          "MPX-HTTP-09");
}

TEST_CASE("what is not HTTP, and a port where nothing listens, are named") {
    Lab lab;
    CHECK(lab.attempt({"220 an FTP server\r\n"}).error->first().code == "MPX-HTTP-04");
    const Url url = parse_url(fmt::format("http://127.0.0.1:{}/object", test::closed_port(lab.io))).value();
    const AttemptEnd refused = test::run(lab.io, http_attempt(lab.context, url, lab.transfer));
    CHECK(refused.kind == Kind::Again);
    CHECK(refused.error->first().code == "MPX-FETCH-04");
}

TEST_CASE("the version of an object is its strong tag, or its date") {
    HttpHead head;
    CHECK(validator_of(head).empty());
    head.last_modified = "Wed, 21 Oct 2015 07:28:00 GMT";
    head.etag = "W/\"weak\"";
    CHECK(validator_of(head) == head.last_modified);
    head.etag = "\"";
    CHECK(validator_of(head) == head.last_modified);
    head.etag = "\"strong\"";
    CHECK(validator_of(head) == "\"strong\"");
}
