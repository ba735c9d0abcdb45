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

// One for all attempts: it keeps its dictionary, which is large beside what a wrong place yields.
class Decoder {
  public:
    Decoder() {
        (void)::lzma_lzma_preset(&options_, LZMA_PRESET_DEFAULT);
        options_.dict_size = longest_output;
        options_.lc = 2; // LZMA_LC, LZMA_LP and LZMA_PB of unlzma.S
        options_.lp = 0;
        options_.pb = 0;
    }
    ~Decoder() { ::lzma_end(&stream_); }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    // Up to the first bad byte: other data follows the stream, which has no end marker.
    std::string decode(std::span<const std::byte> input) {
        const std::array<lzma_filter, 2> filters = {
            {{.id = LZMA_FILTER_LZMA1, .options = &options_}, {.id = LZMA_VLI_UNKNOWN, .options = nullptr}}};
        if (::lzma_raw_decoder(&stream_, filters.data()) != LZMA_OK) return {};
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
        stream_.avail_in = input.size();
        std::string text;
        for (lzma_ret status = LZMA_OK; status == LZMA_OK && text.size() < longest_output;) {
            const std::size_t before = text.size();
            text.resize(before + output_piece);
            stream_.next_out = reinterpret_cast<std::uint8_t*>(text.data() + before);
            stream_.avail_out = output_piece;
            status = ::lzma_code(&stream_, LZMA_RUN);
            text.resize(text.size() - stream_.avail_out);
            if (text.size() == before) break;
        }
        return text;
    }

  private:
    lzma_options_lzma options_{};
    lzma_stream stream_ = LZMA_STREAM_INIT;
};

} // namespace

std::string unpack_ipxe(std::span<const std::byte> program) {
    const std::size_t last = std::min(program.size(), longest_prefix);
    std::size_t made = 0;
    Decoder decoder;
    for (std::size_t at = 0; at < last; ++at) {
        // Every LZMA stream begins with a zero, and none with five: they stand for an endless run of one
        // value.
        const auto head = program.subspan(at, std::min(stream_head, program.size() - at));
        if (head[0] != std::byte{0} || std::ranges::count(head, std::byte{0}) == std::ssize(head)) continue;
        std::string text = decoder.decode(program.subspan(at));
        if (text.find(own_name) != std::string::npos) return text;
        if ((made += text.size()) > longest_attempts) break;
    }
    return {};
}

} // namespace mkpxerd::wrap
