// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/tls.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "temp_dir.hpp"
#include "tls_server.hpp"

using namespace mkpxerd;
using namespace mkpxerd::wrap;

namespace {

constexpr std::int64_t valid_time = 1750000000;

const test::Certificate& authority() {
    static const test::Certificate certificate("Site CA");
    return certificate;
}
const test::Certificate& server_certificate() {
    static const test::Certificate certificate("boot", "DNS:boot.example,IP:10.0.0.1", authority());
    return certificate;
}

TlsTrust trust_in(const test::Certificate& certificate) {
    const test::TempDir directory;
    const std::filesystem::path file = directory.write("ca.pem", certificate.pem());
    return TlsTrust::load(std::span(&file, 1)).value();
}

// Moves bytes until the client's handshake ends.
Result<void> shake_hands(TlsSession& client, test::TlsServer& server) {
    for (int flights = 0; flights < 8; ++flights) {
        const Result<bool> done = client.handshake();
        server.feed(client.take_output());
        if (!done) return fail(done.error());
        if (*done) return {};
        client.receive(server.take_output());
    }
    return fail("test", "the handshake does not end");
}

Error refusal(const test::Certificate& trusted, const std::string& host, std::int64_t now) {
    const TlsTrust trust = trust_in(trusted);
    TlsSession client = TlsSession::client(trust, {host, now, "RTC"}).value();
    test::TlsServer server(server_certificate());
    const Result<void> done = shake_hands(client, server);
    REQUIRE_FALSE(done);
    CHECK(done.error().first().object == host);
    CHECK_FALSE(server.is_connected()); // the alert has arrived
    return done.error();
}

} // namespace

TEST_CASE("a session carries bytes both ways, and ends in order") {
    const TlsTrust trust = trust_in(authority());
    for (const std::string host : {"boot.example", "10.0.0.1"}) {
        TlsSession client = TlsSession::client(trust, {host, valid_time, "RTC"}).value();
        test::TlsServer server(server_certificate());
        REQUIRE(shake_hands(client, server));
        CHECK(server.asked_for() == (host == "10.0.0.1" ? "" : host)); // RFC 6066 3: names only
        REQUIRE(client.write("hello"));
        server.feed(client.take_output());
        CHECK(server.received() == "hello");

        std::vector<char> buffer(100);
        client.receive(server.take_output());
        CHECK(client.read(buffer).value() == std::nullopt);
        server.write("welcome");
        server.close_notify();
        client.receive(server.take_output());
        REQUIRE(client.read(buffer).value() == std::size_t{7});
        CHECK(std::string_view(buffer.data(), 7) == "welcome");
        CHECK(client.read(buffer).value() == std::size_t{0});
    }
}

TEST_CASE("a certificate is refused with its reason: its dates, its issuer, its host") {
    const Error expired = refusal(authority(), "boot.example", test::certificate_end + 1);
    CHECK(expired.first().code == "MPX-TLS-01");
    CHECK_THAT(expired.first().text,
               Catch::Contains("it was valid until 2030-01-01 00:00 UTC, the clock says "
                               "2030-01-01 00:00 UTC (RTC)"));
    const Error early = refusal(authority(), "boot.example", test::certificate_begin - 1);
    CHECK(early.first().code == "MPX-TLS-02");
    CHECK_THAT(early.first().text, Catch::StartsWith("the clock says 2019-12-31 23:59 UTC (RTC)"));
    const Error stranger = refusal(test::Certificate("Other CA"), "boot.example", valid_time);
    CHECK(stranger.first().code == "MPX-TLS-03");
    CHECK_THAT(stranger.first().text, Catch::Contains("CN = Site CA"));
    CHECK_THAT(stranger.first().hint, Catch::Contains("--ca FILE"));
    // A second authority of the same name has another key.
    CHECK(refusal(test::Certificate("Site CA"), "boot.example", valid_time).first().code != Failure::None);
    CHECK(refusal(authority(), "other.example", valid_time).first().code == "MPX-TLS-04");
    CHECK(refusal(authority(), "10.0.0.2", valid_time).first().code == "MPX-TLS-04");
}

TEST_CASE("a peer that does not speak TLS, or stops doing so, breaks the session") {
    const TlsTrust trust = trust_in(authority());
    TlsSession plain = TlsSession::client(trust, {"boot.example", valid_time, "RTC"}).value();
    REQUIRE(plain.handshake().value() == false);
    const std::string_view answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    plain.receive(answer);
    const Result<bool> done = plain.handshake();
    REQUIRE_FALSE(done);
    CHECK(done.error().first().code == "MPX-TLS-05");
    CHECK_THAT(done.error().text(), Catch::Contains("boot.example: the TLS handshake failed: "));

    TlsSession client = TlsSession::client(trust, {"boot.example", valid_time, "RTC"}).value();
    test::TlsServer server(server_certificate());
    REQUIRE(shake_hands(client, server));
    server.write("welcome");
    std::string damaged = server.take_output();
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    client.receive(damaged);
    std::vector<char> buffer(100);
    const auto read = client.read(buffer);
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().text(), Catch::Contains("the TLS session broke: "));
    CHECK_FALSE(client.write("more"));
}

TEST_CASE("authorities come from every file that exists, and there must be one") {
    const test::TempDir directory;
    const auto bundle = directory.write("bundle.pem", "Site\n" + authority().pem() + "\nOther\n" +
                                                          test::Certificate("Other CA").pem());
    const auto single = directory.write("single.pem", test::Certificate("Third CA").pem());
    const auto empty = directory.write("empty.pem", "no certificate here\n");
    const auto missing = directory / "missing.pem";
    const auto load = [](std::vector<std::filesystem::path> files) { return TlsTrust::load(files); };
    CHECK(load({missing, bundle, empty, single}).value().certificates() == 3);

    const auto none = load({missing, empty});
    REQUIRE_FALSE(none);
    CHECK(none.error().first().code == "MPX-TLS-06");
    CHECK_THAT(none.error().text(),
               Catch::Contains("searched " + missing.string() + ", " + empty.string() + ")"));
    CHECK(load({}).error().first().code == "MPX-TLS-06");
    // The first half of a certificate is not one, and what stands before it counts.
    const auto cut =
        directory.write("cut.pem", authority().pem() + server_certificate().pem().substr(0, 100));
    CHECK(load({cut}).value().certificates() == 1);
}
