// SPDX-License-Identifier: MIT
// A kernel that cannot unpack its initrd panics without naming the cause; so it is said here.
#include "mkpxerd/generator/kernel_config.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/embedded_config.hpp"

namespace mkpxerd::generator {
namespace {

std::string_view option_of(wrap::Format format) {
    switch (format) {
    case wrap::Format::None:
        return {};
    case wrap::Format::Gzip:
        return "CONFIG_RD_GZIP";
    case wrap::Format::Xz:
        return "CONFIG_RD_XZ";
    case wrap::Format::Zstd:
        return "CONFIG_RD_ZSTD";
    case wrap::Format::Lz4:
        return "CONFIG_RD_LZ4";
    }
    return {};
}

} // namespace

std::optional<std::string> read_kernel_config(const Sysroot& tree, const std::string& kernel_version) {
    for (const std::string& path :
         {"boot/config-" + kernel_version, "lib/modules/" + kernel_version + "/config",
          "lib/modules/" + kernel_version + "/build/.config", "usr/lib/modules/" + kernel_version + "/config",
          "usr/lib/modules/" + kernel_version + "/build/.config"}) {
        const auto real = tree.resolve(path);
        if (!real) continue;
        if (auto text = read_file(tree.host(real->path))) return std::move(*text);
    }
    for (const std::string& path :
         {"boot/vmlinuz-" + kernel_version, "lib/modules/" + kernel_version + "/vmlinuz",
          "usr/lib/modules/" + kernel_version + "/vmlinuz"}) {
        const auto real = tree.resolve(path);
        if (!real) continue;
        if (const auto kernel = MappedFile::open(tree.host(real->path)))
            if (auto text = embedded_kernel_config(kernel->bytes())) return text;
    }
    return std::nullopt;
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

Result<void> check_kernel_unpacks(const std::optional<std::string>& config, const std::string& kernel_version,
                                  wrap::Format format) {
    const auto option = option_of(format);
    if (!config || option.empty() || is_enabled(*config, option)) return {};
    std::string usable = "none";
    for (const auto other : {wrap::Format::Gzip, wrap::Format::Xz, wrap::Format::Zstd, wrap::Format::Lz4})
        if (is_enabled(*config, option_of(other))) usable += fmt::format(", {}", wrap::format_name(other));
    return fail("kernel " + kernel_version,
                fmt::format("cannot unpack {}: it was built without {}", wrap::format_name(format), option),
                fmt::format("use -C with one of: {}", usable));
}

} // namespace mkpxerd::generator
