// SPDX-License-Identifier: MIT
// Unpacked here and not by libkmod, which knows the compressions that it was built with.
#include "mkpxerd/generator/modules/module_file.hpp"

#include <array>
#include <fmt/format.h>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "mkpxerd/wrap/decompressor.hpp"
#include "mkpxerd/wrap/modinfo.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t largest_module = std::size_t{512}
                                       << 20; // unpacked; amdgpu with debug information has 400 MB
constexpr std::string_view firmware_key = "firmware=";

tl::unexpected<Error> too_large(const std::string& name) {
    return fail(name, fmt::format("is larger than {} bytes unpacked", largest_module));
}

// module_decompress() of kernel/module/decompress.c takes one stream; kmod and the tools take several.
Result<std::string> unpack(wrap::Format format, std::span<const std::byte> packed, const std::string& name,
                           std::string& kernel_refusal) {
    std::string content;
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        if (content.size() + piece.size() > largest_module) return too_large(name);
        content.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    };
    MKPXERD_TRY_ASSIGN(const wrap::WholeFile whole, wrap::decompress_file(format, packed, sink, name));
    kernel_refusal =
        whole.streams > 1 ? "it holds more than one stream" : find_refusal(whole.demands, std::nullopt);
    return content;
}

// An open module: what it is packed by, and its content when that is packed.
struct OpenModule {
    UniqueFd fd;
    std::uint64_t size = 0; // unpacked
    std::optional<wrap::Format> packed;
    std::string plain;
    std::string kernel_refusal; // why the kernel would not unpack it
};

Result<OpenModule> open_module(const TreePath& file) {
    const std::string name = file.string();
    OpenModule module;
    MKPXERD_TRY_ASSIGN(module.fd, open_regular(file));
    struct stat st {};
    if (::fstat(module.fd.get(), &st) != 0) return fail_errno(name, "cannot stat", errno);
    std::array<std::byte, 16> start{};
    MKPXERD_TRY_ASSIGN(const std::size_t got, read_at(module.fd.get(), 0, start, file));
    module.size = static_cast<std::uint64_t>(st.st_size);
    if (const auto encoding = wrap::recognize_encoding(std::span(start).first(got))) {
        // kernel/module/decompress.c and kmod: gzip, xz, zstd.
        if (!encoding->format || *encoding->format == wrap::Format::Lz4)
            return fail(name, fmt::format("is packed by {}, which kernels do not load", encoding->name));
        module.packed = encoding->format;
        MKPXERD_TRY_ASSIGN(const MappedFile mapped, MappedFile::map(module.fd, file));
        MKPXERD_TRY_ASSIGN(module.plain,
                           unpack(*encoding->format, mapped.bytes(), name, module.kernel_refusal));
        module.size = module.plain.size();
    } else if (module.size > largest_module) {
        return too_large(name);
    }
    return module;
}

} // namespace

Result<ModuleFile> read_module_file(const TreePath& file) {
    MKPXERD_TRY_ASSIGN(const OpenModule module, open_module(file));
    const auto bytes = std::as_bytes(std::span(module.plain));
    MKPXERD_TRY_ASSIGN(const auto lines, module.packed ? wrap::read_modinfo(bytes, file.string())
                                                       : wrap::read_modinfo(module.fd.get(), file.string()));
    ModuleFile read{module.packed, module.size, module.kernel_refusal, {}};
    for (const std::string& line : lines)
        if (line.starts_with(firmware_key)) read.firmware.push_back(line.substr(firmware_key.size()));
    return read;
}

Result<std::vector<std::string>> read_module_imports(const TreePath& file) {
    MKPXERD_TRY_ASSIGN(const OpenModule module, open_module(file));
    return module.packed ? wrap::read_imports(std::as_bytes(std::span(module.plain)), file.string())
                         : wrap::read_imports(module.fd.get(), file.string());
}

std::optional<std::string> find_module_file(const Sysroot& tree, const std::string& directory,
                                            const std::string& path) {
    const auto real = [&](std::string_view place) -> std::optional<std::string> {
        auto resolved = tree.resolve(place);
        return resolved ? std::optional(std::move(resolved->path)) : std::nullopt;
    };
    if (!path.starts_with('/')) return real(directory + '/' + path);
    if (auto found = real(path)) return found;
    // depmod -b writes the path on its own machine, with the root of the tree in front.
    std::error_code ignored;
    const std::string root = std::filesystem::absolute(tree.root() / "", ignored).lexically_normal().string();
    return path.starts_with(root) ? real(std::string_view(path).substr(root.size())) : std::nullopt;
}

} // namespace mkpxerd::generator
