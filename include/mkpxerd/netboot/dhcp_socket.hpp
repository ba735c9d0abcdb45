// SPDX-License-Identifier: MIT
// UDP 68 -> 67 on one interface that has no address yet: AF_PACKET, with IP and UDP made by hand.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <span>
#include <vector>

#include "mkpxerd/netboot/task.hpp"

namespace mkpxerd::netboot {

class DhcpSocket {
  public:
    // Errors: MPX-NET-07 when the kernel has no packet sockets (af_packet).
    static Result<DhcpSocket> open(boost::asio::io_context& io, int interface_index);

    // From 0.0.0.0 to everybody. A frame that cannot be sent is lost like any other.
    void send(const std::vector<std::uint8_t>& message);
    // The payload of the next datagram from a server. nullopt: none is there, or others should have their
    // turn; wait() tells when to go on.
    std::optional<std::vector<std::uint8_t>> receive();
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
