// SPDX-License-Identifier: MIT
// The modules of a kernel and their firmware -> a squashfs in Alpine's layout: modules/VERSION,
// modules/firmware. mksquashfs writes it from a tar archive on its standard input: this copies no tree and
// needs no privileges.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/tree_path.hpp"

namespace mkpxerd::deploy {

struct ModloopContent {
    std::string kernel_version;
    std::filesystem::path tree;
    std::string modules; // lib/modules/VERSION, its real path in the tree
    struct Firmware {
        std::string path;   // below lib/firmware
        std::string target; // of a link, as written; empty: a regular file
        TreePath source;    // content of a regular file
    };
    std::vector<Firmware> firmware;
};

// The SHA-256, in hexadecimal, of the input of write_modloop(). An earlier modloop with the same hash can be
// reused; a new one takes a minute on two cores. Errors: an unreadable file.
Result<std::string> modloop_input(const ModloopContent& content, std::int64_t epoch);

// The path of mksquashfs. Errors: it is not installed; names the package.
Result<std::filesystem::path> find_packer();

// epoch: time of everything inside, seconds since 1970. The same content gives the same bytes.
// Errors: no mksquashfs of version 4.5 or later; an unreadable file; mksquashfs' own error.
Result<void> write_modloop(const ModloopContent& content, std::int64_t epoch,
                           const std::filesystem::path& file);

} // namespace mkpxerd::deploy
