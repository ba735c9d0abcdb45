// SPDX-License-Identifier: MIT
// One function a format behind decompress(), and what they share.
#pragma once

#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::wrap {

inline constexpr std::size_t output_piece = std::size_t{128} << 10; // bytes handed to the sink at once
inline constexpr unsigned window_log_limit = 27;                    // 128 MiB, as in the kernel's zstd

Result<std::size_t> decode_gzip(std::span<const std::byte> input, const StreamSink& sink,
                                const InputPlace& place);
Result<std::size_t> decode_xz(std::span<const std::byte> input, const StreamSink& sink,
                              const InputPlace& place);
Result<std::size_t> decode_zstd(std::span<const std::byte> input, const StreamSink& sink,
                                const InputPlace& place);
Result<std::size_t> decode_lz4(std::span<const std::byte> input, const StreamSink& sink,
                               const InputPlace& place);

tl::unexpected<Error> stream_ends_early(std::string_view format, const InputPlace& place, std::size_t length);
tl::unexpected<Error> stream_is_corrupt(std::string_view format, const InputPlace& place, std::size_t at,
                                        std::string_view detail);

} // namespace mkpxerd::wrap
