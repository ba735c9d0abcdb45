// SPDX-License-Identifier: MIT
// Unpacks modules itself: libkmod only supports the compressions that it was built with.
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
Result<PlainContent> unpack(wrap::Format format, std::span<const std::byte> compressed,
                            const std::string& name) {
    auto bytes = std::make_shared<std::string>();
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        if (bytes->size() + piece.size() > largest_module) return too_large(name);
        bytes->append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    };
    MKPXERD_TRY_ASSIGN(const wrap::WholeFile whole, wrap::decompress_file(format, compressed, sink, name));
    return PlainContent{.bytes = std::move(bytes),
                        .kernel_refusal = whole.streams > 1 ? "it has more than one stream"
                                                            : find_refusal(whole.demands, std::nullopt)};
}

// An open module: its compression, and its content if it is compressed.
struct OpenModule {
    UniqueFd fd;
    std::uint64_t size = 0; // unpacked
    std::optional<wrap::Format> compressed;
    PlainContent plain;   // of a compressed one
    bool is_kept = false; // by contents
};

Result<OpenModule> open_module(const TreePath& file, PlainContents* contents) {
    const std::string name = file.string();
    OpenModule module;
    MKPXERD_TRY_ASSIGN(module.fd, open_regular(file));
    struct stat st {};
    if (::fstat(module.fd.get(), &st) != 0) return fail_errno(name, "cannot stat", errno);
    std::array<std::byte, 16> start{};
    MKPXERD_TRY_ASSIGN(const std::size_t got, read_at(module.fd.get(), 0, start, file));
    module.size = static_cast<std::uint64_t>(st.st_size);
    const auto encoding = wrap::recognize_encoding(std::span(start).first(got));
    if (!encoding) {
        if (module.size > largest_module) return too_large(name);
        return module;
    }
    // kernel/module/decompress.c and kmod: gzip, xz, zstd.
    if (!encoding->format || *encoding->format == wrap::Format::Lz4)
        return fail(name, fmt::format("is compressed with {}, which kernels do not load", encoding->name));
    module.compressed = encoding->format;
    if (auto known = contents != nullptr ? contents->find(file) : std::nullopt) {
        module.plain = std::move(*known);
        module.is_kept = true;
    } else {
        MKPXERD_TRY_ASSIGN(const MappedFile mapped, MappedFile::map(module.fd, file));
        MKPXERD_TRY_ASSIGN(module.plain, unpack(*encoding->format, mapped.bytes(), name));
        module.is_kept = contents != nullptr && contents->keep(file, module.plain);
    }
    module.size = module.plain.bytes->size();
    return module;
}

// read: of wrap/modinfo.hpp, for bytes and for a file descriptor.
template <class Read>
auto read_open(const OpenModule& module, const TreePath& file, Read read) {
    return module.compressed ? read(std::as_bytes(std::span(*module.plain.bytes)), file.string())
                             : read(module.fd.get(), file.string());
}

} // namespace

Result<ModuleFile> read_module_file(const TreePath& file, PlainContents* contents) {
    MKPXERD_TRY_ASSIGN(const OpenModule module, open_module(file, contents));
    const auto read = [](auto source, const std::string& name) { return wrap::read_modinfo(source, name); };
    MKPXERD_TRY_ASSIGN(const auto lines, read_open(module, file, read));
    ModuleFile result{.compressed = module.compressed,
                      .plain_size = module.size,
                      .plain = module.is_kept ? module.plain.bytes : nullptr,
                      .kernel_refusal = module.plain.kernel_refusal};
    for (const std::string& line : lines)
        if (line.starts_with(firmware_key)) result.firmware.push_back(line.substr(firmware_key.size()));
    return result;
}

Result<std::vector<std::string>> read_module_imports(const TreePath& file, PlainContents* contents) {
    MKPXERD_TRY_ASSIGN(const OpenModule module, open_module(file, contents));
    return read_open(module, file,
                     [](auto source, const std::string& name) { return wrap::read_imports(source, name); });
}

std::optional<std::string> find_module_file(const Sysroot& tree, const std::string& directory,
                                            const std::string& path) {
    const auto real = [&](std::string_view place) -> std::optional<std::string> {
        auto resolved = tree.resolve(place);
        return resolved ? std::optional(std::move(resolved->path)) : std::nullopt;
    };
    if (!path.starts_with('/')) return real(directory + '/' + path);
    if (auto found = real(path)) return found;
    // depmod -b writes the path on the build machine, which begins with the root of the tree.
    std::error_code ignored;
    const std::string root = std::filesystem::absolute(tree.root() / "", ignored).lexically_normal().string();
    return path.starts_with(root) ? real(std::string_view(path).substr(root.size())) : std::nullopt;
}

} // namespace mkpxerd::generator
