// SPDX-License-Identifier: MIT
// A TCP server on 127.0.0.1 that follows a script, one function a connection, in the io_context of the test.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::test {

// The server's end of one connection, which closes with it.
class ServerEnd {
  public:
    using tcp = boost::asio::ip::tcp;
    explicit ServerEnd(tcp::socket socket) : socket_(std::move(socket)) {
        boost::system::error_code ignored;                // of a socket that was not accepted
        socket_.set_option(tcp::no_delay(true), ignored); // or the second of two writes waits for an ACK
    }

    // All bytes up to and including the mark; what came before the client closed.
    boost::asio::awaitable<std::string> read_until(std::string mark) {
        boost::system::error_code error;
        std::size_t length = co_await boost::asio::async_read_until(
            socket_, boost::asio::dynamic_buffer(pending_), mark,
            boost::asio::redirect_error(boost::asio::use_awaitable, error));
        if (error) length = pending_.size();
        std::string out = pending_.substr(0, length);
        pending_.erase(0, length);
        co_return out;
    }
    // Whatever arrives next; empty: the client closed.
    boost::asio::awaitable<std::string> read_some() {
        std::string out(65536, '\0');
        boost::system::error_code error;
        out.resize(co_await socket_.async_read_some(
            boost::asio::buffer(out), boost::asio::redirect_error(boost::asio::use_awaitable, error)));
        co_return out;
    }
    boost::asio::awaitable<void> write(std::string text) {
        boost::system::error_code gone;
        co_await boost::asio::async_write(socket_, boost::asio::buffer(text),
                                          boost::asio::redirect_error(boost::asio::use_awaitable, gone));
    }
    // Closes with RST instead of FIN.
    void reset() {
        socket_.set_option(boost::asio::socket_base::linger(true, 0));
        socket_.close();
    }

  private:
    tcp::socket socket_;
    std::string pending_;
};

class ScriptedServer {
  public:
    using Script = std::function<boost::asio::awaitable<void>(ServerEnd&)>;

    // Connections beyond the scripts stay in the queue of the listening socket: accepted, and silent.
    ScriptedServer(boost::asio::io_context& io, std::vector<Script> scripts)
        : acceptor_(std::make_shared<Acceptor>(
              io, ServerEnd::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0))) {
        boost::asio::co_spawn(io, serve(acceptor_, std::move(scripts)), boost::asio::detached);
    }
    std::uint16_t port() const { return acceptor_->local_endpoint().port(); }

  private:
    using Acceptor = ServerEnd::tcp::acceptor;
    static boost::asio::awaitable<void> serve(std::shared_ptr<Acceptor> acceptor,
                                              std::vector<Script> scripts) {
        for (const Script& script : scripts) {
            boost::system::error_code error;
            ServerEnd end(co_await acceptor->async_accept(
                boost::asio::redirect_error(boost::asio::use_awaitable, error)));
            if (error) co_return;
            co_await script(end);
        }
    }
    std::shared_ptr<Acceptor> acceptor_;
};

// A port of 127.0.0.1 that answers nothing, not even a SYN: its queue has room for one, which is there.
class SilentPort {
  public:
    explicit SilentPort(boost::asio::io_context& io) : acceptor_(io), only_one_(io) {
        acceptor_.open(ServerEnd::tcp::v4());
        acceptor_.bind({boost::asio::ip::address_v4::loopback(), 0});
        acceptor_.listen(0);
        only_one_.connect(acceptor_.local_endpoint());
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  private:
    ServerEnd::tcp::acceptor acceptor_;
    ServerEnd::tcp::socket only_one_;
};

// A port of 127.0.0.1 where nothing listens.
inline std::uint16_t closed_port(boost::asio::io_context& io) {
    return ServerEnd::tcp::acceptor(io, {boost::asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
}

} // namespace mkpxerd::test
