// SPDX-License-Identifier: MIT
// The most exact name first, in each directory.
#include "mkpxerd/deploy/bundle/kernel_image.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <span>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/contract/names.hpp"
#include "mkpxerd/wrap/decompressor.hpp"

namespace mkpxerd::deploy {
namespace {

// Documentation/arch/x86/boot.rst: "HdrS" at 0x202; at 0x20e the place of the version's text, less 0x200.
constexpr std::size_t header_magic = 0x202;
constexpr std::size_t version_place = 0x20e;
constexpr std::size_t version_base = 0x200;
constexpr std::size_t head_size = std::size_t{64} << 10; // more than the real-mode part of any kernel

std::string_view piece(std::string_view head, std::size_t place, std::size_t size) {
    return head.substr(std::min(place, head.size()), size);
}

// The version in the header of an x86 kernel; empty: it has none.
std::string version_of(std::string_view head) {
    const std::string_view place = piece(head, version_place, 2);
    if (piece(head, header_magic, 4) != "HdrS" || place.size() < 2) return {};
    const std::size_t low = static_cast<unsigned char>(place[0]);
    const std::size_t high = static_cast<unsigned char>(place[1]);
    if (low == 0 && high == 0) return {};
    const std::string_view text = piece(head, version_base + (low | high << 8), 128);
    return std::string(text.substr(0, text.find_first_of(std::string_view(" \0", 2))));
}

// An image is often compressed by gzip, as kernels of other machines are.
bool is_packed_archive(std::span<const std::byte> head) {
    std::string content;
    // An error ends it: the head is not the whole stream.
    (void)wrap::decompress(wrap::Format::Gzip, head,
                           [&](std::span<const std::byte> some, std::size_t) -> Result<void> {
                               content.assign(reinterpret_cast<const char*>(some.data()),
                                              std::min<std::size_t>(some.size(), 4));
                               return fail("", "enough is known");
                           },
                           {});
    return content == "0707";
}

// Kernels of other machines: an EFI program, arm64's Image, an ELF file, or one of them packed by gzip.
bool begins_like_kernel(std::string_view head) {
    return piece(head, header_magic, 4) == "HdrS" || head.starts_with("MZ") ||
           piece(head, 56, 4) == "ARM\x64" ||
           head.starts_with("\x7f"
                            "ELF") ||
           head.starts_with("\x1f\x8b");
}

} // namespace

Result<TreePath> find_kernel_image(const std::vector<TreePath>& directories, const std::string& version) {
    std::vector<std::string> names;
    if (is_kernel_version(version)) { // the version may come from an image
        names.push_back("vmlinuz-" + version);
        names.push_back("vmlinuz-" + version.substr(version.rfind('-') + 1));
    }
    names.emplace_back("vmlinuz");
    std::string searched;
    for (const auto& directory : directories) {
        for (const std::string& name : names)
            if (TreePath file = directory / name; is_regular(file)) return file;
        searched += fmt::format("{}{}", searched.empty() ? "" : ", ", directory.string());
    }
    return fail(names.front(), fmt::format("no such kernel in {}", searched), "name it with --kernel");
}

Result<TreePath> choose_kernel_image(const std::filesystem::path& named,
                                     const std::vector<TreePath>& directories, const std::string& version) {
    if (named.empty()) return find_kernel_image(directories, version);
    std::error_code error;
    if (!std::filesystem::is_regular_file(named, error)) return fail(named.string(), "is not a file");
    return TreePath(named);
}

Result<std::optional<Problem>> check_kernel_image(const TreePath& kernel, const std::string& version) {
    std::vector<std::byte> bytes(head_size);
    const UniqueFd fd = kernel.try_open(O_RDONLY);
    if (!fd) return std::nullopt; // the copy reports it
    MKPXERD_TRY_ASSIGN(const std::size_t count, read_at(fd.get(), 0, bytes, kernel));
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()), count);
    const std::string own = version_of(head);
    if (!own.empty() && !version.empty() && own != version)
        return fail(kernel.string(), fmt::format("is kernel {}, but the modules are for {}", own, version),
                    "name the kernel of these modules by --kernel, or its version");
    if (begins_like_kernel(head) &&
        !(head.starts_with("\x1f\x8b") && is_packed_archive(std::span(bytes).first(count))))
        return std::nullopt;
    return Problem{.object = kernel.string(),
                   .text = "does not begin like a kernel",
                   .hint = fmt::format("name the kernel, vmlinuz{}{}, by --kernel",
                                       version.empty() ? "" : "-", version)};
}

} // namespace mkpxerd::deploy
