// SPDX-License-Identifier: MIT
// A kernel image -> the kernel in it, unpacked as far as somebody reads.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"

namespace mkpxerd::generator {

// The image of a kernel version, where distributions put it in a tree. nullopt: the tree has only modules.
std::optional<MappedFile> open_kernel(const Sysroot& tree, const std::string& kernel_version);

// The same, or one whose name has only the flavour or nothing of the version, as Alpine's vmlinuz-lts: with
// several versions in a tree it may be of another one, so it is good for an estimate alone.
std::optional<MappedFile> open_likely_kernel(const Sysroot& tree, const std::string& kernel_version);

// Passes the unpacked stream to done until that returns true. False: the bytes are not compressed. whole:
// whether the stream was read to its end.
bool unpack_stream(std::span<const std::byte> compressed,
                   const std::function<bool(std::span<const std::byte>)>& done, bool* whole = nullptr);

// The same for the kernel in an image: a bzImage, an Image compressed with gzip, xz, zstd or lz4, or a plain
// one, whose pieces are passed as they are.
void unpack_kernel(std::span<const std::byte> kernel,
                   const std::function<bool(std::span<const std::byte>)>& done);

} // namespace mkpxerd::generator
