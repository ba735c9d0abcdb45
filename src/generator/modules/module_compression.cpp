// SPDX-License-Identifier: MIT
// Compressed modules do not shrink again: a compressed image is usually smaller with plain modules, but not
// if its compression is weaker than theirs. So this measures sizes until the result is certain.
#include "mkpxerd/generator/modules/module_compression.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/generator/modules/module_names.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {
namespace {

bool is_compressed(const ReadModule& module) {
    return module.file.compressed.has_value();
}

Result<void> write_plain(const ReadModule& module, wrap::Compressor& compressor) {
    if (!is_compressed(module)) return compressor.write_file(module.source, module.size);
    if (module.file.plain) return compressor.write(std::as_bytes(std::span(*module.file.plain)));
    MKPXERD_TRY_ASSIGN(const MappedFile file, MappedFile::open(module.source));
    const auto write = [&](std::span<const std::byte> piece, std::size_t) { return compressor.write(piece); };
    MKPXERD_TRY(wrap::decompress_file(*module.file.compressed, file.bytes(), write, module.source.string()));
    return {};
}

// Bytes of the modules in the compressed image. Stops above limit, and returns limit + 1.
Result<std::uint64_t> compressed_bytes(const ReadModules& modules, bool unpacked,
                                       const wrap::CompressorOptions& compression, std::uint64_t limit) {
    std::uint64_t bytes = 0;
    const auto count = [&](std::span<const std::byte> piece) -> Result<void> {
        bytes += piece.size();
        return bytes > limit ? Result<void>(fail("", "larger than the limit")) : Result<void>();
    };
    const auto compress = [&]() -> Result<void> {
        MKPXERD_TRY_ASSIGN(const auto compressor, wrap::make_compressor(compression, count));
        for (const ReadModule& module : modules.modules)
            MKPXERD_TRY(unpacked ? write_plain(module, *compressor)
                                 : compressor->write_file(module.source, module.size));
        return compressor->finish();
    };
    const auto done = compress();
    if (bytes > limit) return limit + 1;
    if (!done) return fail(done.error());
    return bytes;
}

// The largest size of incompressible bytes after compression. All formats store such data unchanged, in
// blocks with a few bytes each: at most 1/250 of it (LZ4_COMPRESSBOUND, ZSTD_COMPRESSBOUND, libdeflate's and
// LZMA2's bounds).
std::uint64_t stored_bound(std::uint64_t bytes) {
    constexpr std::uint64_t headers = 64 << 10;
    return bytes + bytes / 64 + headers;
}

// Is the image smaller with the compressed modules? Usually they are so much smaller than plain ones, or so
// much larger, that neither set must be compressed to its end.
Result<bool> compressed_are_smaller(const ReadModules& modules, const wrap::CompressorOptions& compression) {
    std::uint64_t compressed = 0;
    std::uint64_t plain = 0;
    for (const ReadModule& module : modules.modules) {
        compressed += module.size;
        plain += module.file.plain_size;
    }
    if (compression.format == wrap::Format::None) return compressed < plain;
    const std::uint64_t bound = stored_bound(compressed);
    MKPXERD_TRY_ASSIGN(plain, compressed_bytes(modules, true, compression, bound));
    if (plain > bound) return true;
    MKPXERD_TRY_ASSIGN(compressed, compressed_bytes(modules, false, compression, plain));
    return compressed < plain;
}

// Why the kernel cannot load the compressed modules; nullopt: no reason is known.
std::optional<Problem> find_obstacle(const ReadModules& modules, const ModuleCompressionOptions& options) {
    constexpr const char* hint = "use --modules plain";
    std::set<wrap::Format> formats;
    for (const ReadModule& module : modules.modules) {
        if (is_compressed(module) && !module.file.kernel_refusal.empty())
            return Problem{.object = module.source.string(),
                           .text =
                               fmt::format("the kernel would not unpack it: {}", module.file.kernel_refusal),
                           .hint = hint};
        if (is_compressed(module)) formats.insert(*module.file.compressed);
    }
    for (const wrap::Format format : formats) {
        const std::string missing =
            options.kernel_config ? missing_to_load(*options.kernel_config, format) : "";
        if (!missing.empty())
            return Problem{.object = "kernel " + modules.kernel_version,
                           .text =
                               fmt::format("cannot load modules compressed with {}: it was built without {}",
                                           wrap::format_name(format), missing),
                           .hint = hint};
    }
    return std::nullopt;
}

Result<bool> keeps_compressed(ReadModules& modules, const ModuleCompressionOptions& options) {
    if (options.policy == ModulePolicy::Plain) return false;
    if (auto obstacle = find_obstacle(modules, options)) {
        if (options.policy == ModulePolicy::Smaller) return false;
        return fail(Error(std::move(*obstacle)));
    }
    if (options.policy == ModulePolicy::Smaller)
        return options.kernel_config ? compressed_are_smaller(modules, options.compression)
                                     : Result<bool>(false);
    if (!options.kernel_config)
        modules.warnings.push_back(
            {.object = "kernel " + modules.kernel_version,
             .text = "its configuration is not available, so mkpxerd cannot tell whether it "
                     "loads compressed modules"});
    return true;
}

Module place(ReadModule module, bool keep) {
    Module placed{.name = std::move(module.name),
                  .path = std::move(module.path),
                  .content = module.source,
                  .size = module.size,
                  .reason = std::move(module.reason)};
    if (!keep && is_compressed(module)) {
        placed.path = plain_module_path(placed.path);
        placed.content = CompressedFile{.source = std::move(module.source),
                                        .format = *module.file.compressed,
                                        .plain = std::move(module.file.plain)};
        placed.size = module.file.plain_size;
    }
    return placed;
}

} // namespace

bool has_compressed_modules(const ReadModules& modules) {
    return std::ranges::any_of(modules.modules, is_compressed);
}

Result<ModuleSet> place_modules(ReadModules modules, const ModuleCompressionOptions& options) {
    bool keep = false;
    if (has_compressed_modules(modules)) {
        MKPXERD_TRY_ASSIGN(keep, keeps_compressed(modules, options));
    }
    ModuleSet set;
    for (ReadModule& module : modules.modules)
        set.modules.push_back(place(std::move(module), keep));
    set.kernel_version = std::move(modules.kernel_version);
    set.firmware = std::move(modules.firmware);
    set.missing_firmware = std::move(modules.missing_firmware);
    set.left_out = std::move(modules.left_out);
    set.warnings = std::move(modules.warnings);
    return set;
}

} // namespace mkpxerd::generator
