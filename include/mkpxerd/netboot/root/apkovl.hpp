// SPDX-License-Identifier: MIT
// The apkovl: the one file that is a machine's configuration, laid over the new root.
#pragma once

#include <optional>
#include <string>

#include "mkpxerd/netboot/root/tar_unpacker.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// The one *.apkovl.tar.gz in the root of a directory. None, or more than one (all are ignored then, and
// named), is nullopt. One of another form ("x.apkovl.tar.xz", lbu's "x.apkovl.tar.gz.aes-256-cbc") is named
// and not taken.
std::optional<std::string> find_apkovl(const System& system, Log& log, const std::string& directory);

// Unpacks it into the new root, and warns of what was not kept. The names are for apk. Errors: those of
// unpack_tar, the archive named.
Result<Unpacked> apply_apkovl(const System& system, Log& log, const std::string& file,
                              bool keep_names = true);

} // namespace mkpxerd::netboot
