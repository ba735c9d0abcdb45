// SPDX-License-Identifier: MIT
// bzip2 by libbz2: one stream, checksums checked.
#include <algorithm>
#include <bzlib.h>
#include <vector>

#include "decoders.hpp"

namespace mkpxerd::wrap {
namespace {

class Bunzip {
  public:
    Bunzip() : ready_(::BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK) {}
    Bunzip(const Bunzip&) = delete;
    Bunzip& operator=(const Bunzip&) = delete;
    ~Bunzip() {
        if (ready_) ::BZ2_bzDecompressEnd(&stream_);
    }
    bool ready() const { return ready_; }
    bz_stream& stream() { return stream_; }

  private:
    bz_stream stream_{};
    bool ready_;
};

} // namespace

Result<std::size_t> decode_bzip2(Bytes input, const StreamSink& sink, const InputPlace& place) {
    Bunzip decoder;
    if (!decoder.ready()) return fail(place.name, "libbz2 cannot start");
    bz_stream& stream = decoder.stream();
    std::vector<std::byte> output(output_piece);
    std::size_t at = 0;
    for (;;) {
        // avail_in has 32 bits: a larger input needs slices.
        const std::size_t slice = std::min<std::size_t>(input.size() - at, std::size_t{1} << 30);
        stream.next_in = reinterpret_cast<char*>(const_cast<std::byte*>(input.data() + at));
        stream.avail_in = static_cast<unsigned>(slice);
        stream.next_out = reinterpret_cast<char*>(output.data());
        stream.avail_out = static_cast<unsigned>(output.size());
        const int status = ::BZ2_bzDecompress(&stream);
        at += slice - stream.avail_in;
        const std::size_t made = output.size() - stream.avail_out;
        if (status != BZ_OK && status != BZ_STREAM_END)
            return stream_is_corrupt("bzip2", place, at,
                                     status == BZ_MEM_ERROR ? "out of memory" : "bad data");
        if (made > 0) MKPXERD_TRY(sink(std::span(output).first(made), at));
        if (status == BZ_STREAM_END) return at;
        if (made == 0 && at == input.size()) return stream_ends_early("bzip2", place, at);
    }
}

// get_next_block() of lib/decompress_bunzip2.c: blocks of bzip2 0.9.0 and older may be randomised, as the bit
// after the checksum of each tells. Only the first is checked.
KernelDemands bzip2_demands(Bytes stream) {
    constexpr std::size_t randomised_at = 14; // 4 bytes of the stream's header, 6 and 4 of the block's
    if (stream.size() <= randomised_at || stream[4] != std::byte{0x31} ||
        (stream[randomised_at] & std::byte{0x80}) == std::byte{0})
        return {};
    return {.refused = "its blocks are randomised, as by very old versions of bzip2",
            .hint = "compress it again: bzip2"};
}

} // namespace mkpxerd::wrap
