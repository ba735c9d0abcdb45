// SPDX-License-Identifier: MIT
// Sends all log lines to a syslog server by UDP (RFC 5424, RFC 5426), beginning with those from before the
// network.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/runtime/console_log.hpp"

namespace mkpxerd::netboot {

// One message: "<30>1 2026-01-02T03:04:05.678Z host mkpxerd - - - text". Pure.
// boot_time: when uptime was zero, in milliseconds since 1970. A text that is not ASCII gets a byte order
// mark.
std::string syslog_message(const ConsoleLog::Line& line, std::chrono::milliseconds boot_time,
                           std::string_view host);

class Syslog {
  public:
    explicit Syslog(boost::asio::io_context& io) : socket_(io) {}

    // Sends the lines of the log so far, and then each new one. The Syslog must outlive the last line. One
    // server gets all: the first, until the network reports that it is unreachable, and then the next one,
    // which gets every line again. Lost datagrams are not sent again. Errors: no address can be used.
    Result<void> start(ConsoleLog& log, std::vector<boost::asio::ip::address> servers, std::uint16_t port,
                       std::string host);

  private:
    Result<void> connect();
    void send(const ConsoleLog::Line& line);
    void send_all();

    boost::asio::ip::udp::socket socket_;
    std::vector<boost::asio::ip::address> servers_;
    std::size_t current_ = 0; // of servers_
    std::uint16_t port_ = 0;
    std::string host_;
    ConsoleLog* log_ = nullptr;
};

} // namespace mkpxerd::netboot
