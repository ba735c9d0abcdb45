// SPDX-License-Identifier: MIT
// One zstd frame (RFC 8878) by libzstd's own workers. Without a worker libzstd writes other bytes, so there
// is always one; the size of a job is fixed, so the bytes do not depend on the number of workers.
#include <algorithm>
#include <vector>
#include <zstd.h>

#include "compressors.hpp"

namespace mkpxerd::wrap {
namespace {

// lib/decompress_unzstd.c allocates the whole window before it unpacks and accepts windows up to 128 MiB; RFC
// 8878 requires 8 MiB of every decoder. Levels up to 19 stay within that by themselves, the others are
// limited to it.
constexpr int highest_plain_level = 19;
constexpr int window_log = 23;

Result<std::size_t> checked(std::size_t code) {
    if (ZSTD_isError(code) != 0) return fail("zstd", ZSTD_getErrorName(code));
    return code;
}

class ZstdCompressor : public Compressor {
  public:
    static Result<std::unique_ptr<Compressor>> make(int level, unsigned threads, ByteSink sink) {
        auto zstd = std::make_unique<ZstdCompressor>();
        zstd->sink_ = std::move(sink);
        zstd->context_.reset(ZSTD_createCCtx());
        if (!zstd->context_) return fail("zstd", "out of memory");
        MKPXERD_TRY(zstd->set(ZSTD_c_compressionLevel, level));
        if (level > highest_plain_level) MKPXERD_TRY(zstd->set(ZSTD_c_windowLog, window_log));
        MKPXERD_TRY(zstd->set(ZSTD_c_checksumFlag, 1));
        const ZSTD_bounds workers = ZSTD_cParam_getBounds(ZSTD_c_nbWorkers);
        MKPXERD_TRY(checked(workers.error));
        MKPXERD_TRY(zstd->set(ZSTD_c_nbWorkers, std::min(static_cast<int>(threads), workers.upperBound)));
        zstd->output_.resize(ZSTD_CStreamOutSize());
        zstd->input_.reserve(ZSTD_CStreamInSize());
        // The first call fixes the frame's header: if it came with the end, the size of the content would go
        // into it.
        MKPXERD_TRY(zstd->push(ZSTD_e_continue));
        return zstd;
    }

    // Passes on input in pieces of one size, the last one always with the end of the frame: otherwise, a job
    // that is just full at the end would be the last one or not, depending on how busy the workers are.
    Result<void> write(std::span<const std::byte> bytes) override {
        while (!bytes.empty()) {
            if (input_.size() == input_.capacity()) MKPXERD_TRY(push(ZSTD_e_continue));
            const auto part = bytes.first(std::min(bytes.size(), input_.capacity() - input_.size()));
            input_.insert(input_.end(), part.begin(), part.end());
            bytes = bytes.subspan(part.size());
        }
        return {};
    }

    Result<void> finish() override { return push(ZSTD_e_end); }

  private:
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    };

    Result<void> set(ZSTD_cParameter parameter, int value) {
        MKPXERD_TRY(checked(ZSTD_CCtx_setParameter(context_.get(), parameter, value)));
        return {};
    }

    Result<void> push(ZSTD_EndDirective directive) {
        ZSTD_inBuffer input = {input_.data(), input_.size(), 0};
        for (;;) {
            ZSTD_outBuffer output = {output_.data(), output_.size(), 0};
            MKPXERD_TRY_ASSIGN(const std::size_t left,
                               checked(ZSTD_compressStream2(context_.get(), &output, &input, directive)));
            if (output.pos > 0) MKPXERD_TRY(sink_(std::span(output_).first(output.pos)));
            if (directive == ZSTD_e_end ? left == 0 : input.pos == input.size) break;
        }
        input_.clear();
        return {};
    }

    ByteSink sink_;
    std::unique_ptr<ZSTD_CCtx, Free> context_;
    std::vector<std::byte> input_; // its capacity is the size of a piece
    std::vector<std::byte> output_;
};

} // namespace

Result<std::unique_ptr<Compressor>> make_zstd_compressor(int level, unsigned threads, ByteSink sink) {
    return ZstdCompressor::make(level, threads, std::move(sink));
}

std::string zstd_identity(int level) {
    return compressor_identity("zstd", level, reinterpret_cast<const void*>(&ZSTD_compressStream2));
}

} // namespace mkpxerd::wrap
