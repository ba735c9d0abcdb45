// SPDX-License-Identifier: MIT
// A compressed stream, decoded as the first bytes say, or why not.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "mkpxerd/wrap/decompressor.hpp"
#include "newc_builder.hpp"

namespace mkpxerd::test {

struct Decoded {
    std::string bytes;
    std::size_t length = 0; // of the stream
    std::string error;      // empty: there was none
};

inline Decoded decode(std::string_view stream) {
    const auto encoding = wrap::recognize_encoding(bytes_of(stream));
    REQUIRE(encoding);
    Decoded decoded;
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        decoded.bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    };
    const auto length = wrap::decompress(*encoding, bytes_of(stream), sink, {"f.img", 0});
    if (length)
        decoded.length = *length;
    else
        decoded.error = length.error().text();
    return decoded;
}

inline wrap::KernelDemands demands_of(const std::string& stream) {
    const auto encoding = wrap::recognize_encoding(bytes_of(stream));
    REQUIRE(encoding);
    return encoding->demands == nullptr ? wrap::KernelDemands{} : encoding->demands(bytes_of(stream));
}
inline std::string refusal_of(const std::string& stream) {
    return demands_of(stream).refused;
}

} // namespace mkpxerd::test
