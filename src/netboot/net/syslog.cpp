// SPDX-License-Identifier: MIT
// A boot does not wait for its log server.
#include "mkpxerd/netboot/net/syslog.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <ctime>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace mkpxerd::netboot {

namespace asio = boost::asio;

namespace {

constexpr unsigned facility_daemon = 3; // RFC 5424, table 1

std::chrono::milliseconds now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
}

} // namespace

std::string syslog_message(const ConsoleLog::Line& line, std::chrono::milliseconds boot_time,
                           std::string_view host) {
    const std::chrono::milliseconds when = boot_time + line.uptime;
    const std::time_t seconds = when.count() / 1000;
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    const bool is_ascii =
        std::all_of(line.text.begin(), line.text.end(), [](char c) { return (c & 0x80) == 0; });
    return fmt::format("<{}>1 {:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z {} mkpxerd - - - {}{}",
                       facility_daemon * 8 + severity(line.level), utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, when.count() % 1000,
                       host.empty() ? "-" : host, is_ascii ? "" : "\xef\xbb\xbf", line.text);
}

Result<void> Syslog::start(ConsoleLog& log, std::vector<asio::ip::address> servers, std::uint16_t port,
                           std::string host) {
    servers_ = std::move(servers);
    port_ = port;
    host_ = std::move(host);
    log_ = &log;
    Result<void> connected = fail("syslog", "has no server");
    for (current_ = 0; current_ < servers_.size(); ++current_) {
        connected = connect();
        if (connected) break;
    }
    MKPXERD_TRY(connected);
    send_all();
    log.set_listener([this](const ConsoleLog::Line& line) { send(line); });
    return {};
}

// The socket is connected, so that the kernel reports with the next line that nobody receives them.
Result<void> Syslog::connect() {
    const asio::ip::udp::endpoint server(servers_[current_], port_);
    boost::system::error_code error;
    socket_.close(error);
    socket_.open(server.protocol(), error);
    const int on = 1; // report unreachable hosts, too (ip(7))
    if (!error && server.address().is_v4())
        static_cast<void>(::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_RECVERR, &on, sizeof on));
    if (!error) socket_.connect(server, error);
    if (!error) socket_.non_blocking(true, error);
    if (error)
        return fail(server.address().to_string(), "cannot be used as a log server: " + error.message());
    return {};
}

void Syslog::send(const ConsoleLog::Line& line) {
    boost::system::error_code error;
    socket_.send(asio::buffer(syslog_message(line, now() - uptime(), host_)), 0, error);
    const bool full = error == asio::error::would_block || error == asio::error::no_buffer_space;
    if (!error || full || current_ + 1 >= servers_.size()) return;
    ++current_;
    if (connect()) send_all();
}

void Syslog::send_all() {
    const std::size_t server = current_;
    for (std::size_t i = 0; i < log_->lines().size() && server == current_; ++i)
        send(log_->lines()[i]);
}

} // namespace mkpxerd::netboot
