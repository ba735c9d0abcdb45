// SPDX-License-Identifier: MIT
// xz by liblzma: one stream; its padding, if any, belongs to the caller.
#include <lzma.h>
#include <vector>

#include "decoders.hpp"

namespace mkpxerd::wrap {
namespace {

// A dictionary of 128 MiB and what the decoder needs beside it.
constexpr std::uint64_t memory_limit = (std::uint64_t{1} << window_log_limit) + (std::uint64_t{8} << 20);

class XzStream {
  public:
    XzStream() : ready_(::lzma_stream_decoder(&stream_, memory_limit, 0) == LZMA_OK) {}
    XzStream(const XzStream&) = delete;
    XzStream& operator=(const XzStream&) = delete;
    ~XzStream() { ::lzma_end(&stream_); }
    bool ready() const { return ready_; }
    lzma_stream& stream() { return stream_; }

  private:
    lzma_stream stream_ = LZMA_STREAM_INIT;
    bool ready_;
};

std::string_view reason(lzma_ret status) {
    switch (status) {
    case LZMA_MEMLIMIT_ERROR:
        return "its dictionary is larger than 128 MiB";
    case LZMA_MEM_ERROR:
        return "out of memory";
    case LZMA_OPTIONS_ERROR:
        return "it uses a filter or check that is not known";
    case LZMA_FORMAT_ERROR:
        return "bad header";
    default:
        return "bad data";
    }
}

} // namespace

Result<std::size_t> decode_xz(std::span<const std::byte> input, const StreamSink& sink,
                              const InputPlace& place) {
    XzStream decoder;
    if (!decoder.ready()) return fail(place.name, "liblzma cannot start");
    lzma_stream& stream = decoder.stream();
    std::vector<std::byte> output(output_piece);
    stream.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream.avail_in = input.size();
    for (;;) {
        stream.next_out = reinterpret_cast<std::uint8_t*>(output.data());
        stream.avail_out = output.size();
        const lzma_ret status = ::lzma_code(&stream, LZMA_RUN);
        const std::size_t at = input.size() - stream.avail_in;
        const std::size_t made = output.size() - stream.avail_out;
        if (status != LZMA_OK && status != LZMA_STREAM_END && status != LZMA_BUF_ERROR)
            return stream_is_corrupt("xz", place, at, reason(status));
        if (made > 0) MKPXERD_TRY(sink(std::span(output).first(made), at));
        if (status == LZMA_STREAM_END) return at;
        if (made == 0 && stream.avail_in == 0) return stream_ends_early("xz", place, at);
    }
}

} // namespace mkpxerd::wrap
