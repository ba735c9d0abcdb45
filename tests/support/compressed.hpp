// SPDX-License-Identifier: MIT
// Compresses bytes in the formats of images, at the fastest level of each.
#pragma once

#include <catch2/catch.hpp>
#include <span>
#include <string>
#include <string_view>

#include "mkpxerd/wrap/compressor.hpp"

namespace mkpxerd::test {

inline std::string compressed(std::string_view text, wrap::Format format) {
    std::string out;
    wrap::CompressorOptions options;
    options.format = format;
    if (format != wrap::Format::None) options.level = wrap::level_range(format).lowest;
    auto compressor = wrap::make_compressor(options, [&](std::span<const std::byte> bytes) {
        out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return Result<void>{};
    });
    REQUIRE(compressor);
    REQUIRE((*compressor)->write(std::as_bytes(std::span(text))));
    REQUIRE((*compressor)->finish());
    return out;
}

} // namespace mkpxerd::test
