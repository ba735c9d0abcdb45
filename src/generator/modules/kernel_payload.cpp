// SPDX-License-Identifier: MIT
// On x86 the kernel is the compressed payload of a bzImage (Documentation/arch/x86/boot.rst); elsewhere the
// whole file may be compressed.
#include "mkpxerd/generator/modules/kernel_payload.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::size_t piece_size = std::size_t{1} << 20;

std::string_view text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t little_endian(Bytes bytes, std::size_t at, unsigned width) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < width; ++i)
        value |= std::to_integer<std::uint32_t>(bytes[at + i]) << 8 * i;
    return value;
}

// The compressed payload of a bzImage; empty: not one. Offsets: "The Real-Mode Kernel Header".
Bytes payload_of(Bytes kernel) {
    if (kernel.size() < 0x250 || text_of(kernel.subspan(0x202, 4)) != "HdrS" ||
        little_endian(kernel, 0x206, 2) < 0x208)
        return {};
    const std::uint32_t sectors = little_endian(kernel, 0x1f1, 1);
    const std::uint64_t begin =
        (std::uint64_t{sectors == 0 ? 4 : sectors} + 1) * 512 + little_endian(kernel, 0x248, 4);
    const std::uint64_t length = little_endian(kernel, 0x24c, 4);
    return begin + length <= kernel.size() ? kernel.subspan(begin, length) : Bytes{};
}

std::optional<MappedFile> open_first(const Sysroot& tree, std::initializer_list<std::string> paths) {
    for (const std::string& path : paths) {
        const auto real = tree.resolve(path);
        if (!real) continue;
        if (auto kernel = MappedFile::open(tree.file(real->path))) return std::move(*kernel);
    }
    return std::nullopt;
}

} // namespace

std::optional<MappedFile> open_kernel(const Sysroot& tree, const std::string& kernel_version) {
    return open_first(tree, {"boot/vmlinuz-" + kernel_version, "lib/modules/" + kernel_version + "/vmlinuz",
                             "usr/lib/modules/" + kernel_version + "/vmlinuz"});
}

std::optional<MappedFile> open_likely_kernel(const Sysroot& tree, const std::string& kernel_version) {
    if (auto kernel = open_kernel(tree, kernel_version)) return kernel;
    const std::string flavour = kernel_version.substr(kernel_version.rfind('-') + 1);
    return open_first(tree, {"boot/vmlinuz-" + flavour, "boot/vmlinuz"});
}

bool unpack_stream(Bytes compressed, const std::function<bool(Bytes)>& done, bool* whole) {
    const auto encoding = wrap::recognize_encoding(compressed);
    if (!encoding) return false;
    if (encoding->decode == nullptr) return true;
    const auto sink = [&](Bytes piece, std::size_t) -> Result<void> {
        if (done(piece)) return fail("kernel", "has been read far enough");
        return {};
    };
    const auto ended = wrap::decompress(*encoding, compressed, sink, {"kernel", 0});
    if (whole != nullptr) *whole = ended.has_value();
    return true;
}

void unpack_kernel(Bytes kernel, const std::function<bool(Bytes)>& done) {
    const Bytes payload = payload_of(kernel);
    if (unpack_stream(payload.empty() ? kernel : payload, done)) return;
    for (Bytes rest = kernel; !rest.empty(); rest = rest.subspan(std::min(rest.size(), piece_size)))
        if (done(rest.first(std::min(rest.size(), piece_size)))) return;
}

} // namespace mkpxerd::generator
