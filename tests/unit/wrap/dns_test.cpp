// SPDX-License-Identifier: MIT
// Questions to a server at a port of the loopback interface, in the same thread: one datagram there, one
// back.
#include "mkpxerd/wrap/dns.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <functional>
#include <poll.h>
#include <sys/socket.h>

#include "mkpxerd/base/unique_fd.hpp"

using namespace mkpxerd;

namespace {

// RFC 1035 4.1.1: the last bits of the head.
enum Code : std::uint8_t { NoError = 0, FormErr = 1, ServFail = 2, NxDomain = 3, NotImp = 4, Refused = 5 };
constexpr std::uint8_t authoritative = 0x04;
constexpr std::uint8_t recursion = 0x80;

// A reply to the question: its head and question again, then the answers.
std::string reply(std::string_view question, Code code, std::vector<std::string> answers = {},
                  std::uint8_t flags = 0, std::uint8_t more_flags = recursion) {
    std::string out(question);
    out[2] = static_cast<char>(0x80 | (out[2] & 0x01) | flags);
    out[3] = static_cast<char>(more_flags | code);
    out[7] = static_cast<char>(answers.size());
    out.resize(out.find('\0', 12) + 5); // without what follows the question
    out[11] = 0;
    for (const std::string& answer : answers)
        out += answer;
    return out;
}
// The name of the question, class IN, one hour.
std::string record(std::uint8_t type, std::string data) {
    std::string out("\xc0\x0c\0", 3);
    out += static_cast<char>(type);
    out += std::string("\0\x01\0\0\x0e\x10\0", 7);
    return out + static_cast<char>(data.size()) + data;
}
std::string address(std::string_view octets) {
    return record(1, std::string(octets));
}

class Server {
  public:
    Server() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&here), sizeof here) == 0);
        socklen_t length = sizeof here;
        REQUIRE(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&here), &length) == 0);
        address_ = fmt::format("127.0.0.1:{}", ntohs(here.sin_port));
    }
    // What the query makes of the answer.
    DnsAnswer ask(const std::function<std::string(std::string_view)>& answer, int tries = 1) {
        questions.clear();
        DnsQuery query = DnsQuery::start({.name = "boot.example",
                                          .server = address_,
                                          .interface = "",
                                          .first_timeout = std::chrono::milliseconds(answer ? 5000 : 1),
                                          .tries = tries})
                             .value();
        std::chrono::milliseconds longest{0};
        // c-ares counts in whole milliseconds: in the last one before a timeout it does not wait at all.
        for (int round = 0; !query.answer() && round < 1000000; ++round) {
            serve(answer);
            std::vector<pollfd> sockets;
            for (const DnsQuery::Watch& watch : query.watches())
                sockets.push_back({watch.fd, static_cast<short>(watch.read ? POLLIN : POLLOUT), 0});
            const std::chrono::milliseconds wait = query.wait_at_most();
            longest = std::max(longest, wait);
            ::poll(sockets.data(), sockets.size(), static_cast<int>(wait.count()));
            query.process();
        }
        CHECK(longest <= std::chrono::seconds(60));
        REQUIRE(query.answer());
        return *query.answer();
    }
    std::vector<std::string> questions;
    std::function<std::string(std::string_view)> forged; // arrives before the answer

  private:
    void serve(const std::function<std::string(std::string_view)>& answer) {
        std::array<char, 512> buffer{};
        sockaddr_in from{};
        socklen_t length = sizeof from;
        for (;;) {
            const ssize_t got = ::recvfrom(socket_.get(), buffer.data(), buffer.size(), 0,
                                           reinterpret_cast<sockaddr*>(&from), &length);
            if (got < 0) return;
            questions.emplace_back(buffer.data(), static_cast<std::size_t>(got));
            if (!answer) continue;
            for (const auto& source : {forged, answer}) {
                const std::string bytes = source ? source(questions.back()) : std::string();
                if (!bytes.empty())
                    ::sendto(socket_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from),
                             length);
            }
        }
    }
    UniqueFd socket_;
    std::string address_;
};

} // namespace

TEST_CASE("a question for the addresses of one name is asked, and every address read") {
    Server server;
    const DnsAnswer answer = server.ask([](std::string_view question) {
        return reply(question, NoError,
                     {address(std::string_view("\x0a\0\0\x01", 4)), address("\xc0\xa8\x01\x02")});
    });
    CHECK(answer.outcome == DnsOutcome::Found);
    CHECK(answer.addresses == std::vector<std::uint32_t>{0x0a000001, 0xc0a80102});
    REQUIRE(server.questions.size() == 1);
    CHECK_THAT(server.questions[0].substr(12), Catch::StartsWith(std::string("\x04"
                                                                             "boot\x07"
                                                                             "example\0\0\x01\0\x01",
                                                                             18)));
}

TEST_CASE("an alias is followed within the answer") {
    Server server;
    const std::string target("\x01"
                             "b\0",
                             3);
    const DnsAnswer answer = server.ask([&](std::string_view question) {
        std::string of_target = address("\x0a\x01\x01\x01").substr(2);
        return reply(question, NoError, {record(5, target), target + of_target});
    });
    CHECK(answer.outcome == DnsOutcome::Found);
    CHECK(answer.addresses == std::vector<std::uint32_t>{0x0a010101});
}

TEST_CASE("more addresses than any host has are cut") {
    Server server;
    const DnsAnswer answer = server.ask([](std::string_view question) {
        return reply(question, NoError, std::vector<std::string>(20, address("\x0a\x01\x01\x01")));
    });
    CHECK(answer.addresses.size() == 16);
}

TEST_CASE("a denial, a refusal and an answer without an address are told apart") {
    struct Row {
        Code code;
        std::uint8_t flags;
        std::uint8_t more_flags;
        DnsOutcome outcome;
    };
    const Row row = GENERATE(Row{NxDomain, 0, recursion, DnsOutcome::NoSuchName},
                             Row{NxDomain, authoritative, 0, DnsOutcome::NoSuchName},
                             Row{NoError, 0, recursion, DnsOutcome::NoAddress},
                             Row{NoError, authoritative, 0, DnsOutcome::NoAddress},
                             Row{NoError, 0, 0, DnsOutcome::Refused}, // a referral
                             Row{ServFail, 0, recursion, DnsOutcome::Refused},
                             Row{Refused, 0, 0, DnsOutcome::Refused}, Row{NotImp, 0, 0, DnsOutcome::Refused});
    Server server;
    const DnsAnswer answer = server.ask(
        [&](std::string_view question) { return reply(question, row.code, {}, row.flags, row.more_flags); });
    CAPTURE(int(row.code), int(row.flags), int(row.more_flags));
    CHECK(answer.outcome == row.outcome);
    CHECK(answer.addresses.empty());
    CHECK_FALSE(answer.text.empty());
}

TEST_CASE("an address of the wrong length is none, and a reply to another question does not count") {
    Server server;
    CHECK(server
              .ask([](std::string_view question) {
                  return reply(question, NoError, {address(std::string_view("\x0a\0\0", 3))});
              })
              .outcome != DnsOutcome::Found);
    Server other;
    other.forged = [](std::string_view question) {
        std::string bytes = reply(question, NoError, {address("\x0a\x09\x09\x09")});
        bytes[0] = static_cast<char>(bytes[0] ^ 0x55);
        return bytes;
    };
    const DnsAnswer answer = other.ask(
        [](std::string_view question) { return reply(question, NoError, {address("\x0a\x01\x01\x01")}); });
    CHECK(answer.addresses == std::vector<std::uint32_t>{0x0a010101});
}

TEST_CASE("a silent server is asked as often as said") {
    Server server;
    const DnsAnswer answer = server.ask(nullptr, 3);
    CHECK(answer.outcome == DnsOutcome::NoAnswer);
    CHECK(server.questions.size() == 3);
}

TEST_CASE("a name that cannot be asked for is denied, and a server that is not an address refused") {
    Server server;
    const auto ask = [](std::string name, std::string address) {
        return DnsQuery::start({.name = std::move(name), .server = std::move(address), .interface = ""});
    };
    const DnsQuery too_long = ask(std::string(64, 'a') + ".example", "127.0.0.1").value();
    REQUIRE(too_long.answer());
    CHECK(too_long.answer()->outcome == DnsOutcome::NoSuchName);
    CHECK(too_long.watches().empty());
    const auto nowhere = ask("boot.example", "boot.example");
    REQUIRE_FALSE(nowhere);
    CHECK_THAT(nowhere.error().text(), Catch::Contains("the DNS server 'boot.example' is not an address"));
}
