// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/loopback_server.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <sys/socket.h>

#include "temp_dir.hpp"

using namespace mkpxerd;

namespace {

// Sends the request in two pieces, turns the server until the answer is complete.
std::string ask(deploy::LoopbackServer& server, const std::string& request) {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
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

TEST_CASE("contents and files of the folder are served whole") {
    test::TempDir dir;
    const std::string large(3'000'000, 'k');
    dir.write("www/vmlinuz", large);
    dir.write("www/boot.ipxe", "of the folder");
    auto server = deploy::LoopbackServer::open();
    REQUIRE(server);
    server->serve_folder(dir / "www");
    server->add("/boot.ipxe", "made");
    CHECK(get(*server, "/boot.ipxe?x=1") ==
          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmade");
    const std::string answer = get(*server, "/vmlinuz");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n"));
    CHECK(answer.ends_with("\r\n\r\n" + large));
    CHECK(ask(*server, "HEAD /vmlinuz HTTP/1.1\r\n\r\n") ==
          "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\nConnection: close\r\n\r\n");
}

TEST_CASE("nothing outside the folder is served, and other methods are refused") {
    test::TempDir dir;
    dir.write("secret", "s");
    dir.write("www/file", "f");
    std::filesystem::create_symlink("../secret", dir / "www/out");
    auto server = deploy::LoopbackServer::open();
    REQUIRE(server);
    CHECK(get(*server, "/file").starts_with("HTTP/1.1 404"));
    server->serve_folder(dir / "www");
    for (const char* path : {"/../secret", "/out", "/", "/none"})
        CHECK(get(*server, path).starts_with("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"));
    CHECK(ask(*server, "POST /file HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
    CHECK(ask(*server, "\r\n\r\n").starts_with("HTTP/1.1 405"));
    CHECK(get(*server, "/file").ends_with("\r\n\r\nf"));
}
