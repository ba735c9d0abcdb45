// SPDX-License-Identifier: MIT
// Waits for interfaces to appear, change or disappear.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <stop_token>
#include <vector>

#include "mkpxerd/netboot/net/rtnetlink.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

class LinkMonitor {
  public:
    // Reports all changes from here on. List the links after this call.
    static Result<LinkMonitor> open(boost::asio::io_context& io);

    // The next changes; empty: stopped, or the deadline. After the kernel dropped changes (a full receive
    // buffer), it reports every link that exists.
    Task<std::vector<LinkEvent>> next(Deadline deadline, std::stop_token stop);

  private:
    explicit LinkMonitor(boost::asio::posix::stream_descriptor socket) : socket_(std::move(socket)) {}
    boost::asio::posix::stream_descriptor socket_;
};

} // namespace mkpxerd::netboot
