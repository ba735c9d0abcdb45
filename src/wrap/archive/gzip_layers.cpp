// SPDX-License-Identifier: MIT
// zlib unpacks only the first bytes.
#include "mkpxerd/wrap/gzip_layers.hpp"

#include <array>
#include <zlib.h>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::wrap {

Result<bool> is_compressed_twice(const std::filesystem::path& path) {
    MKPXERD_TRY_ASSIGN(UniqueFd file, open_regular(path));
    gzFile gzip = gzdopen(file.get(), "rb");
    if (gzip == nullptr) return fail(path.string(), "cannot be read: out of memory");
    (void)file.release();
    std::array<unsigned char, 2> start{};
    const bool whole = gzread(gzip, start.data(), start.size()) == static_cast<int>(start.size());
    const bool compressed = whole && gzdirect(gzip) == 0;
    gzclose_r(gzip);
    return compressed && start[0] == 0x1f && start[1] == 0x8b; // RFC 1952 2.3.1
}

} // namespace mkpxerd::wrap
