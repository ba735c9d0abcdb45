// SPDX-License-Identifier: MIT
// To compress everything twice would cost as much as the build itself. So this compares a sample of the
// modules first, and all of them only if the sample's difference is small.
#include "mkpxerd/generator/modules/form_comparison.hpp"

#include <fmt/format.h>
#include <limits>
#include <optional>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

using Modules = std::vector<const ReadModule*>;

// The sample: modules that begin in the first of each so many MiB of plain modules. Modules beside each other
// resemble each other, so that it consists of runs.
constexpr std::uint64_t run_bytes = std::uint64_t{1} << 20;
constexpr std::uint64_t stride_bytes = 8 * run_bytes;
constexpr std::uint64_t smallest_sampled = 2 * stride_bytes;
// Differences of the sample above this many hundredths hold for the whole.
constexpr std::uint64_t clear_percent = 3;

// A header of newc and its path, which are between the modules in the image as well.
constexpr std::string_view header =
    "070701000000010000A1A40000000000000000000000016950F8000000C35000000000000000"
    "00000000000000000000000030000000000lib/modules/6.1.0/";

std::uint64_t plain_bytes(const Modules& modules) {
    std::uint64_t bytes = 0;
    for (const ReadModule* module : modules)
        bytes += module->file.plain_size;
    return bytes;
}

Modules sample_of(const Modules& modules) {
    if (plain_bytes(modules) < smallest_sampled) return modules;
    Modules sample;
    std::uint64_t place = 0;
    for (const ReadModule* module : modules) {
        if (place % stride_bytes < run_bytes) sample.push_back(module);
        place += module->file.plain_size;
    }
    return sample;
}

Result<void> write_plain(const ReadModule& module, wrap::Compressor& compressor) {
    if (!module.file.compressed) return compressor.write_file(module.source, module.size);
    if (module.file.plain) return compressor.write(std::as_bytes(std::span(*module.file.plain)));
    MKPXERD_TRY_ASSIGN(const MappedFile file, MappedFile::open(module.source));
    const auto write = [&](std::span<const std::byte> piece, std::size_t) { return compressor.write(piece); };
    MKPXERD_TRY(wrap::decompress_file(*module.file.compressed, file.bytes(), write, module.source.string()));
    return {};
}

Result<void> write_in_form(const ReadModule& module, const FilePacks* packs, wrap::Compressor& compressor) {
    const PackedContent* packed =
        packs != nullptr && !module.file.compressed ? &packs->of(module.source) : nullptr;
    if (!module.file.compressed && (packed == nullptr || !packed->shrinks))
        return write_plain(module, compressor);
    compressor.set_packed((packed == nullptr ? module.size : packed->size) >= smallest_stored);
    if (packed == nullptr)
        MKPXERD_TRY(compressor.write_file(module.source, module.size));
    else
        MKPXERD_TRY(write_packed(packs->content({module.source, module.size}), packed->size,
                                 [&](std::span<const std::byte> bytes) { return compressor.write(bytes); }));
    compressor.set_packed(false);
    return {};
}

// Compares forms of some modules.
class Comparison {
  public:
    Comparison(const Modules& modules, FilePacks* packs, const wrap::CompressorOptions& compression)
        : modules_(modules), packs_(packs), compression_(compression) {}

    Result<void> pack() {
        if (packs_ == nullptr) return {};
        std::vector<PackableFile> files;
        for (const ReadModule* module : modules_)
            if (!module->file.compressed) files.push_back({.source = module->source, .size = module->size});
        return packs_->pack(files);
    }
    Result<std::uint64_t> packed_bytes() const {
        return bytes([&](const ReadModule& module, wrap::Compressor& compressor) {
            return write_in_form(module, packs_, compressor);
        });
    }
    // Stops above limit, and returns limit + 1.
    Result<std::uint64_t> plain_bytes(std::uint64_t limit) const { return bytes(write_plain, limit); }

  private:
    template <class Write>
    Result<std::uint64_t> bytes(Write write,
                                std::uint64_t limit = std::numeric_limits<std::uint64_t>::max()) const {
        std::uint64_t bytes = 0;
        const auto count = [&](std::span<const std::byte> piece) -> Result<void> {
            bytes += piece.size();
            return bytes > limit ? Result<void>(fail("", "larger than the limit")) : Result<void>();
        };
        const auto compress = [&]() -> Result<void> {
            MKPXERD_TRY_ASSIGN(const auto compressor, wrap::make_compressor(compression_, count));
            for (const ReadModule* module : modules_) {
                const std::string path = std::string(header) + module->path;
                MKPXERD_TRY(compressor->write(std::as_bytes(std::span(path))));
                MKPXERD_TRY(write(*module, *compressor));
            }
            return compressor->finish();
        };
        const auto done = compress();
        if (bytes > limit) return limit + 1;
        if (!done) return fail(done.error());
        return bytes;
    }

    const Modules& modules_;
    FilePacks* packs_;
    const wrap::CompressorOptions& compression_;
};

enum class Smaller : char { Packed = 'p', Plain = 'u', Unclear = '?' };

// percent: a difference up to this much is unclear.
Result<Smaller> compare(const Modules& modules, FilePacks* packs, const wrap::CompressorOptions& compression,
                        std::uint64_t percent) {
    Comparison comparison(modules, packs, compression);
    MKPXERD_TRY(comparison.pack());
    MKPXERD_TRY_ASSIGN(const std::uint64_t packed, comparison.packed_bytes());
    const std::uint64_t margin = packed / 100 * percent;
    MKPXERD_TRY_ASSIGN(const std::uint64_t plain, comparison.plain_bytes(packed + margin));
    if (plain > packed + margin) return Smaller::Packed;
    if (percent == 0) return plain == packed ? Smaller::Packed : Smaller::Plain;
    return plain < packed - margin ? Smaller::Plain : Smaller::Unclear;
}

// What the result depends on.
Result<wrap::ContentHash> key_of(const Modules& modules, const std::string& identity) {
    wrap::ContentHasher hash;
    const auto add = [&](std::span<const std::byte> bytes) -> Result<void> {
        hash.update(bytes);
        return {};
    };
    MKPXERD_TRY(add(std::as_bytes(std::span(identity))));
    for (const ReadModule* module : modules) {
        MKPXERD_TRY(add(std::as_bytes(std::span(module->path))));
        MKPXERD_TRY(read_whole(module->source, module->size, add));
    }
    return hash.finish();
}

// The same, from the cache: otherwise a rebuild would compare again.
Result<Smaller> smaller_form(const Modules& modules, FilePacks* packs,
                             const wrap::CompressorOptions& compression, std::uint64_t percent) {
    const std::string image = wrap::stream_identity(compression);
    const std::string packing = packs != nullptr ? wrap::packing_identity(packs->packing()) : "none";
    if (!compression.cache || image.empty() || packing.empty())
        return compare(modules, packs, compression, percent);
    MKPXERD_TRY_ASSIGN(const auto key,
                       key_of(modules, fmt::format("smaller form, {}, {}, {}", image, packing, percent)));
    std::optional<Smaller> known;
    MKPXERD_TRY(compression.cache->find(key, [&](std::span<const std::byte> kept) -> Result<void> {
        for (const Smaller each : {Smaller::Packed, Smaller::Plain, Smaller::Unclear})
            if (kept.size() == 1 && kept.front() == static_cast<std::byte>(each)) known = each;
        return {};
    }));
    if (known) return *known;
    MKPXERD_TRY_ASSIGN(const Smaller smaller, compare(modules, packs, compression, percent));
    const auto value = static_cast<std::byte>(smaller);
    compression.cache->keep(key, std::span(&value, 1));
    return smaller;
}

} // namespace

Result<bool> is_smaller_packed(const ReadModules& modules, FilePacks* packs,
                               const wrap::CompressorOptions& compression) {
    Modules all;
    for (const ReadModule& module : modules.modules)
        all.push_back(&module);
    const Modules sample = sample_of(all);
    const bool is_whole = sample.size() == all.size();
    MKPXERD_TRY_ASSIGN(auto smaller, smaller_form(sample, packs, compression, is_whole ? 0 : clear_percent));
    if (smaller == Smaller::Unclear) {
        MKPXERD_TRY_ASSIGN(smaller, smaller_form(all, packs, compression, 0));
    }
    return smaller == Smaller::Packed;
}

} // namespace mkpxerd::generator
