// SPDX-License-Identifier: MIT
// Fire and forget: a boot does not wait for its log.
#include "mkpxerd/netboot/syslog.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <ctime>
#include <fmt/format.h>

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

Result<void> Syslog::start(ConsoleLog& log, const std::string& address, std::uint16_t port,
                           std::string host) {
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) return fail(address, "is no address");
    const asio::ip::udp::endpoint server(ip, port);
    socket_.open(server.protocol(), error);
    // Connected, so that the kernel tells that nobody listens; it is not asked, and nothing is waited for.
    if (!error) socket_.connect(server, error);
    if (!error) socket_.non_blocking(true, error);
    if (error) return fail(address, "cannot be sent to: " + error.message());
    host_ = std::move(host);
    for (const ConsoleLog::Line& line : log.lines())
        send(line);
    log.set_listener([this](const ConsoleLog::Line& line) { send(line); });
    return {};
}

void Syslog::send(const ConsoleLog::Line& line) {
    boost::system::error_code ignored;
    socket_.send(asio::buffer(syslog_message(line, now() - uptime(), host_)), 0, ignored);
}

} // namespace mkpxerd::netboot
