// SPDX-License-Identifier: MIT
// libelf translates class and byte order; this checks offsets.
#include "elf_file.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace mkpxerd::wrap {
namespace {

constexpr std::uint64_t max_header_bytes = 65536; // fs/binfmt_elf.c refuses more

} // namespace

tl::unexpected<Error> ElfFile::broken(std::string_view what, SourcePlace place) const {
    return fail(name_, fmt::format("is a broken ELF file: it {}", what), {}, {}, place);
}

tl::unexpected<Error> ElfFile::too_many(std::string_view what, std::uint64_t most, SourcePlace place) const {
    return broken(fmt::format("has more than {} {}", most, what), place);
}

Result<void> ElfFile::read_program_headers(const GElf_Ehdr& header) {
    // Not elf_getphdrnum(): it reduces the number if the file is cut short.
    const std::size_t count = header.e_phnum;
    const std::uint64_t entry = gelf_fsize(elf_, ELF_T_PHDR, 1, EV_CURRENT);
    if (count > 0 && header.e_phentsize != entry) return broken("has program headers of an unknown size");
    if (count * entry > max_header_bytes) return broken("has too many program headers");
    if (!inside(header.e_phoff, count * entry)) return broken("is cut short within its program headers");
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Phdr segment{};
        if (gelf_getphdr(elf_, static_cast<int>(i), &segment) == nullptr)
            return broken("has no program headers that can be read");
        if (segment.p_type != PT_LOAD && segment.p_type != PT_INTERP && segment.p_type != PT_DYNAMIC &&
            segment.p_type != PT_NOTE)
            continue;
        if (!inside(segment.p_offset, segment.p_filesz)) return broken("is cut short within a segment");
        segments_.push_back(segment);
    }
    return {};
}

const GElf_Phdr* ElfFile::first(std::uint32_t type) const {
    const auto found = std::find_if(segments_.begin(), segments_.end(),
                                    [type](const GElf_Phdr& segment) { return segment.p_type == type; });
    return found == segments_.end() ? nullptr : &*found;
}

Elf_Data* ElfFile::chunk(std::uint64_t offset, std::uint64_t length, Elf_Type type) const {
    return elf_getdata_rawchunk(elf_, static_cast<std::int64_t>(offset), length, type);
}

std::optional<std::uint64_t> ElfFile::file_offset(std::uint64_t address, std::uint64_t length) const {
    for (const GElf_Phdr& segment : segments_) {
        if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
        const std::uint64_t distance = address - segment.p_vaddr;
        if (distance <= segment.p_filesz && length <= segment.p_filesz - distance)
            return segment.p_offset + distance;
    }
    return std::nullopt;
}

} // namespace mkpxerd::wrap
