// SPDX-License-Identifier: MIT
// Two calls, each on its own connection: where is the mount service, and what does it export?
#include "mkpxerd/netboot/mount/nfs_exports.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/netboot/fetch/stream.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::uint16_t portmapper_port = 111;
constexpr std::uint32_t portmapper = 100000; // program; version 2, procedure 3: GETPORT
constexpr std::uint32_t mount_service = 100005;
constexpr std::uint32_t tcp = 6;
constexpr std::size_t max_bytes = 1 << 20; // of a reply

Task<std::string> read_exactly(Stream& stream, std::size_t size) {
    std::string all;
    std::array<char, 4096> buffer{};
    while (all.size() < size) {
        MKPXERD_CO_TRY_ASSIGN(const std::size_t got, co_await stream.read_some(std::span(buffer).first(
                                                         std::min(buffer.size(), size - all.size()))));
        if (got == 0) co_return fail(stream.peer_address(), "closed the connection in the middle of a reply");
        all.append(buffer.data(), got);
    }
    co_return all;
}

Task<std::string> ask(boost::asio::io_context& io, std::string server, std::uint16_t port, std::string call,
                      Deadline deadline) {
    const DnsConfig no_dns; // not needed for an address
    MKPXERD_CO_TRY_ASSIGN(const auto stream, co_await connect_tcp(io, no_dns, server, port, deadline,
                                                                  {.from_reserved_port = true}));
    const Interrupt at_deadline(io, deadline, {}, [&stream] { stream->abort(); });
    MKPXERD_CO_TRY(co_await stream->write_all(call));
    std::string reply;
    for (bool last = false; !last;) {
        MKPXERD_CO_TRY_ASSIGN(const std::string mark, co_await read_exactly(*stream, 4));
        const std::uint32_t head = read_rpc_number(mark);
        last = (head & rpc_last_fragment) != 0;
        const std::size_t size = head & ~rpc_last_fragment;
        if (size > max_bytes - reply.size()) co_return fail(server, "sent a reply that is too long");
        MKPXERD_CO_TRY_ASSIGN(const std::string part, co_await read_exactly(*stream, size));
        reply += part;
    }
    const auto results = parse_rpc_reply(reply);
    if (!results) co_return fail(server, "rejected the call");
    co_return std::string(*results);
}

Task<std::uint16_t> find_mount_service(boost::asio::io_context& io, std::string server, Deadline deadline) {
    const std::array<std::uint32_t, 4> arguments = {mount_service, 3, tcp, 0};
    std::string call = encode_rpc_call(portmapper, 2, 3, arguments);
    MKPXERD_CO_TRY_ASSIGN(const std::string answer,
                          co_await ask(io, server, portmapper_port, std::move(call), deadline));
    const std::uint32_t port = read_rpc_number(answer);
    if (port == 0 || port > UINT16_MAX)
        co_return fail(server, "does not offer the mount service of NFS version 3");
    co_return static_cast<std::uint16_t>(port);
}

Task<std::string> ask_mount_service(boost::asio::io_context& io, std::string server,
                                    std::optional<std::uint16_t> port, std::uint32_t procedure,
                                    std::vector<std::uint32_t> arguments, Deadline deadline) {
    if (!port) {
        MKPXERD_CO_TRY_ASSIGN(port, co_await find_mount_service(io, server, deadline));
    }
    std::string call = encode_rpc_call(mount_service, 3, procedure, arguments);
    co_return co_await ask(io, std::move(server), *port, std::move(call), deadline);
}

} // namespace

Task<std::vector<std::string>> read_exports(boost::asio::io_context& io, std::string server,
                                            std::optional<std::uint16_t> port, Deadline deadline) {
    MKPXERD_CO_TRY_ASSIGN(const std::string results,
                          co_await ask_mount_service(io, server, port, 5, {}, deadline));
    auto exports = parse_exports(results);
    if (!exports) co_return fail(server, "sent an unreadable list of exports");
    co_return std::move(*exports);
}

Task<MountAnswer> read_mount_answer(boost::asio::io_context& io, std::string server,
                                    std::optional<std::uint16_t> port, std::string path, Deadline deadline) {
    MKPXERD_CO_TRY_ASSIGN(const std::string results,
                          co_await ask_mount_service(io, server, port, 1, xdr_text(path), deadline));
    auto answer = parse_mount_answer(results);
    if (!answer) co_return fail(server, "sent an unreadable reply to a mount request");
    co_return std::move(*answer);
}

} // namespace mkpxerd::netboot
