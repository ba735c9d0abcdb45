// SPDX-License-Identifier: MIT
// libblkid's low-level probe; no cache file, no udev.
#include "mkpxerd/wrap/block_identity.hpp"

#include <blkid.h>
#include <cerrno>
#include <fcntl.h>
#include <memory>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::wrap {
namespace {

struct FreeProbe {
    void operator()(blkid_probe probe) const { blkid_free_probe(probe); }
};
using Probe = std::unique_ptr<std::remove_pointer_t<blkid_probe>, FreeProbe>;

std::string value(blkid_probe probe, const char* name) {
    const char* text = nullptr;
    return blkid_probe_lookup_value(probe, name, &text, nullptr) == 0 ? text : "";
}

} // namespace

Result<BlockIdentity> identify_block_device(const std::filesystem::path& path) {
    MKPXERD_TRY_ASSIGN(const UniqueFd file, open_file(path, O_RDONLY | O_NONBLOCK));
    const Probe probe(blkid_new_probe());
    if (!probe || blkid_probe_set_device(probe.get(), file.get(), 0, 0) != 0)
        return fail(path.string(), "cannot be examined");
    blkid_probe_enable_superblocks(probe.get(), 1);
    blkid_probe_set_superblocks_flags(probe.get(),
                                      BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL);
    blkid_probe_enable_partitions(probe.get(), 1);
    blkid_probe_set_partitions_flags(probe.get(), BLKID_PARTS_ENTRY_DETAILS);
    if (blkid_do_safeprobe(probe.get()) == -1) return fail(path.string(), "cannot be examined");
    return BlockIdentity{value(probe.get(), "TYPE"), value(probe.get(), "UUID"), value(probe.get(), "LABEL"),
                         value(probe.get(), "PART_ENTRY_UUID"), value(probe.get(), "PART_ENTRY_NAME")};
}

} // namespace mkpxerd::wrap
