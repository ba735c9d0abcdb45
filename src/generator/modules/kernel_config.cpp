// SPDX-License-Identifier: MIT
// A kernel that cannot unpack its initrd panics without naming the cause, so it is checked here.
#include "mkpxerd/generator/modules/kernel_config.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/modules/embedded_config.hpp"
#include "mkpxerd/generator/modules/kernel_payload.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t max_config_bytes = std::size_t{16} << 20; // usually 300 KiB

struct Unpacker {
    std::string_view encoding;
    std::string_view option;
};
constexpr Unpacker unpackers[] = {
    {"gzip", "CONFIG_RD_GZIP"}, {"xz", "CONFIG_RD_XZ"},     {"zstd", "CONFIG_RD_ZSTD"},
    {"lz4", "CONFIG_RD_LZ4"},   {"lzma", "CONFIG_RD_LZMA"}, {"bzip2", "CONFIG_RD_BZIP2"},
    {"lzo", "CONFIG_RD_LZO"},
};

// The xz filter that every kernel of this architecture has, whatever its configuration.
constexpr std::string_view own_filter =
#if defined(__x86_64__) || defined(__i386__)
    "CONFIG_XZ_DEC_X86";
#elif defined(__aarch64__)
    "CONFIG_XZ_DEC_ARM64";
#elif defined(__arm__)
    "CONFIG_XZ_DEC_ARM";
#elif defined(__powerpc__)
    "CONFIG_XZ_DEC_POWERPC";
#elif defined(__riscv)
    "CONFIG_XZ_DEC_RISCV";
#else
    "";
#endif

} // namespace

std::optional<std::string> read_kernel_config(const Sysroot& tree, const std::string& kernel_version) {
    for (const std::string& path :
         {"boot/config-" + kernel_version, "lib/modules/" + kernel_version + "/config",
          "lib/modules/" + kernel_version + "/build/.config", "usr/lib/modules/" + kernel_version + "/config",
          "usr/lib/modules/" + kernel_version + "/build/.config"}) {
        const auto real = tree.resolve(path);
        if (!real) continue;
        if (auto text = read_regular(tree.file(real->path), max_config_bytes)) return std::move(*text);
    }
    const auto kernel = open_kernel(tree, kernel_version);
    return kernel ? embedded_kernel_config(kernel->bytes()) : std::nullopt;
}

bool is_enabled(std::string_view config, std::string_view name) {
    for (const auto line : split_lines(config))
        if (line.starts_with(name) && line.substr(name.size()) == "=y") return true;
    return false;
}

std::string missing_to_load(std::string_view config, wrap::Format format) {
    const std::string_view own = format == wrap::Format::Gzip ? "CONFIG_MODULE_COMPRESS_GZIP"
                                 : format == wrap::Format::Xz ? "CONFIG_MODULE_COMPRESS_XZ"
                                                              : "CONFIG_MODULE_COMPRESS_ZSTD";
    for (const std::string_view option : {std::string_view("CONFIG_MODULE_DECOMPRESS"), own})
        if (!is_enabled(config, option)) return std::string(option);
    return {};
}

std::string missing_to_load_firmware(std::string_view config, wrap::Format format) {
    constexpr std::string_view xz = "CONFIG_FW_LOADER_COMPRESS_XZ";
    constexpr std::string_view zstd = "CONFIG_FW_LOADER_COMPRESS_ZSTD";
    const std::string_view own = format == wrap::Format::Xz ? xz : zstd;
    const bool is_old =
        config.find(xz) == std::string_view::npos && config.find(zstd) == std::string_view::npos;
    const bool loads_xz_alone = is_old && is_enabled(config, "CONFIG_FW_LOADER_COMPRESS");
    return is_enabled(config, own) || (format == wrap::Format::Xz && loads_xz_alone) ? "" : std::string(own);
}

std::string missing_to_unpack(const std::optional<std::string>& config, std::string_view encoding) {
    const auto* unpacker = std::ranges::find(unpackers, encoding, &Unpacker::encoding);
    const bool known = config && unpacker != std::end(unpackers);
    return known && !is_enabled(*config, unpacker->option) ? std::string(unpacker->option) : "";
}

Result<void> check_kernel_unpacks(const std::optional<std::string>& config, const std::string& kernel_version,
                                  wrap::Format format) {
    const std::string_view name = wrap::format_name(format);
    const std::string missing = missing_to_unpack(config, name);
    if (missing.empty()) return {};
    std::string usable = "none";
    for (const auto other : {wrap::Format::Gzip, wrap::Format::Xz, wrap::Format::Zstd, wrap::Format::Lz4})
        if (missing_to_unpack(config, wrap::format_name(other)).empty())
            usable += fmt::format(", {}", wrap::format_name(other));
    return fail("kernel " + kernel_version,
                fmt::format("cannot unpack {}: it was built without {}", name, missing),
                fmt::format("use -C with one of: {}", usable));
}

std::string find_refusal(const wrap::KernelDemands& demands, const std::optional<std::string>& config) {
    if (!demands.refused.empty()) return demands.refused;
    for (const std::string_view option : demands.options)
        if (config ? !is_enabled(*config, option) : option != own_filter)
            return config ? fmt::format("it was built without {}", option)
                          : fmt::format("it is compressed for another architecture, which needs {}", option);
    return {};
}

} // namespace mkpxerd::generator
