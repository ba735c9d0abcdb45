// SPDX-License-Identifier: MIT
#include "xz_index.hpp"

namespace mkpxerd::wrap {

std::unique_ptr<lzma_index, FreeIndex> read_xz_index(Bytes stream) {
    constexpr std::size_t frame = LZMA_STREAM_HEADER_SIZE; // of the footer as well
    if (stream.size() < 2 * frame) return nullptr;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(stream.data());
    lzma_stream_flags footer{};
    if (::lzma_stream_footer_decode(&footer, bytes + stream.size() - frame) != LZMA_OK ||
        footer.backward_size > stream.size() - 2 * frame)
        return nullptr;
    std::uint64_t memory = xz_memory_limit;
    std::size_t at = stream.size() - frame - static_cast<std::size_t>(footer.backward_size);
    lzma_index* read = nullptr;
    if (::lzma_index_buffer_decode(&read, &memory, nullptr, bytes, &at, stream.size() - frame) != LZMA_OK)
        return nullptr;
    return std::unique_ptr<lzma_index, FreeIndex>(read);
}

} // namespace mkpxerd::wrap
