// SPDX-License-Identifier: MIT
// The index at the end of an xz stream (xz-file-format.txt, section 4): where its blocks lie, and their
// sizes.
#pragma once

#include <lzma.h>
#include <memory>

#include "decoders.hpp"

namespace mkpxerd::wrap {

struct FreeIndex {
    void operator()(lzma_index* index) const { ::lzma_index_end(index, nullptr); }
};

// stream: from its first to its last byte. nullptr: it is damaged, or has more than one stream.
std::unique_ptr<lzma_index, FreeIndex> read_xz_index(Bytes stream);

} // namespace mkpxerd::wrap
