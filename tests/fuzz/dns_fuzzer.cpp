// SPDX-License-Identifier: MIT
// DNS answers as a hostile server on the loopback sends them: c-ares reads them, and our words for the
// outcome.
#include <arpa/inet.h>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include "mkpxerd/wrap/dns.hpp"

using namespace mkpxerd;

namespace {

constexpr std::size_t header_size = 12; // RFC 1035 4.1.1
constexpr int max_rounds = 8;

void require(bool holds) {
    if (!holds) __builtin_trap();
}

struct Server {
    int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    std::string address;

    Server() {
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof own;
        require(::bind(fd, reinterpret_cast<sockaddr*>(&own), length) == 0);
        require(::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length) == 0);
        address = fmt::format("127.0.0.1:{}", ntohs(own.sin_port));
    }

    // The bytes with the identity of the question that came, and with its question section when `whole`.
    void answer(std::string_view bytes, bool whole) const {
        char question[512];
        sockaddr_in client{};
        socklen_t length = sizeof client;
        const ssize_t got =
            ::recvfrom(fd, question, sizeof question, 0, reinterpret_cast<sockaddr*>(&client), &length);
        if (got < static_cast<ssize_t>(header_size)) return;
        std::string reply(bytes);
        if (whole && reply.size() >= header_size)
            reply.replace(header_size, 0, question + header_size,
                          static_cast<std::size_t>(got) - header_size);
        if (reply.size() >= 2) std::memcpy(reply.data(), question, 2);
        static_cast<void>(
            ::sendto(fd, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&client), length));
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static const Server server;
    auto query = DnsQuery::start({"boot.example", server.address, {}, std::chrono::milliseconds(1), 1});
    require(query.has_value());
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    for (int round = 0; round < max_rounds && !query->answer(); ++round) {
        server.answer(bytes, (data[0] & 1) != 0);
        query->process();
    }
    if (const auto& answer = query->answer())
        require((answer->outcome == DnsOutcome::Found) == !answer->addresses.empty());
    return 0;
}
