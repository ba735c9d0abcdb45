// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/trial/loopback_server.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <sys/socket.h>

#include "temp_dir.hpp"
#include "unprivileged.hpp"

using namespace mkpxerd;

namespace {

// Sends the request in two pieces, turns the server until the answer is complete.
std::string ask(deploy::LoopbackServer& server, const std::string& request, bool as_other_user = false) {
    std::optional<test::Unprivileged> other;
    if (as_other_user) other.emplace();
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    other.reset(); // a socket stays with the user who made it
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const std::size_t half = request.size() / 2;
    REQUIRE(::send(fd.get(), request.data(), half, MSG_NOSIGNAL) == static_cast<ssize_t>(half));
    bool sent = false;
    std::string answer;
    for (int turn = 0; turn < 1000; ++turn) {
        auto wanted = server.wanted();
        wanted.push_back({fd.get(), POLLIN, 0});
        REQUIRE(::poll(wanted.data(), wanted.size(), sent ? 5000 : 50) >= 0);
        server.work(std::span(wanted).first(wanted.size() - 1));
        if (!std::exchange(sent, true))
            REQUIRE(::send(fd.get(), request.data() + half, request.size() - half, MSG_NOSIGNAL) > 0);
        if (wanted.back().revents == 0) continue;
        char bytes[65536];
        const ssize_t count = ::recv(fd.get(), bytes, sizeof bytes, 0);
        REQUIRE(count >= 0);
        if (count == 0) return answer;
        answer.append(bytes, static_cast<std::size_t>(count));
    }
    FAIL("the answer does not end");
    return {};
}

std::string get(deploy::LoopbackServer& server, const std::string& path) {
    return ask(server, "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
}

} // namespace

TEST_CASE("contents and files of the directory are served whole") {
    test::TempDir dir;
    const std::string large(3'000'000, 'k');
    dir.write("www/vmlinuz", large);
    dir.write("www/boot.ipxe", "of the directory");
    auto server = deploy::LoopbackServer::open();
    REQUIRE(server);
    const std::string path = server->serve_directory(dir / "www").value();
    server->add(path + "/boot.ipxe", "made");
    CHECK(get(*server, path + "/boot.ipxe?x=1") ==
          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmade");
    const std::string answer = get(*server, path + "/vmlinuz");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n"));
    CHECK(answer.ends_with("\r\n\r\n" + large));
    CHECK(ask(*server, "HEAD " + path + "/vmlinuz HTTP/1.1\r\n\r\n") ==
          "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a path is decoded, as the trial's plan expects") {
    test::TempDir dir;
    dir.write("secret", "s");
    dir.write("www/a b", "f");
    auto server = deploy::LoopbackServer::open();
    REQUIRE(server);
    const std::string path = server->serve_directory(dir / "www").value();
    CHECK(get(*server, path + "/a%20b").ends_with("\r\n\r\nf"));
    for (const char* bad : {"/%2e%2e/secret", "/..%2fsecret", "/a%20b%00"})
        CHECK(get(*server, path + bad).starts_with("HTTP/1.1 404"));
}

TEST_CASE("nothing outside the directory is served, and other methods are refused") {
    test::TempDir dir;
    dir.write("secret", "s");
    dir.write("www/file", "f");
    std::filesystem::create_symlink("../secret", dir / "www/out");
    auto server = deploy::LoopbackServer::open();
    REQUIRE(server);
    CHECK(get(*server, "/file").starts_with("HTTP/1.1 404"));
    const std::string directory = server->serve_directory(dir / "www").value();
    for (const char* path : {"/../secret", "/out", "/", "/none", ""})
        CHECK(get(*server, directory + path).starts_with("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"));
    CHECK(ask(*server, "POST " + directory + "/file HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
    CHECK(ask(*server, "\r\n\r\n").starts_with("HTTP/1.1 405"));
    CHECK(get(*server, directory + "/file").ends_with("\r\n\r\nf"));
}

TEST_CASE("the directory lies below a path that is another one each time, and nowhere else") {
    test::TempDir dir;
    dir.write("www/file", "f");
    auto server = deploy::LoopbackServer::open();
    auto other = deploy::LoopbackServer::open();
    REQUIRE(server);
    REQUIRE(other);
    const std::string path = server->serve_directory(dir / "www").value();
    CHECK(path.size() == 33);
    CHECK(path != other->serve_directory(dir / "www").value());
    CHECK(get(*server, path + "/file").ends_with("\r\n\r\nf"));
    for (const std::string& wrong :
         {std::string(), std::string("/"), path.substr(0, 32), path + "x", "/" + path})
        CHECK(get(*server, wrong + "/file").starts_with("HTTP/1.1 404"));
}

TEST_CASE("the file that is being sent is named, with its size") {
    test::TempDir dir;
    dir.write("www/boot/vmlinuz", std::string(3'000'000, 'k'));
    auto server = deploy::LoopbackServer::open();
    REQUIRE(server);
    const std::string path = server->serve_directory(dir / "www").value();
    CHECK(server->transfer().name.empty());
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const std::string request = "GET " + path + "/boot/vmlinuz HTTP/1.1\r\n\r\n";
    REQUIRE(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(request.size()));
    for (int turn = 0; turn < 100 && server->transfer().name.empty(); ++turn) {
        auto wanted = server->wanted();
        REQUIRE(::poll(wanted.data(), wanted.size(), 5000) > 0);
        server->work(wanted);
    }
    const auto transfer = server->transfer();
    CHECK(transfer.name == "vmlinuz");
    CHECK(transfer.size == 3'000'000);
}

TEST_CASE("another user of this system gets nothing, even with the path") {
    if (::geteuid() != 0) return; // who is not root cannot ask as somebody else
    test::TempDir dir;
    dir.write("www/file", "f");
    auto server = deploy::LoopbackServer::open();
    REQUIRE(server);
    const std::string path = server->serve_directory(dir / "www").value();
    server->add("/made", "m");
    for (const std::string& place : {path + "/file", std::string("/made")}) {
        CHECK(ask(*server, "GET " + place + " HTTP/1.1\r\n\r\n", true) ==
              "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        CHECK(get(*server, place).starts_with("HTTP/1.1 200"));
    }
}
