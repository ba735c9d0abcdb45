// SPDX-License-Identifier: MIT
// Switches terminals out of line mode for a while.
#include "mkpxerd/netboot/runtime/key_watch.hpp"

#include <boost/asio/buffer.hpp>
#include <fcntl.h>

#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::netboot {

namespace asio = boost::asio;

KeyWatch::KeyWatch(asio::io_context& io, const std::vector<std::string>& paths) : pressed_(io) {
    for (const std::string& path : paths) {
        UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        termios settings{};
        if (!fd || ::tcgetattr(fd.get(), &settings) != 0) continue;
        auto stream = watched(io, std::move(fd), path);
        if (!stream) continue;
        Console& console = consoles_.emplace_back(Console{path, std::move(*stream), settings, 0});
        settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        ::tcsetattr(console.stream.native_handle(), TCSANOW, &settings);
        listen(console);
    }
}

KeyWatch::~KeyWatch() {
    for (Console& console : consoles_) {
        if (!console.stream.is_open()) continue;
        ::tcsetattr(console.stream.native_handle(), TCSANOW, &console.saved);
        boost::system::error_code ignored;
        console.stream.close(ignored);
    }
}

void KeyWatch::listen(Console& console) {
    console.stream.async_read_some(asio::buffer(&console.key, 1),
                                   [this, &console](const boost::system::error_code& error, std::size_t got) {
                                       if (error || got == 0) return; // the console or this object is gone
                                       console_ = console.path;
                                       pressed_.notify();
                                   });
}

asio::awaitable<std::optional<std::string>> KeyWatch::wait(Deadline deadline) {
    while (!console_ && Clock::now() < deadline)
        co_await pressed_.wait(deadline);
    co_return console_;
}

} // namespace mkpxerd::netboot
