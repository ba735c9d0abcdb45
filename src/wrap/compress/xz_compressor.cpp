// SPDX-License-Identifier: MIT
// One xz stream of independent blocks, which liblzma's workers compress in parallel. Only LZMA2 and CRC32:
// the kernel's decoder (lib/xz) is often built without other filters, and supports no other check.
#include <algorithm>
#include <lzma.h>
#include <vector>

#include "compressors.hpp"

namespace mkpxerd::wrap {
namespace {

// The kernel's decoder allocates the dictionary (lib/xz/xz_dec_lzma2.c), and a block cannot be smaller
// without loss.
constexpr std::uint32_t dictionary_limit = std::uint32_t{8} << 20;
constexpr std::uint64_t block_bytes = std::uint64_t{16} << 20;
constexpr std::uint32_t max_threads =
    1024; // liblzma refuses more than 16384 and allocates some state for each
constexpr std::size_t output_bytes = std::size_t{64} << 10;

Result<void> checked(lzma_ret code) {
    switch (code) {
    case LZMA_OK:
    case LZMA_STREAM_END:
        return {};
    case LZMA_MEM_ERROR:
        return fail("xz", "out of memory");
    default:
        return fail("xz", "liblzma failed with code " + std::to_string(static_cast<int>(code)));
    }
}

class XzCompressor : public Compressor {
  public:
    XzCompressor() = default;
    XzCompressor(const XzCompressor&) = delete;
    XzCompressor& operator=(const XzCompressor&) = delete;
    ~XzCompressor() override { lzma_end(&stream_); }

    static Result<std::unique_ptr<Compressor>> make(int level, unsigned threads, ByteSink sink) {
        auto xz = std::make_unique<XzCompressor>();
        xz->sink_ = std::move(sink);
        lzma_options_lzma lzma2{};
        if (lzma_lzma_preset(&lzma2, static_cast<std::uint32_t>(level)) != 0)
            return fail("xz", "liblzma does not know level " + std::to_string(level));
        lzma2.dict_size = std::min(lzma2.dict_size, dictionary_limit);
        const lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &lzma2}, {LZMA_VLI_UNKNOWN, nullptr}};
        lzma_mt options{};
        options.threads = std::min(threads, max_threads);
        options.block_size = block_bytes;
        options.filters = filters;
        options.check = LZMA_CHECK_CRC32;
        MKPXERD_TRY(checked(lzma_stream_encoder_mt(&xz->stream_, &options)));
        xz->output_.resize(output_bytes);
        return xz;
    }

    Result<void> write(std::span<const std::byte> bytes) override {
        if (bytes.empty()) return {}; // liblzma reports a call without progress as an error
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
        stream_.avail_in = bytes.size();
        while (stream_.avail_in > 0)
            MKPXERD_TRY(step(LZMA_RUN));
        return {};
    }

    Result<void> finish() override {
        while (!ended_)
            MKPXERD_TRY(step(LZMA_FINISH));
        return {};
    }

  private:
    Result<void> step(lzma_action action) {
        stream_.next_out = reinterpret_cast<std::uint8_t*>(output_.data());
        stream_.avail_out = output_.size();
        const lzma_ret code = lzma_code(&stream_, action);
        MKPXERD_TRY(checked(code));
        ended_ = code == LZMA_STREAM_END;
        const std::size_t written = output_.size() - stream_.avail_out;
        if (written > 0) MKPXERD_TRY(sink_(std::span(output_).first(written)));
        return {};
    }

    ByteSink sink_;
    lzma_stream stream_ = LZMA_STREAM_INIT;
    bool ended_ = false;
    std::vector<std::byte> output_;
};

} // namespace

Result<std::unique_ptr<Compressor>> make_xz_compressor(int level, unsigned threads, ByteSink sink) {
    return XzCompressor::make(level, threads, std::move(sink));
}

std::string xz_identity(int level) {
    return compressor_identity("xz", level, reinterpret_cast<const void*>(&lzma_stream_encoder_mt));
}

} // namespace mkpxerd::wrap
