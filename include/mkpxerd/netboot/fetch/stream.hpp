// SPDX-License-Identifier: MIT
// A connection that bytes go through, whatever it is made of.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string_view>

#include "mkpxerd/netboot/net/resolver.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

class Stream {
  public:
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    virtual ~Stream() = default;

    // At least one byte; 0 when the other side has ended in order. Errors name the other side.
    virtual Task<std::size_t> read_some(std::span<char> buffer) = 0;
    virtual Task<void> write_all(std::string_view bytes) = 0;
    // Makes everything under way fail, now.
    virtual void abort() = 0;
    // The address of the other side.
    virtual std::string peer_address() const = 0;
};

// A TCP connection to the first address of the name that takes one, each given a few seconds.
// Errors: those of Resolver; MPX-FETCH-04 refused, MPX-FETCH-05 no route or no answer.
// small_segments: both sides send packets that pass any path. from_reserved_port: from one below 1024, if
// there is one.
Task<std::unique_ptr<Stream>> connect_tcp(boost::asio::io_context& io, const DnsConfig& dns, std::string host,
                                          std::uint16_t port, Deadline deadline, bool small_segments = false,
                                          bool from_reserved_port = false);

} // namespace mkpxerd::netboot
