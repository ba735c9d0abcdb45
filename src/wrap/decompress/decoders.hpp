// SPDX-License-Identifier: MIT
// One function per format of decompress(), with the demands on the kernel, and their common parts.
#pragma once

#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::wrap {

using Bytes = std::span<const std::byte>;

inline constexpr std::string_view gzip_magic = "\x1f\x8b";
inline constexpr std::string_view xz_magic = std::string_view("\xfd\x37\x7a\x58\x5a\x00", 6);
inline constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";
bool starts_with(Bytes start, std::string_view magic);

inline constexpr std::size_t output_piece = std::size_t{128} << 10; // bytes passed to the sink at once
inline constexpr std::size_t block_limit = std::size_t{8} << 20; // of formats whose blocks are unpacked whole
inline constexpr unsigned window_log_limit = 27;                 // 128 MiB, as in the kernel's zstd
// A dictionary of 128 MiB and the other needs of an xz decoder.
inline constexpr std::uint64_t xz_memory_limit =
    (std::uint64_t{1} << window_log_limit) + (std::uint64_t{8} << 20);

Result<std::size_t> decode_gzip(Bytes input, const StreamSink& sink, const InputPlace& place);
Result<std::size_t> decode_xz(Bytes input, const StreamSink& sink, const InputPlace& place);
Result<std::size_t> decode_zstd(Bytes input, const StreamSink& sink, const InputPlace& place);
Result<std::size_t> decode_lz4(Bytes input, const StreamSink& sink, const InputPlace& place);
Result<std::size_t> decode_lzma(Bytes input, const StreamSink& sink, const InputPlace& place);
Result<std::size_t> decode_bzip2(Bytes input, const StreamSink& sink, const InputPlace& place);
Result<std::size_t> decode_lzo(Bytes input, const StreamSink& sink, const InputPlace& place);

KernelDemands gzip_demands(Bytes stream);
KernelDemands xz_demands(Bytes stream);
KernelDemands bzip2_demands(Bytes stream);
KernelDemands lzo_demands(Bytes stream);

// The number in the first bytes, most significant byte first. Precondition: there are enough.
std::uint32_t big_endian(Bytes bytes, std::size_t count);

tl::unexpected<Error> stream_ends_early(std::string_view format, const InputPlace& place, std::size_t length);
tl::unexpected<Error> stream_is_corrupt(std::string_view format, const InputPlace& place, std::size_t at,
                                        std::string_view detail);

} // namespace mkpxerd::wrap
