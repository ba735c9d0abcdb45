// SPDX-License-Identifier: MIT
// A compressed module, as the init decompresses it before the kernel verifies anything, and as tools tell its
// size.
#include <cstddef>
#include <cstdint>
#include <span>

#include "harness.hpp"
#include "mkpxerd/wrap/module_encoding.hpp"
#include "mkpxerd/wrap/stated_size.hpp"

using namespace mkpxerd;

namespace {

constexpr std::size_t longest_output = std::size_t{16} << 20;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = std::as_bytes(std::span(data, size));
    const auto stated = wrap::stated_size(file);
    const auto encoding = wrap::recognize_module_encoding(file);
    if (!encoding) {
        fuzz::require(!stated);
        return 0;
    }
    std::size_t unpacked = 0;
    const auto sink = [&](std::span<const std::byte> piece, std::size_t consumed) -> Result<void> {
        fuzz::require(consumed <= size);
        unpacked += piece.size();
        return unpacked <= longest_output ? Result<void>() : fail("module", "is too large");
    };
    const auto whole = wrap::decompress_file(*encoding, file, sink, "module");
    if (!whole) {
        fuzz::require(!whole.error().first().text.empty());
        return 0;
    }
    fuzz::require(whole->streams > 0);
    // gzip tells the size of its last member alone.
    if (stated && encoding->format != wrap::Format::Gzip) fuzz::require(*stated == unpacked);
    return 0;
}
