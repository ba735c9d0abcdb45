// SPDX-License-Identifier: MIT
// UDP from port 68 of an interface without an address: AF_PACKET, with our own IP and UDP headers.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <span>
#include <vector>

#include "mkpxerd/netboot/net/udp_packet.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

inline constexpr std::uint16_t dhcp_server_port = 67; // RFC 2131 4.1
inline constexpr std::uint16_t dhcp_client_port = 68;

class DhcpSocket {
  public:
    // Errors: MPX-NET-07 the kernel lacks packet sockets (af_packet).
    static Result<DhcpSocket> open(boost::asio::io_context& io, int interface_index);

    // Broadcasts from 0.0.0.0. A frame that cannot be sent counts as lost.
    void send(const std::vector<std::uint8_t>& message);
    // The next datagram to port 68, from any port. nullopt: nothing arrived, or other tasks must run; call
    // again after wait().
    std::optional<UdpPacket> receive();
    // Until a datagram may have arrived, or cancel().
    boost::asio::awaitable<void> wait();
    void cancel();

  private:
    DhcpSocket(boost::asio::posix::stream_descriptor socket, int index)
        : socket_(std::move(socket)), interface_index_(index) {}
    boost::asio::posix::stream_descriptor socket_;
    int interface_index_;
};

} // namespace mkpxerd::netboot
