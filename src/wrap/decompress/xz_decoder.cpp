// SPDX-License-Identifier: MIT
// xz and the older lzma by liblzma: one stream; the caller handles padding. The kernel's xz decoder supports
// less: see xz_demands().
#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "xz_index.hpp"

namespace mkpxerd::wrap {
namespace {

class LzmaStream {
  public:
    LzmaStream() = default;
    LzmaStream(const LzmaStream&) = delete;
    LzmaStream& operator=(const LzmaStream&) = delete;
    ~LzmaStream() { ::lzma_end(&stream_); }
    lzma_stream& get() { return stream_; }

  private:
    lzma_stream stream_ = LZMA_STREAM_INIT;
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

Result<std::size_t> run(std::string_view format, lzma_stream& stream, lzma_ret started, Bytes input,
                        const StreamSink& sink, const InputPlace& place) {
    if (started != LZMA_OK) return fail(place.name, "liblzma cannot start");
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
            return stream_is_corrupt(format, place, at, reason(status));
        if (made > 0) MKPXERD_TRY(sink(std::span(output).first(made), at));
        if (status == LZMA_STREAM_END) return at;
        if (made == 0 && stream.avail_in == 0) return stream_ends_early(format, place, at);
    }
}

// The BCJ filters of lib/xz/xz_dec_bcj.c, by their numbers in xz-file-format.txt, section 5.3.2.
struct BcjFilter {
    lzma_vli id;
    std::string_view option;
};
constexpr BcjFilter bcj_filters[] = {
    {0x04, "CONFIG_XZ_DEC_X86"},   {0x05, "CONFIG_XZ_DEC_POWERPC"},  {0x06, "CONFIG_XZ_DEC_IA64"},
    {0x07, "CONFIG_XZ_DEC_ARM"},   {0x08, "CONFIG_XZ_DEC_ARMTHUMB"}, {0x09, "CONFIG_XZ_DEC_SPARC"},
    {0x0a, "CONFIG_XZ_DEC_ARM64"}, {0x0b, "CONFIG_XZ_DEC_RISCV"},
};
constexpr lzma_vli lzma2_id = 0x21;
constexpr std::size_t stream_frame = LZMA_STREAM_HEADER_SIZE; // of the footer as well

// Reads a variable-length number; false: there is none.
bool take_number(Bytes bytes, std::size_t& at, lzma_vli& value) {
    return ::lzma_vli_decode(&value, nullptr, reinterpret_cast<const std::uint8_t*>(bytes.data()), &at,
                             bytes.size()) == LZMA_OK;
}

// dec_block_header() of lib/xz/xz_dec_stream.c. block: from its header on.
void read_block(Bytes block, KernelDemands& demands) {
    const auto flags = std::to_integer<unsigned>(block[1]);
    const std::size_t length = (std::to_integer<std::size_t>(block[0]) + 1) * 4 - 4; // without its checksum
    if (length < 4 || length > block.size()) return;
    const Bytes header = block.first(length);
    const unsigned filters = (flags & 3) + 1;
    std::size_t at = 2;
    lzma_vli number = 0;
    for (const unsigned size : {0x40U, 0x80U})
        if ((flags & size) != 0 && !take_number(header, at, number)) return;
    for (unsigned i = 0; i < filters; ++i) {
        lzma_vli properties = 0;
        if (!take_number(header, at, number) || !take_number(header, at, properties)) return;
        if (properties > header.size() - at) return;
        at += static_cast<std::size_t>(properties);
        const bool last = i + 1 == filters;
        const auto* known = std::ranges::find(bcj_filters, number, &BcjFilter::id);
        if (last && number == lzma2_id) continue;
        if (i > 0 || known == std::end(bcj_filters) || properties != 0)
            demands.refused = "it uses filters other than LZMA2 after one BCJ filter";
        else
            demands.options.insert(known->option);
    }
}

} // namespace

Result<std::size_t> decode_xz(Bytes input, const StreamSink& sink, const InputPlace& place) {
    LzmaStream decoder;
    const lzma_ret started = ::lzma_stream_decoder(&decoder.get(), xz_memory_limit, 0);
    return run("xz", decoder.get(), started, input, sink, place);
}

Result<std::size_t> decode_lzma(Bytes input, const StreamSink& sink, const InputPlace& place) {
    LzmaStream decoder;
    const lzma_ret started = ::lzma_alone_decoder(&decoder.get(), xz_memory_limit);
    return run("lzma", decoder.get(), started, input, sink, place);
}

// Checks: dec_stream_header() of lib/xz/xz_dec_stream.c; the blocks are found by the index at the end.
KernelDemands xz_demands(Bytes stream) {
    KernelDemands demands;
    demands.hint = "compress it again: xz --check=crc32";
    if (stream.size() < 2 * stream_frame) return demands;
    const auto check = std::to_integer<unsigned>(stream[7]) & 0x0f;
    if (check > LZMA_CHECK_CRC32) {
        demands.refused = fmt::format("its check is {}, not CRC32", check == LZMA_CHECK_CRC64    ? "CRC64"
                                                                    : check == LZMA_CHECK_SHA256 ? "SHA-256"
                                                                                                 : "unknown");
        return demands;
    }
    const auto index = read_xz_index(stream);
    if (!index) return demands;
    lzma_index_iter block;
    ::lzma_index_iter_init(&block, index.get());
    while (!::lzma_index_iter_next(&block, LZMA_INDEX_ITER_BLOCK)) {
        if (block.block.compressed_stream_offset > stream.size() - stream_frame) return demands;
        read_block(stream.subspan(static_cast<std::size_t>(block.block.compressed_stream_offset)), demands);
    }
    return demands;
}

} // namespace mkpxerd::wrap
