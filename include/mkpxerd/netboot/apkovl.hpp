// SPDX-License-Identifier: MIT
// The apkovl: the one file that is a machine's configuration, laid over the new root.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/netboot/devices.hpp"
#include "mkpxerd/netboot/log.hpp"
#include "mkpxerd/netboot/mounter.hpp"
#include "mkpxerd/netboot/system.hpp"

namespace mkpxerd::netboot {

// The one *.apkovl.tar.gz in the root of a folder. None, or more than one (all are ignored then, and named),
// is nullopt.
std::optional<std::string> find_apkovl(const System& system, Log& log, const std::string& folder);

// Unpacks it into the new root; the names of its files as the archive has them.
// Errors: MPX-OVL-01 encrypted, and those of unpack_tar with the archive named.
Result<std::vector<std::string>> apply_apkovl(const System& system, const std::string& file);

} // namespace mkpxerd::netboot
