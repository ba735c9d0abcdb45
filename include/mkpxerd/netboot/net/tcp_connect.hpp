// SPDX-License-Identifier: MIT
// One attempt to open a TCP connection, with a deadline: for downloads and for probes.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <stop_token>
#include <string_view>
#include <type_traits>

#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

struct TcpOptions {
    std::string_view interface =
        {};                      // use the routes of this interface only; empty: of any. Outlives the attempt
    bool small_segments = false; // both sides send packets that fit every path
    bool from_reserved_port = false; // from a port below 1024, if one is free
};

// gcc 12 destroys an aggregate that is written as an argument within co_await twice.
static_assert(std::is_trivially_destructible_v<TcpOptions>);

struct TcpAttempt {
    boost::asio::ip::tcp::socket socket;
    // None: connected. timed_out: the deadline passed. operation_aborted: stopped.
    boost::system::error_code error;
};

boost::asio::awaitable<TcpAttempt> connect_socket(boost::asio::io_context& io,
                                                  boost::asio::ip::tcp::endpoint endpoint, Deadline deadline,
                                                  TcpOptions options = {}, std::stop_token stop = {});

} // namespace mkpxerd::netboot
