// SPDX-License-Identifier: MIT
// The first bytes of something that is no initrd -> what it is.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace mkpxerd::image {

struct ForeignFormat {
    std::string_view name; // "a tar archive"
    std::string_view hint; // what to do with it; may be empty
};

// bytes: at least the first 36 KiB, or all. nullopt: not known; an archive for the kernel is never known.
std::optional<ForeignFormat> recognize_foreign(std::span<const std::byte> bytes);

} // namespace mkpxerd::image
