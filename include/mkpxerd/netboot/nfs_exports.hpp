// SPDX-License-Identifier: MIT
// What an NFS server exports, as it says itself. Asked when version 3 denies access: servers say so of what
// they do not have, too.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/netboot/task.hpp"

namespace mkpxerd::netboot {

// port: of the mount service; none: the portmapper is asked. Errors: no answer, or none that can be read.
Task<std::vector<std::string>> read_exports(boost::asio::io_context& io, std::string server,
                                            std::optional<std::uint16_t> port, Deadline deadline);

} // namespace mkpxerd::netboot
