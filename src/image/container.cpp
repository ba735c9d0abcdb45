// SPDX-License-Identifier: MIT
// uImage: include/image.h of U-Boot. 64 bytes, numbers big-endian: magic, checksum, time, length of the data,
// two addresses, checksum; then a byte each for system, machine, type, compression; a name of 32 bytes. An
// image of several parts begins with their lengths, a zero after the last.
// UKI: a PE file (Microsoft's "PE Format") whose stub hands the section .initrd to the kernel, after .ucode
// (systemd-stub(7)).
#include "mkpxerd/image/container.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace mkpxerd::image {
namespace {

using Bytes = std::span<const std::byte>;

bool starts_with(Bytes bytes, std::string_view magic) {
    return bytes.size() >= magic.size() &&
           std::equal(magic.begin(), magic.end(), bytes.begin(), [](char a, std::byte b) {
               return static_cast<unsigned char>(a) == std::to_integer<unsigned char>(b);
           });
}
// Precondition of both: at + count <= size.
std::uint32_t big_endian(Bytes bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = (value << 8) | std::to_integer<std::uint32_t>(bytes[at + i]);
    return value;
}
std::uint32_t little_endian(Bytes bytes, std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = count; i-- > 0;)
        value = (value << 8) | std::to_integer<std::uint32_t>(bytes[at + i]);
    return value;
}

constexpr std::size_t uimage_header = 64;
constexpr std::size_t uimage_type_at = 30;
constexpr unsigned uimage_ramdisk = 3;
constexpr unsigned uimage_several = 4;

tl::unexpected<Error> cut_off(const std::string& name, std::string_view kind, std::uint64_t wanted,
                              std::size_t size) {
    return fail(name, fmt::format("is a {} of at least {} bytes, but has only {}", kind, wanted, size),
                "it was cut off: copy it again");
}

// Of several parts, the second is the RAM disk: kernel, RAM disk, device tree (doc/usage/cmd/bootm.rst).
Result<Region> second_part(Bytes file, std::size_t end, const std::string& name) {
    std::vector<std::uint32_t> lengths;
    std::uint64_t at = uimage_header;
    for (;; at += 4) {
        if (at + 4 > end) return fail(name, "is a uImage whose list of parts has no end");
        const std::uint32_t length = big_endian(file, at);
        if (length == 0) break;
        lengths.push_back(length);
    }
    if (lengths.size() < 2) return fail(name, "is a uImage without a RAM disk");
    const std::uint64_t begin = at + 4 + ((std::uint64_t{lengths[0]} + 3) & ~std::uint64_t{3});
    if (begin + lengths[1] > end) return cut_off(name, "uImage", begin + lengths[1], end);
    return Region{{}, begin, lengths[1]};
}

Result<Container> read_uimage(Bytes file, const std::string& name) {
    if (file.size() < uimage_header) return cut_off(name, "uImage", uimage_header, file.size());
    const std::uint64_t end = std::uint64_t{uimage_header} + big_endian(file, 12);
    if (end > file.size()) return cut_off(name, "uImage", end, file.size());
    const auto type = std::to_integer<unsigned>(file[uimage_type_at]);
    if (type == uimage_ramdisk) return Container{"uImage", {{{}, uimage_header, end - uimage_header}}};
    if (type != uimage_several)
        return fail(name, fmt::format("is a uImage of type {}, not a RAM disk", type));
    MKPXERD_TRY_ASSIGN(const Region part, second_part(file, end, name));
    return Container{"uImage", {part}};
}

constexpr std::size_t pe_place_at = 0x3c;
constexpr std::size_t coff_header = 24; // with the signature
constexpr std::size_t section_header = 40;

struct Sections {
    std::optional<Region> microcode;
    std::optional<Region> initrd;
};

// Of profiles (systemd-stub(7), multi-profile UKIs), the first: its sections replace those of the base.
Sections find_sections(Bytes file, std::size_t table, unsigned count) {
    Sections found;
    bool in_profile = false;
    for (unsigned i = 0; i < count; ++i) {
        const Bytes header = file.subspan(table + i * section_header, section_header);
        const auto is_named = [&](std::string_view name) { return starts_with(header, name); };
        if (is_named(".profile")) { // eight letters without a closing zero
            if (in_profile) break;
            in_profile = true;
        }
        const std::size_t used = little_endian(header, 8, 4);
        const std::size_t stored = little_endian(header, 16, 4);
        const std::size_t offset = little_endian(header, 20, 4);
        const std::size_t length = used == 0 ? stored : std::min(used, stored);
        using namespace std::string_view_literals;
        if (is_named(".ucode\0"sv)) found.microcode = Region{".ucode", offset, length};
        if (is_named(".initrd\0"sv)) found.initrd = Region{".initrd", offset, length};
    }
    return found;
}

Result<Container> read_pe(Bytes file, std::size_t pe, const std::string& name) {
    const unsigned count = little_endian(file, pe + 6, 2);
    const std::size_t table = pe + coff_header + little_endian(file, pe + 20, 2);
    if (table + count * section_header > file.size())
        return cut_off(name, "PE file", table + count * section_header, file.size());
    const Sections sections = find_sections(file, table, count);
    if (!sections.initrd)
        return fail(name, "is an EFI program without a section .initrd",
                    "if it is a kernel, name its initrd");
    Container container{"UKI", {}};
    for (const auto& region : {sections.microcode, sections.initrd}) {
        if (!region) continue;
        if (std::uint64_t{region->offset} + region->length > file.size())
            return cut_off(name, "UKI", std::uint64_t{region->offset} + region->length, file.size());
        if (region->offset % 4 != 0)
            return fail(name, fmt::format("the section {} at byte {} is not aligned", region->section,
                                          region->offset));
        container.regions.push_back(*region);
    }
    const auto& first = container.regions.front();
    const auto& last = container.regions.back();
    if (container.regions.size() == 2 && first.offset < last.offset + last.length &&
        last.offset < first.offset + first.length)
        return fail(name, "the sections .ucode and .initrd overlap");
    return container;
}

} // namespace

Result<Container> find_container(Bytes file, const std::string& name) {
    if (starts_with(file, "\x27\x05\x19\x56")) return read_uimage(file, name);
    if (starts_with(file, "MZ") && file.size() >= pe_place_at + 4) {
        using namespace std::string_view_literals;
        const std::size_t pe = little_endian(file, pe_place_at, 4);
        if (pe < file.size() && starts_with(file.subspan(pe), "PE\0\0"sv) && file.size() - pe >= coff_header)
            return read_pe(file, pe, name);
    }
    return Container{{}, {{{}, 0, file.size()}}};
}

} // namespace mkpxerd::image
