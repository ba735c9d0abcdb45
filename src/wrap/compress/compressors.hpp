// SPDX-License-Identifier: MIT
// The formats behind make_compressor. Levels are checked and threads are at least 1 when these are called;
// what an error means for later calls is settled there too.
#pragma once

#include <memory>

#include "mkpxerd/wrap/compressor.hpp"

namespace mkpxerd::wrap {

Result<std::unique_ptr<Compressor>> make_gzip_compressor(int level, unsigned threads,
                                                         std::shared_ptr<ChunkCache> cache, ByteSink sink);
Result<std::unique_ptr<Compressor>> make_lz4_compressor(int level, unsigned threads, ByteSink sink);
Result<std::unique_ptr<Compressor>> make_zstd_compressor(int level, unsigned threads, ByteSink sink);
Result<std::unique_ptr<Compressor>> make_xz_compressor(int level, unsigned threads, ByteSink sink);

// compressor_identity() of a format.
std::string zstd_identity(int level);
std::string xz_identity(int level);

} // namespace mkpxerd::wrap
