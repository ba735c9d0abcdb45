// SPDX-License-Identifier: MIT
// The mount service at a known port of the loopback interface; the portmapper has a port of its own, and is
// asked by the boots. mount_message_test has the messages.
#include "mkpxerd/netboot/mount/nfs_exports.hpp"

#include <catch2/catch.hpp>

#include "run_task.hpp"
#include "scripted_server.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

std::string number(std::uint32_t value) {
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
            static_cast<char>(value)};
}
std::string text(std::string_view value) {
    return number(static_cast<std::uint32_t>(value.size())) + std::string(value) +
           std::string((4 - value.size() % 4) % 4, '\0');
}
// RFC 5531 9: an accepted reply to the call with this transaction id, and 11: as one fragment.
std::string fragment(std::string_view bytes, bool last = true) {
    return number(static_cast<std::uint32_t>(bytes.size()) | (last ? 0x80000000U : 0)) + std::string(bytes);
}
std::string reply(std::string_view xid, std::string_view results, std::uint32_t accept = 0) {
    return std::string(xid) + number(1) + number(0) + number(0) + number(0) + number(accept) +
           std::string(results);
}
const std::string two_exports = number(1) + text("/srv/root") + number(1) + text("*") + number(0) +
                                number(1) + text("/srv/home") + number(0) + number(0);

// A service that answers its one call so, from the call's transaction id.
struct Lab {
    using Answer = std::function<std::string(std::string_view xid)>;
    boost::asio::io_context io{1};
    std::string call;
    std::optional<test::ScriptedServer> server;

    void answer(Answer answer) {
        server.emplace(io, std::vector<test::ScriptedServer::Script>{
                               [this, answer](test::ServerEnd& end) -> boost::asio::awaitable<void> {
                                   call = co_await end.read_some();
                                   co_await end.write(answer(std::string_view(call).substr(4, 4)));
                               }});
    }
    Result<std::vector<std::string>> exports(Answer how) {
        answer(std::move(how));
        return test::run(io, read_exports(io, "127.0.0.1", server->port(), Clock::now() + 20s));
    }
    Result<MountAnswer> mount(Answer how) {
        answer(std::move(how));
        return test::run(io,
                         read_mount_answer(io, "127.0.0.1", server->port(), "/srv/root", Clock::now() + 20s));
    }
};

} // namespace

TEST_CASE("the exports of a server are read, in one fragment or in several") {
    Lab lab;
    const std::vector<std::string> both = {"/srv/root", "/srv/home"};
    CHECK(lab.exports([](std::string_view xid) { return fragment(reply(xid, two_exports)); }).value() ==
          both);
    CHECK(lab.call.substr(16, 12) == number(100005) + number(3) + number(5));
    CHECK(lab.exports([](std::string_view xid) {
                 const std::string all = reply(xid, two_exports);
                 return fragment(all.substr(0, 30), false) + fragment("", false) + fragment(all.substr(30));
             })
              .value() == both);
    CHECK(lab.exports([](std::string_view xid) { return fragment(reply(xid, number(0))); }).value().empty());
}

TEST_CASE("the answer to a mount is read, with what the server offers or refuses") {
    Lab lab;
    const auto accepted = lab.mount([](std::string_view xid) {
        return fragment(reply(xid, number(0) + text("handle12") + number(1) + number(390003)));
    });
    REQUIRE(accepted);
    CHECK(accepted->status == 0);
    CHECK(accepted->flavors == std::vector<std::uint32_t>{390003});
    CHECK_THAT(lab.call, Catch::EndsWith(text("/srv/root")));
    const auto denied = lab.mount([](std::string_view xid) { return fragment(reply(xid, number(13))); });
    REQUIRE(denied);
    CHECK(denied->status == 13);
}

TEST_CASE("a reply that is cut, too long, rejected or nonsense is named, and read no further") {
    struct Row {
        Lab::Answer answer;
        const char* text;
    };
    const std::vector<Row> rows = {
        {[](std::string_view) { return std::string(); }, "in the middle of a reply"},
        {[](std::string_view xid) { return fragment(reply(xid, two_exports)).substr(0, 40); },
         "in the middle of a reply"},
        {[](std::string_view) { return number(0x80000000U | ((1U << 20) + 1)); }, "a reply that is too long"},
        {[](std::string_view) { return fragment(std::string(700 << 10, 'x'), false) + number(400 << 10); },
         "a reply that is too long"},
        {[](std::string_view xid) { return fragment(reply(xid, "", 1)); }, "rejected the call"},
        {[](std::string_view xid) { return fragment(reply(xid, number(7))); }, "unreadable list of exports"},
    };
    for (const Row& row : rows) {
        Lab lab;
        const auto exports = lab.exports(row.answer);
        REQUIRE_FALSE(exports);
        CHECK_THAT(exports.error().text(), Catch::Contains("127.0.0.1") && Catch::Contains(row.text));
    }
    Lab lab;
    CHECK_THAT(lab.mount([](std::string_view xid) { return fragment(reply(xid, "")); }).error().text(),
               Catch::Contains("unreadable reply to a mount request"));
}

TEST_CASE("a mount service that does not run is an error, not an empty list") {
    boost::asio::io_context io(1);
    const std::uint16_t port = test::closed_port(io);
    CHECK_FALSE(test::run(io, read_exports(io, "127.0.0.1", port, Clock::now() + 20s)));
}
