// SPDX-License-Identifier: MIT
// A connection that carries bytes: TCP, or TLS over another stream.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string_view>

#include "mkpxerd/netboot/net/resolver.hpp"
#include "mkpxerd/netboot/net/tcp_connect.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

class Stream {
  public:
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    virtual ~Stream() = default;

    // Reads at least one byte; 0: the peer closed the connection properly. Errors name the peer.
    virtual Task<std::size_t> read_some(std::span<char> buffer) = 0;
    virtual Task<void> write_all(std::string_view bytes) = 0;
    // Makes every pending operation fail at once.
    virtual void abort() = 0;
    // The address of the peer.
    virtual std::string peer_address() const = 0;
};

// Connects to the first address of the host that accepts; each gets a few seconds.
// Errors: those of Resolver; MPX-FETCH-04 refused, MPX-FETCH-05 no route or no answer.
Task<std::unique_ptr<Stream>> connect_tcp(boost::asio::io_context& io, const DnsConfig& dns, std::string host,
                                          std::uint16_t port, Deadline deadline, TcpOptions options = {});

} // namespace mkpxerd::netboot
