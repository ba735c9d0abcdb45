// SPDX-License-Identifier: MIT
// What an NFS server exports and how, as the mount service of its version 3 says. Asked when access is
// denied: servers say so of what they do not have, and of what they give by Kerberos only, too.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/netboot/mount/mount_message.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// port: of the mount service; none: the portmapper is asked. Errors: no answer, or none that can be read.
Task<std::vector<std::string>> read_exports(boost::asio::io_context& io, std::string server,
                                            std::optional<std::uint16_t> port, Deadline deadline);

// What the server says to a mount of the path. Errors: as of read_exports().
Task<MountAnswer> read_mount_answer(boost::asio::io_context& io, std::string server,
                                    std::optional<std::uint16_t> port, std::string path, Deadline deadline);

} // namespace mkpxerd::netboot
