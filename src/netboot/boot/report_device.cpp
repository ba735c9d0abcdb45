// SPDX-License-Identifier: MIT
// Waits until the bytes are out: what is left in the kernel's buffer is lost when the machine restarts, and
// closing the port would wait for it, for up to half a minute.
#include "mkpxerd/netboot/boot/report_device.hpp"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds between_looks(10);

// Does the kernel print to this port? Its speed is then that of the other end.
bool is_console(const System& system, std::string_view path) {
    const auto active = read_file(system.host("/sys/class/tty/console/active"));
    const auto names = split_words(active ? std::string_view(*active) : std::string_view());
    return std::find(names.begin(), names.end(), path.substr(path.rfind('/') + 1)) != names.end();
}

// Bytes as they are, and at the usual speed of consoles where nothing else uses the port.
bool make_raw(int terminal, termios settings, bool keep_speed) {
    ::cfmakeraw(&settings);
    if (!keep_speed) ::cfsetspeed(&settings, B115200);
    return ::tcsetattr(terminal, TCSANOW, &settings) == 0;
}

bool is_sent(int terminal) {
    int left = 0;
    return ::ioctl(terminal, TIOCOUTQ, &left) != 0 || left == 0;
}

} // namespace

Task<void> write_report_to(asio::io_context& io, const System& system, std::string path, std::string report,
                           Deadline deadline) {
    MKPXERD_CO_TRY_ASSIGN(UniqueFd fd, open_file(system.host(path), O_RDWR | O_NOCTTY | O_NONBLOCK));
    termios before{};
    if (::tcgetattr(fd.get(), &before) != 0 || !make_raw(fd.get(), before, is_console(system, path)))
        co_return fail(path, "is not a working serial port", "name one in mkpxerd.report=, or a URL");
    MKPXERD_CO_TRY_ASSIGN(auto port, watched(io, std::move(fd), path));
    const Interrupt late(io, deadline, {}, [&port] { port.cancel(); });
    boost::system::error_code error;
    co_await asio::async_write(port, asio::buffer(report), asio::redirect_error(asio::use_awaitable, error));
    while (!error && !late.fired() && !is_sent(port.native_handle()))
        co_await sleep_until(io, Clock::now() + between_looks);
    if (late.fired()) {
        ::tcflush(port.native_handle(), TCOFLUSH);
        ::tcsetattr(port.native_handle(), TCSANOW, &before);
        co_return fail(path, "does not take the report: is anything connected");
    }
    ::tcsetattr(port.native_handle(), TCSADRAIN, &before); // the rescue shell may be next
    if (error) co_return fail_errno(path, "cannot write the report", error.value());
    co_return Result<void>();
}

} // namespace mkpxerd::netboot
