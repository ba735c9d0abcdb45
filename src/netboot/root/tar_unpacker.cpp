// SPDX-License-Identifier: MIT
// Entry by entry, in the order of the archive.
#include "mkpxerd/netboot/root/tar_unpacker.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"

namespace mkpxerd::netboot {
namespace {

using Kind = wrap::TarEntry::Kind;

// "/etc/hosts" -> "etc/hosts", as tar(1) does without -P. Returns whether it changed the name.
bool make_relative(std::string& name) {
    const auto start = std::min(name.find_first_not_of('/'), name.size());
    name.erase(0, start);
    if (name.empty()) name = ".";
    return start > 0;
}

} // namespace

Result<Unpacked> unpack_tar(const std::filesystem::path& archive, const std::filesystem::path& root,
                            const UnpackOptions& options) {
    const auto damaged = [](const Error& error) {
        Problem problem = error.first();
        if (problem.code == Failure::None) problem.code = Failure::DamagedArchive;
        return fail(Error(std::move(problem)));
    };
    Unpacked unpacked;
    std::size_t absolute = 0;
    std::size_t name_bytes = 0;
    auto reader = wrap::TarReader::open(archive);
    if (!reader) return damaged(reader.error());
    MKPXERD_TRY_ASSIGN(RootWriter writer, RootWriter::open(root, options.free_memory));
    while (true) {
        auto entry = reader->next();
        if (!entry) return damaged(entry.error());
        if (!*entry) break;
        const bool renamed = make_relative((*entry)->path);
        const bool led = (*entry)->kind == Kind::Hardlink && make_relative((*entry)->target);
        if (renamed || led) ++absolute;
        if (auto written = writer.write(**entry, *reader); !written) return damaged(written.error());
        ++unpacked.entries;
        if (!options.keep_names) continue;
        name_bytes += sizeof(std::string) + (*entry)->path.size();
        if (name_bytes > options.max_name_bytes)
            return fail((*entry)->path,
                        fmt::format("the names up to this entry take more than {} bytes of memory",
                                    options.max_name_bytes),
                        "root= accepts an archive of any size, and so does apkovl= in an image without apk",
                        Failure::ExcessiveArchive);
        unpacked.names.push_back(std::move((*entry)->path));
    }
    unpacked.warnings = writer.lost_attributes();
    if (absolute > 0)
        unpacked.warnings.push_back(
            fmt::format("absolute names (tar -P): {} taken as names below the root", absolute));
    return unpacked;
}

} // namespace mkpxerd::netboot
