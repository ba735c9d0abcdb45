// SPDX-License-Identifier: MIT
// Socket options first, because they apply to the SYN.
#include "mkpxerd/netboot/net/tcp_connect.hpp"

#include <cerrno>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int small_segment = 1200; // bytes; with headers below 1280, the smallest MTU of IPv6

// NFS servers trust clients on ports that only root can use. If none is free, the kernel chooses any port.
void take_reserved_port(tcp::socket& socket, tcp protocol) {
    constexpr unsigned short first = 600; // below are well-known services
    boost::system::error_code error = asio::error::address_in_use;
    for (unsigned short port = 1023; port >= first && error == asio::error::address_in_use; --port)
        socket.bind({protocol, port}, error);
}

boost::system::error_code prepare(tcp::socket& socket, tcp protocol, const TcpOptions& options) {
    boost::system::error_code error;
    socket.open(protocol, error);
    if (error) return error;
    const std::string_view interface = options.interface;
    if (!interface.empty() && ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_BINDTODEVICE,
                                           interface.data(), static_cast<socklen_t>(interface.size())) != 0)
        return {errno, boost::system::system_category()};
    if (options.small_segments)
        static_cast<void>(::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_MAXSEG, &small_segment,
                                       sizeof small_segment));
    if (options.from_reserved_port) take_reserved_port(socket, protocol);
    return error;
}

} // namespace

asio::awaitable<TcpAttempt> connect_socket(asio::io_context& io, tcp::endpoint endpoint, Deadline deadline,
                                           TcpOptions options, std::stop_token stop) {
    tcp::socket socket(io);
    boost::system::error_code error = prepare(socket, endpoint.protocol(), options);
    if (error) co_return TcpAttempt{std::move(socket), error};
    const Interrupt interrupt(io, deadline, stop, [&socket] {
        boost::system::error_code ignored;
        socket.close(ignored);
    });
    // Asio would open a closed socket again.
    if (!interrupt.fired())
        co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (interrupt.fired())
        error = stop.stop_requested() ? asio::error::operation_aborted : asio::error::timed_out;
    co_return TcpAttempt{std::move(socket), error};
}

} // namespace mkpxerd::netboot
