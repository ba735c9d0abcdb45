// SPDX-License-Identifier: MIT
// Asks the mount service of NFS version 3 what a server exports and how. Explains a denial: servers also deny
// exports that do not exist, and those that need Kerberos.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/netboot/mount/mount_message.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

// port: of the mount service; nullopt: the portmapper knows it. Errors: no answer, or an unreadable one.
Task<std::vector<std::string>> read_exports(boost::asio::io_context& io, std::string server,
                                            std::optional<std::uint16_t> port, Deadline deadline);

// The server's answer to a mount of the path. Errors: those of read_exports().
Task<MountAnswer> read_mount_answer(boost::asio::io_context& io, std::string server,
                                    std::optional<std::uint16_t> port, std::string path, Deadline deadline);

} // namespace mkpxerd::netboot
