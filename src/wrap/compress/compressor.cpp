// SPDX-License-Identifier: MIT
// Names and scales of the formats, and their construction.
#include "mkpxerd/wrap/compressor.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "compressors.hpp"
#include "mkpxerd/base/file.hpp"

namespace mkpxerd::wrap {
namespace {

constexpr int slow_zstd_level =
    10; // from this level on, reading and hashing the input is fast compared with compressing it

struct Description {
    Format format;
    std::string_view name;
    LevelRange levels;
};
constexpr std::array<Description, 5> descriptions = {{
    {Format::Gzip, "gzip", {1, 12, 6}},
    {Format::Xz, "xz", {0, 9, 6}},
    {Format::Zstd, "zstd", {1, 22, 3}},
    {Format::Lz4, "lz4", {1, 12, 9}},
    {Format::None, "none", {}},
}};

const Description& describe(Format format) {
    return *std::find_if(descriptions.begin(), descriptions.end(),
                         [format](const Description& item) { return item.format == format; });
}

class PlainCompressor : public Compressor {
  public:
    explicit PlainCompressor(ByteSink sink) : sink_(std::move(sink)) {}
    Result<void> write(std::span<const std::byte> bytes) override {
        if (bytes.empty()) return {};
        return sink_(bytes);
    }
    Result<void> finish() override { return {}; }

  private:
    ByteSink sink_;
};

// Remembers the first error, so that no format continues from a broken state.
class GuardedCompressor : public Compressor {
  public:
    explicit GuardedCompressor(std::unique_ptr<Compressor> inner) : inner_(std::move(inner)) {}
    Result<void> write(std::span<const std::byte> bytes) override {
        return guard([&] { return inner_->write(bytes); });
    }
    Result<void> write_file(const TreePath& file, std::uint64_t size) override {
        return guard([&] { return size == 0 ? Result<void>() : inner_->write_file(file, size); });
    }
    Result<void> cut() override {
        return guard([&] { return inner_->cut(); });
    }
    void set_packed(bool packed) override { inner_->set_packed(packed); }
    Result<void> finish() override {
        return guard([&] { return inner_->finish(); });
    }

  private:
    template <class Call>
    Result<void> guard(Call call) {
        if (error_) return fail(*error_);
        auto result = call();
        if (!result) error_ = result.error();
        return result;
    }

    std::unique_ptr<Compressor> inner_;
    std::optional<Error> error_;
};

Result<std::unique_ptr<Compressor>> make_format(Format format, int level, unsigned threads,
                                                std::shared_ptr<ChunkCache> cache, ByteSink sink) {
    switch (format) {
    case Format::Gzip:
        return make_gzip_compressor(level, threads, std::move(cache), std::move(sink));
    case Format::Xz:
        return make_xz_compressor(level, threads, std::move(sink));
    case Format::Zstd:
        return make_zstd_compressor(level, threads, std::move(sink));
    case Format::Lz4:
        return make_lz4_compressor(level, threads, std::move(sink));
    case Format::None:
        break;
    }
    return std::make_unique<PlainCompressor>(std::move(sink));
}

} // namespace

Result<void> Compressor::write_file(const TreePath& file, std::uint64_t size) {
    return read_whole(file, size, [this](std::span<const std::byte> piece) { return write(piece); });
}

std::string_view format_name(Format format) {
    return describe(format).name;
}

std::vector<std::string_view> format_names() {
    std::vector<std::string_view> names;
    for (const Description& item : descriptions)
        names.push_back(item.name);
    return names;
}

std::optional<Format> parse_format(std::string_view name) {
    for (const Description& item : descriptions)
        if (item.name == name) return item.format;
    return std::nullopt;
}

LevelRange level_range(Format format) {
    return describe(format).levels;
}

std::string stream_identity(const CompressorOptions& options) {
    const int level = options.level.value_or(level_range(options.format).standard);
    switch (options.format) {
    case Format::Gzip:
        return gzip_identity(level);
    case Format::Lz4:
        return lz4_identity(level);
    case Format::Zstd:
        return zstd_identity(level);
    case Format::Xz:
        return xz_identity(level);
    case Format::None:
        break;
    }
    return "none";
}

std::string whole_identity(const CompressorOptions& options) {
    const int level = options.level.value_or(level_range(options.format).standard);
    const bool is_slow =
        options.format == Format::Xz || (options.format == Format::Zstd && level >= slow_zstd_level);
    return is_slow ? stream_identity(options) : std::string();
}

Result<std::unique_ptr<Compressor>> make_compressor(const CompressorOptions& options, ByteSink sink) {
    const auto& [format, name, levels] = describe(options.format);
    const int level = options.level.value_or(levels.standard);
    if (format == Format::None && options.level) return fail(std::string(name), "has no compression level");
    if (level < levels.lowest || level > levels.highest)
        return fail(std::string(name), fmt::format("compression level {} is outside {} to {}", level,
                                                   levels.lowest, levels.highest));
    MKPXERD_TRY_ASSIGN(auto inner, make_format(format, level, std::max(options.threads, 1U), options.cache,
                                               std::move(sink)));
    return std::make_unique<GuardedCompressor>(std::move(inner));
}

} // namespace mkpxerd::wrap
