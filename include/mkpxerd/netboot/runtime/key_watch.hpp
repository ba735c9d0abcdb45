// SPDX-License-Identifier: MIT
// Waits for a key on any of several consoles.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <list>
#include <optional>
#include <string>
#include <termios.h>
#include <vector>

#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// While it lives, keys are read one by one, without echo; its destructor restores the consoles.
class KeyWatch {
  public:
    KeyWatch(boost::asio::io_context& io, const std::vector<std::string>& paths);
    KeyWatch(const KeyWatch&) = delete;
    KeyWatch& operator=(const KeyWatch&) = delete;
    ~KeyWatch();

    // The console on which a key was pressed, also before the call; nullopt: no key until the deadline.
    boost::asio::awaitable<std::optional<std::string>> wait(Deadline deadline);

  private:
    struct Console {
        std::string path;
        boost::asio::posix::stream_descriptor stream;
        termios saved{};
        char key = 0;
    };
    void listen(Console& console);

    Notifier pressed_;
    std::optional<std::string> console_;
    std::list<Console> consoles_;
};

} // namespace mkpxerd::netboot
