// SPDX-License-Identifier: MIT
// TCP over Asio.
#include "mkpxerd/netboot/fetch/stream.hpp"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;

constexpr auto longest_connect = 8s; // the SYN goes out at 0, 1, 3 and 7 s

class TcpStream : public Stream {
  public:
    TcpStream(tcp::socket socket, std::string peer) : socket_(std::move(socket)), peer_(std::move(peer)) {}

    Task<std::size_t> read_some(std::span<char> buffer) override {
        boost::system::error_code error;
        const std::size_t length = co_await socket_.async_read_some(
            asio::buffer(buffer.data(), buffer.size()), asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::eof) co_return std::size_t{0};
        if (error)
            co_return fail(peer_, fmt::format("the connection broke: {}", error.message()), {},
                           Failure::CutOff);
        co_return length;
    }

    Task<void> write_all(std::string_view bytes) override {
        boost::system::error_code error;
        co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error)
            co_return fail(peer_, fmt::format("the connection broke: {}", error.message()), {},
                           Failure::CutOff);
        co_return Result<void>{};
    }

    std::string peer_address() const override {
        boost::system::error_code gone;
        return socket_.remote_endpoint(gone).address().to_string();
    }

    void abort() override {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

  private:
    tcp::socket socket_;
    std::string peer_;
};

Error connect_failure(const std::string& peer, const boost::system::error_code& error) {
    if (error == asio::error::connection_refused)
        return Error(Problem{.object = peer,
                             .text = "refuses the connection",
                             .hint = "does the server run, and on this port",
                             .code = Failure::ConnectionRefused});
    return Error(Problem{.object = peer,
                         .text = error == asio::error::timed_out
                                     ? "no answer"
                                     : fmt::format("cannot be reached: {}", error.message()),
                         .hint = "is there a route, or a firewall in between",
                         .code = Failure::HostSilent});
}

} // namespace

Task<std::unique_ptr<Stream>> connect_tcp(asio::io_context& io, const DnsConfig& dns, std::string host,
                                          std::uint16_t port, Deadline deadline, TcpOptions options) {
    Resolver resolver(io, dns);
    MKPXERD_CO_TRY_ASSIGN(const std::vector<asio::ip::address> addresses,
                          co_await resolver.resolve(host, deadline, {}));
    std::optional<Error> failure;
    for (const asio::ip::address& address : addresses) {
        const std::string literal = address.to_string();
        std::string peer = host == literal ? fmt::format("{}:{}", host, port)
                                           : fmt::format("{}:{} ({})", host, port, literal);
        TcpAttempt attempt = co_await connect_socket(
            io, {address, port}, std::min(deadline, Clock::now() + longest_connect), options);
        if (!attempt.error)
            co_return std::unique_ptr<Stream>(
                std::make_unique<TcpStream>(std::move(attempt.socket), std::move(peer)));
        keep_more_telling(failure, connect_failure(peer, attempt.error));
    }
    co_return fail(std::move(*failure));
}

} // namespace mkpxerd::netboot
