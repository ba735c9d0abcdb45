// SPDX-License-Identifier: MIT
// The multicast group of rtnetlink for link changes.
#include "mkpxerd/netboot/net/link_monitor.hpp"

#include <cerrno>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "mkpxerd/netboot/runtime/async.hpp"

namespace mkpxerd::netboot {

namespace asio = boost::asio;

Result<LinkMonitor> LinkMonitor::open(asio::io_context& io) {
    UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    if (!socket) return fail_errno("rtnetlink", "cannot open a socket", errno);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("rtnetlink", "cannot listen to link changes", errno);
    // Enough for a thousand interfaces at once; after more, next() lists them again. FORCE needs
    // CAP_NET_ADMIN, which the init has.
    const int size = 1 << 20;
    static_cast<void>(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size));
    MKPXERD_TRY_ASSIGN(auto descriptor, watched(io, std::move(socket), "rtnetlink"));
    return LinkMonitor(std::move(descriptor));
}

Task<std::vector<LinkEvent>> LinkMonitor::next(Deadline deadline, std::stop_token stop) {
    auto& io = static_cast<asio::io_context&>(socket_.get_executor().context());
    Interrupt interrupt(io, deadline, stop, [this] {
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    });
    std::vector<std::byte> buffer(std::size_t{32} << 10);
    while (!interrupt.fired()) {
        const ssize_t length = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
        if (length > 0) {
            std::vector<LinkEvent> events =
                parse_link_events(std::span<const std::byte>(buffer).first(static_cast<std::size_t>(length)));
            if (!events.empty()) co_return events;
        } else if (length < 0 && errno == ENOBUFS) {
            MKPXERD_CO_TRY_ASSIGN(Rtnetlink netlink, Rtnetlink::open());
            MKPXERD_CO_TRY_ASSIGN(std::vector<Link> links, netlink.links());
            std::vector<LinkEvent> events;
            for (Link& link : links)
                events.push_back({.link = std::move(link)});
            co_return events;
        } else if (length < 0 && errno != EAGAIN && errno != EINTR) {
            co_return fail_errno("rtnetlink", "cannot read link changes", errno);
        } else {
            boost::system::error_code cancelled; // the loop checks it
            co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                                        asio::redirect_error(asio::use_awaitable, cancelled));
        }
    }
    co_return std::vector<LinkEvent>{};
}

} // namespace mkpxerd::netboot
