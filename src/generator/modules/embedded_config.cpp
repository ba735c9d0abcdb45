// SPDX-License-Identifier: MIT
// kernel/configs.c: "IKCFG_ST", the configuration compressed by gzip, "IKCFG_ED".
#include "mkpxerd/generator/modules/embedded_config.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "mkpxerd/generator/modules/kernel_payload.hpp"

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
    // A compressed kernel is not searched directly: lz4 leaves texts readable, but not the bytes between
    // them.
    unpack_kernel(kernel, push);
    if (!found) return std::nullopt;
    std::string config;
    bool whole = false; // half a configuration proves nothing
    const auto keep = [&](Bytes piece) {
        config += text_of(piece);
        return config.size() > 16 * max_compressed;
    };
    unpack_stream(std::as_bytes(std::span(search.compressed())), keep, &whole);
    return config.empty() || !whole ? std::nullopt : std::optional(std::move(config));
}

} // namespace mkpxerd::generator
