// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/stated_size.hpp"

#include <algorithm>
#include <zstd.h>

#include "mkpxerd/wrap/module_encoding.hpp"
#include "xz_index.hpp"

namespace mkpxerd::wrap {
namespace {

std::optional<std::uint64_t> size_of_zstd(Bytes file) {
    std::uint64_t sum = 0;
    while (!file.empty()) {
        const auto size = ::ZSTD_getFrameContentSize(file.data(), file.size());
        const std::size_t length = ::ZSTD_findFrameCompressedSize(file.data(), file.size());
        if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ||
            ::ZSTD_isError(length) != 0 || size > UINT64_MAX - sum)
            return std::nullopt;
        sum += size;
        file = file.subspan(length);
    }
    return sum;
}

// The index of the last stream covers the whole file only if there is no other one.
std::optional<std::uint64_t> size_of_xz(Bytes file) {
    const auto index = read_xz_index(file);
    if (!index || ::lzma_index_file_size(index.get()) != file.size()) return std::nullopt;
    return ::lzma_index_uncompressed_size(index.get());
}

// RFC 1952, section 2.3.1: ISIZE, least significant byte first.
std::optional<std::uint64_t> size_of_gzip(Bytes file) {
    constexpr std::size_t smallest_member = 18; // header and end
    if (file.size() < smallest_member) return std::nullopt;
    std::uint64_t size = 0;
    for (std::size_t i = 1; i <= 4; ++i)
        size = (size << 8) | std::to_integer<std::uint64_t>(file[file.size() - i]);
    return size;
}

} // namespace

std::optional<std::uint64_t> stated_size(std::span<const std::byte> file) {
    const auto encoding = recognize_module_encoding(file);
    if (!encoding) return std::nullopt;
    if (encoding->format == Format::Zstd) return size_of_zstd(file);
    return encoding->format == Format::Xz ? size_of_xz(file) : size_of_gzip(file);
}

} // namespace mkpxerd::wrap
