// SPDX-License-Identifier: MIT
// The log lines to a syslog server, by UDP (RFC 5424, RFC 5426), those from before there was a network first.
#pragma once

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/runtime/console_log.hpp"

namespace mkpxerd::netboot {

// One message: "<30>1 2026-01-02T03:04:05.678Z host mkpxerd - - - text". Pure.
// boot_time: when uptime was zero, in milliseconds since 1970. The text gets a byte order mark when it is not
// ASCII.
std::string syslog_message(const ConsoleLog::Line& line, std::chrono::milliseconds boot_time,
                           std::string_view host);

class Syslog {
  public:
    explicit Syslog(boost::asio::io_context& io) : socket_(io) {}

    // Sends what the log has said so far and listens to it from then on; the Syslog must live as long as the
    // log speaks. The servers are one log: the first is used until the network says that it takes nothing,
    // and the next one gets everything again. Errors: no address can be used. What is lost on the way is
    // lost.
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
