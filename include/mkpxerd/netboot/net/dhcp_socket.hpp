// SPDX-License-Identifier: MIT
// UDP from port 68 on one interface that has no address yet: AF_PACKET, with IP and UDP made by hand.
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
    // Errors: MPX-NET-07 when the kernel has no packet sockets (af_packet).
    static Result<DhcpSocket> open(boost::asio::io_context& io, int interface_index);

    // From 0.0.0.0 to everybody. A frame that cannot be sent is lost like any other.
    void send(const std::vector<std::uint8_t>& message);
    // The next datagram to a client, from whatever port. nullopt: none is there, or others should have their
    // turn; wait() tells when to go on.
    std::optional<UdpPacket> receive();
    // Until something may have arrived, or cancel().
    boost::asio::awaitable<void> wait();
    void cancel();

  private:
    DhcpSocket(boost::asio::posix::stream_descriptor socket, int index)
        : socket_(std::move(socket)), interface_index_(index) {}
    boost::asio::posix::stream_descriptor socket_;
    int interface_index_;
};

} // namespace mkpxerd::netboot
