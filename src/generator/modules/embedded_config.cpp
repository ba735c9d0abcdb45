// SPDX-License-Identifier: MIT
// kernel/configs.c: "IKCFG_ST", the configuration compressed by gzip, "IKCFG_ED". On x86 that lies in the
// compressed payload of the bzImage (Documentation/arch/x86/boot.rst); elsewhere the whole file may be
// compressed.
#include "mkpxerd/generator/modules/embedded_config.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string_view>

#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::string_view start_mark = "IKCFG_ST";
constexpr std::string_view compressed_start = "IKCFG_ST\x1f\x8b"; // the code itself contains the bare mark
constexpr std::string_view end_mark = "IKCFG_ED";
constexpr std::size_t max_compressed = std::size_t{1} << 20; // bytes; usual are 60 KiB
constexpr std::uint64_t max_kernel = std::uint64_t{1} << 30; // unpacked; with debug information about 500 MiB

std::string_view text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Searches a kernel piece by piece.
class ConfigSearch {
  public:
    // True when the compressed configuration is complete.
    bool push(Bytes piece) {
        const std::size_t before = held_.size() - std::min(held_.size(), end_mark.size() - 1);
        held_ += text_of(piece);
        std::size_t unseen = before; // a mark may begin in the previous piece
        if (!inside_) {
            const auto at = held_.find(compressed_start);
            inside_ = at != std::string::npos;
            held_.erase(0, inside_ ? at + start_mark.size()
                                   : held_.size() - std::min(held_.size(), compressed_start.size() - 1));
            unseen = 0;
        }
        if (!inside_) return false;
        const auto end = held_.find(end_mark, unseen);
        if (end != std::string::npos) {
            held_.resize(end);
            return true;
        }
        if (held_.size() > max_compressed) inside_ = false;
        return false;
    }
    const std::string& compressed() const { return held_; }

  private:
    std::string held_;
    bool inside_ = false;
};

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

// Passes the unpacked stream to done until that returns true. False: the bytes are not compressed. whole:
// whether the stream was read to its end.
bool unpack(Bytes compressed, const std::function<bool(Bytes)>& done, bool* whole = nullptr) {
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

} // namespace

std::optional<std::string> embedded_kernel_config(Bytes kernel) {
    ConfigSearch search;
    bool found = false;
    std::uint64_t bytes = 0;
    const auto push = [&](Bytes piece) {
        bytes += piece.size();
        found = search.push(piece);
        return found || bytes > max_kernel; // an endless stream is not a kernel
    };
    const Bytes payload = payload_of(kernel);
    // A compressed kernel is not searched directly: lz4 leaves texts readable, but not the bytes between
    // them.
    if (!unpack(payload.empty() ? kernel : payload, push))
        for (Bytes rest = kernel; !rest.empty(); rest = rest.subspan(std::min(rest.size(), max_compressed)))
            if (push(rest.first(std::min(rest.size(), max_compressed)))) break;
    if (!found) return std::nullopt;
    std::string config;
    bool whole = false; // half a configuration proves nothing
    const auto keep = [&](Bytes piece) {
        config += text_of(piece);
        return config.size() > 16 * max_compressed;
    };
    unpack(std::as_bytes(std::span(search.compressed())), keep, &whole);
    return config.empty() || !whole ? std::nullopt : std::optional(std::move(config));
}

} // namespace mkpxerd::generator
