// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/module_encoding.hpp"

#include "decoders.hpp"

namespace mkpxerd::wrap {
namespace {

constexpr Encoding encodings[] = {
    {.magic = gzip_magic, .name = "gzip", .format = Format::Gzip, .decode = decode_gzip},
    {.magic = xz_magic, .name = "xz", .format = Format::Xz, .decode = decode_xz},
    {.magic = zstd_magic, .name = "zstd", .format = Format::Zstd, .decode = decode_zstd},
};

} // namespace

std::optional<Encoding> recognize_module_encoding(Bytes start) {
    for (const Encoding& encoding : encodings)
        if (starts_with(start, encoding.magic)) return encoding;
    return std::nullopt;
}

} // namespace mkpxerd::wrap
