// SPDX-License-Identifier: MIT
// Packed modules do not pack again: an image that is compressed as a whole is mostly smaller with plain ones,
// one that is compressed less than they are is not. So both are measured.
#include "mkpxerd/generator/modules/module_packing.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/generator/modules/kernel_lists.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::generator {

Result<std::uint64_t> ModulePacking::bytes_in_image(const ModuleSet& modules, bool unpacked) const {
    std::uint64_t bytes = 0;
    const auto count = [&](std::span<const std::byte> piece) {
        bytes += piece.size();
        return Result<void>();
    };
    MKPXERD_TRY_ASSIGN(const auto compressor, wrap::make_compressor(compression_, count));
    const auto pack = [&](std::span<const std::byte> piece, std::size_t) { return compressor->write(piece); };
    for (const Module& module : modules.modules) {
        if (!unpacked || !module.packed) {
            MKPXERD_TRY(compressor->write_file(module.source, module.size));
            continue;
        }
        MKPXERD_TRY_ASSIGN(const MappedFile file, MappedFile::open(module.source));
        MKPXERD_TRY(wrap::decompress_file(*module.packed, file.bytes(), pack, module.source.string()));
    }
    MKPXERD_TRY(compressor->finish());
    return bytes;
}

Result<bool> ModulePacking::keeps(ModuleSet& modules) const {
    if (policy_ == ModulePolicy::Plain) return false;
    std::set<wrap::Format> formats;
    for (const Module& module : modules.modules)
        if (module.packed) formats.insert(*module.packed);
    for (const Module& module : modules.modules) {
        if (!module.packed || module.kernel_refusal.empty()) continue;
        if (policy_ == ModulePolicy::Smaller) return false;
        return fail(module.source.string(),
                    fmt::format("the kernel would not unpack it: {}", module.kernel_refusal),
                    "use --modules plain");
    }
    for (const wrap::Format format : formats) {
        const std::string missing = config_ ? missing_to_load(*config_, format) : "";
        if (missing.empty()) continue;
        if (policy_ == ModulePolicy::Smaller) return false;
        return fail("kernel " + modules.kernel_version,
                    fmt::format("cannot load modules packed by {}: it was built without {}",
                                wrap::format_name(format), missing),
                    "use --modules plain");
    }
    if (policy_ == ModulePolicy::Keep) {
        if (!config_)
            modules.warnings.push_back(
                {"kernel " + modules.kernel_version,
                 "no configuration of it is at hand, so whether it loads packed modules is not known",
                 {},
                 {}});
        return true;
    }
    if (!config_) return false;
    MKPXERD_TRY_ASSIGN(const std::uint64_t packed, bytes_in_image(modules, false));
    MKPXERD_TRY_ASSIGN(const std::uint64_t plain, bytes_in_image(modules, true));
    return packed < plain;
}

Result<ModuleSet> ModulePacking::apply(ModuleSet modules) const {
    const auto is_packed = [](const Module& module) { return module.packed.has_value(); };
    if (std::none_of(modules.modules.begin(), modules.modules.end(), is_packed)) return modules;
    MKPXERD_TRY_ASSIGN(const bool keep, keeps(modules));
    for (Module& module : modules.modules) {
        if (keep) {
            module.packed.reset(); // goes in as it is
        } else if (module.packed) {
            module.path = plain_module_path(module.path);
            module.size = module.plain_size;
        }
    }
    return modules;
}

} // namespace mkpxerd::generator
