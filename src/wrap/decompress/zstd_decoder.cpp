// SPDX-License-Identifier: MIT
// zstd by libzstd: one frame.
#include <memory>
#include <vector>
#include <zstd.h>

#include "decoders.hpp"

namespace mkpxerd::wrap {
namespace {

struct FreeStream {
    void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
};

} // namespace

Result<std::size_t> decode_zstd(Bytes input, const StreamSink& sink, const InputPlace& place) {
    const std::unique_ptr<ZSTD_DStream, FreeStream> stream(::ZSTD_createDStream());
    if (!stream) return fail(place.name, "libzstd cannot start");
    ::ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, static_cast<int>(window_log_limit));
    std::vector<std::byte> output(output_piece);
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    for (;;) {
        ZSTD_outBuffer out{output.data(), output.size(), 0};
        const std::size_t before = in.pos;
        const std::size_t status = ::ZSTD_decompressStream(stream.get(), &out, &in);
        if (::ZSTD_isError(status) != 0)
            return stream_is_corrupt("zstd", place, in.pos, ::ZSTD_getErrorName(status));
        if (out.pos > 0) MKPXERD_TRY(sink(std::span(output).first(out.pos), in.pos));
        if (status == 0) return in.pos;
        if (out.pos == 0 && in.pos == before) return stream_ends_early("zstd", place, in.pos);
    }
}

} // namespace mkpxerd::wrap
