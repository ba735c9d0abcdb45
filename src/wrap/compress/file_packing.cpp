// SPDX-License-Identifier: MIT
// Both libraries compress a whole buffer in one call, which states its size in the stream.
#include "mkpxerd/wrap/file_packing.hpp"

#include <algorithm>
#include <bit>
#include <lzma.h>
#include <zstd.h>

namespace mkpxerd::wrap {
namespace {

// A new context for each file: newer versions of libzstd mix what earlier files left behind into their hash
// tables, and the bytes would depend on the order of the files.
Result<std::size_t> encode_zstd(int level, std::span<const std::byte> plain, std::span<std::byte> output) {
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    };
    const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
    if (!context) return fail("zstd", "out of memory");
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    const std::size_t code =
        ZSTD_compress2(context.get(), output.data(), output.size(), plain.data(), plain.size());
    if (ZSTD_isError(code) != 0) return fail("zstd", ZSTD_getErrorName(code));
    return code;
}

Result<std::size_t> encode_xz(int level, std::span<const std::byte> plain, std::span<std::byte> output) {
    lzma_options_lzma lzma2{};
    if (lzma_lzma_preset(&lzma2, static_cast<std::uint32_t>(level)) != 0)
        return fail("xz", "liblzma does not know level " + std::to_string(level));
    const std::size_t whole = std::bit_ceil(std::max<std::size_t>(plain.size(), LZMA_DICT_SIZE_MIN));
    lzma2.dict_size = static_cast<std::uint32_t>(std::min<std::size_t>(lzma2.dict_size, whole));
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &lzma2}, {LZMA_VLI_UNKNOWN, nullptr}};
    std::size_t size = 0;
    const lzma_ret code = lzma_stream_buffer_encode(
        filters, LZMA_CHECK_CRC32, nullptr, reinterpret_cast<const std::uint8_t*>(plain.data()), plain.size(),
        reinterpret_cast<std::uint8_t*>(output.data()), &size, output.size());
    if (code == LZMA_MEM_ERROR) return fail("xz", "out of memory");
    if (code != LZMA_OK)
        return fail("xz", "liblzma failed with code " + std::to_string(static_cast<int>(code)));
    return size;
}

} // namespace

std::string_view packing_suffix(Format format) {
    return format == Format::Xz ? ".xz" : ".zst";
}

std::string packing_identity(const Packing& packing) {
    return packing.format == Format::Xz
               ? compressor_identity("xz file", packing.level,
                                     reinterpret_cast<const void*>(&lzma_stream_buffer_encode))
               : compressor_identity("zstd file", packing.level,
                                     reinterpret_cast<const void*>(&ZSTD_compress2));
}

FilePacker::FilePacker(const Packing& packing, std::shared_ptr<ChunkCache> cache)
    : packing_(packing), identity_(packing_identity(packing)) {
    if (!identity_.empty()) cache_ = std::move(cache);
}

Result<std::size_t> FilePacker::encode(std::span<const std::byte> plain) {
    const bool is_xz = packing_.format == Format::Xz;
    const std::size_t bound =
        is_xz ? lzma_stream_buffer_bound(plain.size()) : ZSTD_compressBound(plain.size());
    if (bound > room_) {
        output_ = std::make_unique_for_overwrite<std::byte[]>(bound);
        room_ = bound;
    }
    return (is_xz ? encode_xz : encode_zstd)(packing_.level, plain, {output_.get(), room_});
}

Result<std::string> FilePacker::pack(std::span<const std::byte> plain) {
    std::string packed;
    ContentHash key{};
    if (cache_) {
        hash_.update(std::as_bytes(std::span(identity_)));
        hash_.update(plain);
        key = hash_.finish();
        const auto use = [&](std::span<const std::byte> kept) -> Result<void> {
            packed.assign(reinterpret_cast<const char*>(kept.data()), kept.size());
            return {};
        };
        MKPXERD_TRY_ASSIGN(const bool found, cache_->find(key, use));
        if (found) return packed;
    }
    MKPXERD_TRY_ASSIGN(const std::size_t size, encode(plain));
    packed.assign(reinterpret_cast<const char*>(output_.get()), size);
    if (cache_) cache_->keep(key, std::as_bytes(std::span(packed)));
    return packed;
}

} // namespace mkpxerd::wrap
