// SPDX-License-Identifier: MIT
// Unpacked here and not by libkmod, which knows the compressions that it was built with.
#include "mkpxerd/generator/module_file.hpp"

#include <array>
#include <fmt/format.h>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
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

Result<std::string> unpack(wrap::Format format, std::span<const std::byte> packed, const std::string& name) {
    std::string content;
    const auto sink = [&](std::span<const std::byte> piece, std::size_t) -> Result<void> {
        if (content.size() + piece.size() > largest_module) return too_large(name);
        content.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    };
    MKPXERD_TRY(wrap::decompress(format, packed, sink, {name, 0}));
    return content;
}

} // namespace

Result<ModuleFile> read_module_file(const std::filesystem::path& file) {
    const std::string name = file.string();
    MKPXERD_TRY_ASSIGN(const UniqueFd fd, open_regular(file));
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) return fail_errno(name, "cannot stat", errno);
    std::array<std::byte, 16> start{};
    MKPXERD_TRY_ASSIGN(const std::size_t got, read_at(fd.get(), 0, start, file));
    ModuleFile module;
    module.plain_size = static_cast<std::uint64_t>(st.st_size);
    std::vector<std::string> lines;
    if (const auto encoding = wrap::recognize_encoding(std::span(start).first(got))) {
        // kernel/module/decompress.c and kmod: gzip, xz, zstd.
        if (!encoding->format || *encoding->format == wrap::Format::Lz4)
            return fail(name, fmt::format("is packed by {}, which kernels do not load", encoding->name));
        module.packed = encoding->format;
        MKPXERD_TRY_ASSIGN(const MappedFile mapped, MappedFile::open(file));
        MKPXERD_TRY_ASSIGN(const std::string plain, unpack(*encoding->format, mapped.bytes(), name));
        module.plain_size = plain.size();
        MKPXERD_TRY_ASSIGN(lines, wrap::read_modinfo(std::as_bytes(std::span(plain)), name));
    } else {
        if (module.plain_size > largest_module) return too_large(name);
        MKPXERD_TRY_ASSIGN(lines, wrap::read_modinfo(fd.get(), name));
    }
    for (const std::string& line : lines)
        if (line.starts_with(firmware_key)) module.firmware.push_back(line.substr(firmware_key.size()));
    return module;
}

} // namespace mkpxerd::generator
