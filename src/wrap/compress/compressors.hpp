// SPDX-License-Identifier: MIT
// The formats behind make_compressor, which checks levels, passes at least one thread, and handles calls
// after an error.
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
std::string gzip_identity(int level);
std::string lz4_identity(int level);
std::string zstd_identity(int level);
std::string xz_identity(int level);

} // namespace mkpxerd::wrap
