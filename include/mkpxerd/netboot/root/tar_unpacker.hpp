// SPDX-License-Identifier: MIT
// Unpacks a whole tar archive into a root.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/root/root_writer.hpp"

namespace mkpxerd::netboot {

struct UnpackOptions {
    bool keep_names = true;
    std::size_t max_name_bytes = std::size_t{16} << 20; // of names that are kept
    FreeMemory free_memory = memory_for_archives;
};

struct Unpacked {
    std::size_t entries = 0;
    std::vector<std::string> names;    // of the entries as stored, without a leading "/", in order; if kept
    std::vector<std::string> warnings; // one line each, without the name of the archive
};

// The archive may be plain or compressed by gzip. Absolute names, as from `tar -P`, are taken as relative.
// Errors: those of RootWriter; MPX-TAR-01 a damaged archive, or another kind of file; MPX-TAR-05 and
// MPX-OVL-01 an unsupported compression or an encryption; MPX-TAR-07 an archive that exceeds a bound of
// TarReader::next(), or whose kept names take more than 16 MiB.
Result<Unpacked> unpack_tar(const std::filesystem::path& archive, const std::filesystem::path& root,
                            const UnpackOptions& options = {});

} // namespace mkpxerd::netboot
