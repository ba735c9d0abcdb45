// SPDX-License-Identifier: MIT
// Both ends in memory: the inner stream hands its bytes to a TLS server, and the server's back.
#include "mkpxerd/netboot/fetch/tls_stream.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "run_task.hpp"
#include "temp_dir.hpp"
#include "tls_server.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

// What a test sees of the stream beneath, which the TLS stream owns.
struct Wire {
    test::TlsServer* server;
    bool broken = false; // writing fails
    bool aborted = false;
    std::size_t reads = 0;
};

class MemoryStream final : public Stream {
  public:
    explicit MemoryStream(Wire& wire) : wire_(wire) {}
    // As many bytes as a small packet; 0: the server has nothing to say, and has closed.
    Task<std::size_t> read_some(std::span<char> buffer) override {
        ++wire_.reads;
        pending_ += wire_.server->take_output();
        const std::size_t length = std::min({pending_.size(), buffer.size(), std::size_t{500}});
        std::copy_n(pending_.begin(), length, buffer.begin());
        pending_.erase(0, length);
        co_return length;
    }
    Task<void> write_all(std::string_view bytes) override {
        if (wire_.broken) co_return fail("10.0.0.1:443", "the connection broke", {}, Failure::CutOff);
        wire_.server->feed(bytes);
        co_return Result<void>{};
    }
    void abort() override { wire_.aborted = true; }
    std::string peer_address() const override { return "10.0.0.1"; }

  private:
    Wire& wire_;
    std::string pending_;
};

struct Lab {
    test::Certificate authority{"Site CA"};
    test::Certificate certificate{"boot", "DNS:boot.example", authority};
    test::TlsServer server{certificate};
    Wire wire{.server = &server};
    boost::asio::io_context io{1};
    wrap::TlsTrust trust = load();

    Result<std::unique_ptr<Stream>> start(std::string host = "boot.example") {
        return test::run(
            io, start_tls(std::make_unique<MemoryStream>(wire), trust, {std::move(host), 1750000000, "RTC"}));
    }
    wrap::TlsTrust load() const {
        const test::TempDir directory;
        const std::filesystem::path file = directory.write("ca.pem", authority.pem());
        return wrap::TlsTrust::load(std::span(&file, 1)).value();
    }
};

} // namespace

TEST_CASE("a TLS stream encrypts what passes, and knows the end from a cut") {
    Lab lab;
    const auto stream = lab.start();
    REQUIRE(stream);
    CHECK(lab.wire.reads > 1); // the handshake came in pieces
    CHECK((*stream)->peer_address() == "10.0.0.1");
    REQUIRE(test::run(lab.io, (*stream)->write_all("GET / HTTP/1.1")));
    CHECK(lab.server.received() == "GET / HTTP/1.1");

    std::vector<char> buffer(4);
    lab.server.write("answer");
    CHECK(test::run(lab.io, (*stream)->read_some(buffer)).value() == 4);
    CHECK(std::string_view(buffer.data(), 4) == "answ");
    CHECK(test::run(lab.io, (*stream)->read_some(buffer)).value() == 2);
    SECTION("the server says that it ends") {
        lab.server.close_notify();
        CHECK(test::run(lab.io, (*stream)->read_some(buffer)).value() == 0);
    }
    SECTION("an attacker closes the connection") {
        const auto cut = test::run(lab.io, (*stream)->read_some(buffer));
        REQUIRE_FALSE(cut);
        CHECK(cut.error().first().code == "MPX-FETCH-07");
        CHECK(cut.error().first().text == "the connection ended without TLS close_notify");
        CHECK(cut.error().first().object == "boot.example");
    }
    SECTION("the connection breaks while something is sent") {
        lab.wire.broken = true;
        const auto sent = test::run(lab.io, (*stream)->write_all("x"));
        REQUIRE_FALSE(sent);
        CHECK(sent.error().first().object == "10.0.0.1:443");
    }
    SECTION("a pending operation is given up") {
        (*stream)->abort();
        CHECK(lab.wire.aborted);
    }
}

TEST_CASE("a certificate for another host ends the handshake, and the server is told why") {
    Lab lab;
    const auto stream = lab.start("other.example");
    REQUIRE_FALSE(stream);
    CHECK(stream.error().first().code == "MPX-TLS-04");
    CHECK_FALSE(lab.server.is_connected());
}

TEST_CASE("a connection that breaks or closes during the handshake is told as such") {
    Lab closed;
    class NoAnswer final : public Stream {
      public:
        Task<std::size_t> read_some(std::span<char>) override { co_return std::size_t{0}; }
        Task<void> write_all(std::string_view) override { co_return Result<void>{}; }
        void abort() override {}
        std::string peer_address() const override { return ""; }
    };
    const auto ended = test::run(
        closed.io, start_tls(std::make_unique<NoAnswer>(), closed.trust, {"boot.example", 0, "RTC"}));
    REQUIRE_FALSE(ended);
    CHECK(ended.error().first().code == "MPX-FETCH-07");
    Lab broken;
    broken.wire.broken = true;
    CHECK(broken.start().error().first().text == "the connection broke");
}
