// SPDX-License-Identifier: MIT
// Our own /init unpacks what the kernel does not; another init leaves that to the kernel.
#include "mkpxerd/generator/modules/module_compression.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "mkpxerd/contract/module_alias.hpp"
#include "mkpxerd/generator/modules/form_comparison.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"

namespace mkpxerd::generator {
namespace {

bool is_compressed(const ReadModule& module) {
    return module.file.compressed.has_value();
}

// How plain modules of the tree are packed, if any module is.
std::optional<wrap::Packing> packing_of(const ModuleCompressionOptions& options) {
    switch (options.policy) {
    case ModulePolicy::Packed:
        return wrap::packing_zstd;
    case ModulePolicy::PackedXz:
        return wrap::packing_xz;
    case ModulePolicy::Smaller:
        return options.own_init ? std::optional(wrap::packing_zstd) : std::nullopt;
    case ModulePolicy::Keep:
    case ModulePolicy::Plain:
        break;
    }
    return std::nullopt;
}

// What to ask for instead. A module that the tree has compressed only ever becomes plain.
std::string loadable_form(const ReadModules& modules, const std::string& config) {
    if (has_compressed_modules(modules)) return "use --modules plain";
    if (missing_to_load(config, wrap::Format::Zstd).empty()) return "use --modules packed, or plain";
    if (missing_to_load(config, wrap::Format::Xz).empty()) return "use --modules packed:xz, or plain";
    return "use --modules plain";
}

// Why the kernel cannot load the compressed modules; nullopt: no reason is known.
std::optional<Problem> find_obstacle(const ReadModules& modules, std::optional<wrap::Packing> packing,
                                     const ModuleCompressionOptions& options) {
    std::set<wrap::Format> formats;
    if (packing) formats.insert(packing->format);
    for (const ReadModule& module : modules.modules) {
        if (is_compressed(module) && !module.file.kernel_refusal.empty())
            return Problem{.object = module.source.string(),
                           .text =
                               fmt::format("the kernel would not unpack it: {}", module.file.kernel_refusal),
                           .hint = "use --modules plain"};
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
                           .hint = loadable_form(modules, *options.kernel_config)};
    }
    return std::nullopt;
}

// Do compressed modules stay so, and are plain ones packed?
Result<bool> goes_packed(ReadModules& modules, FilePacks* packs, const ModuleCompressionOptions& options) {
    const bool is_free = options.policy == ModulePolicy::Smaller;
    if (options.policy == ModulePolicy::Plain || (packs == nullptr && !has_compressed_modules(modules)))
        return false;
    if (!options.own_init) {
        if (auto obstacle = find_obstacle(
                modules, packs != nullptr ? std::optional(packs->packing()) : std::nullopt, options)) {
            if (is_free) return false;
            return fail(Error(std::move(*obstacle)));
        }
        if (is_free && !options.kernel_config) return false;
        if (!options.kernel_config)
            modules.warnings.push_back(
                {.object = "kernel " + modules.kernel_version,
                 .text = "its configuration is not available, so mkpxerd cannot tell whether it "
                         "loads compressed modules"});
    }
    return is_free ? is_smaller_packed(modules, packs, options.compression) : Result<bool>(true);
}

Result<void> pack_all(const ReadModules& modules, FilePacks& packs, const WriteProgress& progress) {
    std::vector<PackableFile> files;
    for (const ReadModule& module : modules.modules)
        if (!is_compressed(module)) files.push_back({.source = module.source, .size = module.size});
    return packs.pack(files, progress);
}

// packs: nullptr: plain modules stay plain.
Module place(ReadModule module, bool packed, const FilePacks* packs) {
    Module placed{.name = std::move(module.name),
                  .path = std::move(module.path),
                  .content = module.source,
                  .size = module.size,
                  .is_packed = packed && is_compressed(module),
                  .reason = std::move(module.reason)};
    if (is_compressed(module) && !packed) {
        placed.path = plain_module_path(placed.path);
        placed.content = CompressedFile{.source = std::move(module.source),
                                        .format = *module.file.compressed,
                                        .plain = std::move(module.file.plain)};
        placed.size = module.file.plain_size;
    } else if (!is_compressed(module) && packed && packs != nullptr) {
        const PackedContent& content = packs->of(module.source);
        if (!content.shrinks) return placed;
        placed.path += wrap::packing_suffix(packs->packing().format);
        placed.content = packs->content({module.source, module.size});
        placed.size = content.size;
        placed.is_packed = true;
    }
    return placed;
}

} // namespace

bool has_compressed_modules(const ReadModules& modules) {
    return std::ranges::any_of(modules.modules, is_compressed);
}

bool needs_kernel_config(const ReadModules& modules, const ModuleCompressionOptions& options) {
    return !options.own_init && (has_compressed_modules(modules) || packing_of(options));
}

Result<ModuleSet> place_modules(ReadModules modules, const ModuleCompressionOptions& options) {
    std::optional<FilePacks> packs;
    if (const auto packing = packing_of(options)) packs.emplace(*packing, options.compression.cache);
    FilePacks* packer = packs ? &*packs : nullptr;
    MKPXERD_TRY_ASSIGN(const bool packed, goes_packed(modules, packer, options));
    if (packed && packs) MKPXERD_TRY(pack_all(modules, *packs, options.progress));
    ModuleSet set;
    for (ReadModule& module : modules.modules)
        set.modules.push_back(place(std::move(module), packed, packer));
    if (packed && packs) set.packing = packs->packing();
    set.kernel_version = std::move(modules.kernel_version);
    set.firmware = std::move(modules.firmware);
    set.missing_firmware = std::move(modules.missing_firmware);
    set.left_out = std::move(modules.left_out);
    set.warnings = std::move(modules.warnings);
    return set;
}

} // namespace mkpxerd::generator
