// SPDX-License-Identifier: MIT
// Will the kernel unpack this file as a part of an initrd?
#pragma once

#include <optional>
#include <span>
#include <string>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::generator {

// Reads every header of every archive in the file, plain or compressed, up to each TRAILER!!!. Compressed
// parts are unpacked with bounded memory and not kept. Errors name the file and the byte: neither an archive
// nor compressed, a damaged header, an end within an entry or without trailer, a compressed stream that is
// corrupt, truncated, or not accepted by the kernel's decoder (docs/kernel-decoders.md). config: of the
// kernel, when it is available.
Result<void> check_archive(std::span<const std::byte> file, const std::string& name,
                           const std::optional<std::string>& config = std::nullopt);

} // namespace mkpxerd::generator
