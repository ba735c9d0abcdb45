// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/raw_lzma.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <lzma.h>

namespace mkpxerd::wrap {
namespace {

constexpr std::size_t longest_prefix = std::size_t{16} << 10;
constexpr std::size_t longest_output = std::size_t{4} << 20;
constexpr std::size_t longest_attempts = std::size_t{16} << 20; // what wrong places yield, in all
constexpr std::size_t stream_head = 5;
constexpr std::size_t output_piece = std::size_t{64} << 10;
constexpr const char* own_name = "iPXE";

// Up to the first bad byte: other data follows the stream, which has no end marker.
std::string decode(std::span<const std::byte> input) {
    lzma_options_lzma options{};
    (void)::lzma_lzma_preset(&options, LZMA_PRESET_DEFAULT);
    options.dict_size = longest_output;
    options.lc = 2; // LZMA_LC, LZMA_LP and LZMA_PB of unlzma.S
    options.lp = 0;
    options.pb = 0;
    const std::array<lzma_filter, 2> filters = {
        {{.id = LZMA_FILTER_LZMA1, .options = &options}, {.id = LZMA_VLI_UNKNOWN, .options = nullptr}}};
    lzma_stream stream = LZMA_STREAM_INIT;
    if (::lzma_raw_decoder(&stream, filters.data()) != LZMA_OK) return {};
    stream.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream.avail_in = input.size();
    std::string text;
    for (lzma_ret status = LZMA_OK; status == LZMA_OK && text.size() < longest_output;) {
        const std::size_t before = text.size();
        text.resize(before + output_piece);
        stream.next_out = reinterpret_cast<std::uint8_t*>(text.data() + before);
        stream.avail_out = output_piece;
        status = ::lzma_code(&stream, LZMA_RUN);
        text.resize(text.size() - stream.avail_out);
        if (text.size() == before) break;
    }
    ::lzma_end(&stream);
    return text;
}

} // namespace

std::string unpack_ipxe(std::span<const std::byte> program) {
    const std::size_t last = std::min(program.size(), longest_prefix);
    std::size_t made = 0;
    for (std::size_t at = 0; at < last; ++at) {
        // Every LZMA stream begins with a zero, and none with five: they stand for an endless run of one
        // value.
        const auto head = program.subspan(at, std::min(stream_head, program.size() - at));
        if (head[0] != std::byte{0} || std::ranges::count(head, std::byte{0}) == std::ssize(head)) continue;
        std::string text = decode(program.subspan(at));
        if (text.find(own_name) != std::string::npos) return text;
        if ((made += text.size()) > longest_attempts) break;
    }
    return {};
}

} // namespace mkpxerd::wrap
