// SPDX-License-Identifier: MIT
// The binary indexes that depmod writes beside its text lists. libkmod maps and follows them without looking
// where they lead, so a damaged one is found here first.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

// Walks the whole index (libkmod/libkmod-index.h): every node lies inside the file, has its texts ended
// there, and is reached once. Errors name the file and the byte.
Result<void> check_kmod_index(std::span<const std::byte> bytes, const std::string& name);

} // namespace mkpxerd::wrap
