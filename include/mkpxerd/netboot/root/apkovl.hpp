// SPDX-License-Identifier: MIT
// The apkovl: a tar.gz with a machine's configuration, unpacked over the new root.
#pragma once

#include <optional>
#include <string>

#include "mkpxerd/netboot/root/tar_unpacker.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// The only *.apkovl.tar.gz in a directory. nullopt if there is none or more than one. Warns about those that
// it ignores, also in another form ("x.apkovl.tar.xz", lbu's "x.apkovl.tar.gz.aes-256-cbc").
std::optional<std::string> find_apkovl(const System& system, Log& log, const std::string& directory);

// Unpacks it into the new root, and warns about attributes that it could not keep. keep_names: apk needs
// them. Errors: those of unpack_tar(), with the name of the archive.
Result<Unpacked> apply_apkovl(const System& system, Log& log, const std::string& file,
                              bool keep_names = true);

} // namespace mkpxerd::netboot
