// SPDX-License-Identifier: MIT
// The field init_size of a bzImage is not this size, but what its own unpacking needs.
#include "mkpxerd/generator/modules/kernel_size.hpp"

#include <algorithm>
#include <elf.h>
#include <limits>
#include <string>

#include "mkpxerd/generator/modules/kernel_payload.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::size_t head_size = 4096;                   // the program headers follow the ELF header
constexpr std::uint64_t largest = std::uint64_t{1} << 30; // more is not a size, but a damaged header

std::uint64_t little_endian(const std::string& bytes, std::size_t at, unsigned width) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < width; ++i)
        value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << 8 * i;
    return value;
}

// The loaded segments by their physical addresses, elf(5); all kernels of ours are little-endian.
std::uint64_t span_of_segments(const std::string& head) {
    const std::uint64_t table = little_endian(head, offsetof(Elf64_Ehdr, e_phoff), 8);
    const std::uint64_t count = little_endian(head, offsetof(Elf64_Ehdr, e_phnum), 2);
    if (table > head.size() || count * sizeof(Elf64_Phdr) > head.size() - table) return 0;
    std::uint64_t begin = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t end = 0;
    for (std::size_t at = table; at < table + count * sizeof(Elf64_Phdr); at += sizeof(Elf64_Phdr)) {
        if (little_endian(head, at + offsetof(Elf64_Phdr, p_type), 4) != PT_LOAD) continue;
        const std::uint64_t first = little_endian(head, at + offsetof(Elf64_Phdr, p_paddr), 8);
        begin = std::min(begin, first);
        end = std::max(end, first + little_endian(head, at + offsetof(Elf64_Phdr, p_memsz), 8));
    }
    return end > begin ? end - begin : 0;
}

} // namespace

std::optional<std::uint64_t> kernel_size(std::span<const std::byte> kernel) {
    std::string head;
    unpack_kernel(kernel, [&](std::span<const std::byte> piece) {
        head.append(reinterpret_cast<const char*>(piece.data()), std::min(piece.size(), head_size));
        return head.size() >= head_size;
    });
    if (head.size() < head_size) return std::nullopt;
    std::uint64_t size = 0;
    if (head.starts_with(ELFMAG) && head[EI_CLASS] == ELFCLASS64 && head[EI_DATA] == ELFDATA2LSB)
        size = span_of_segments(head);
    else if (head.compare(56, 4, "ARM\x64") == 0)
        size = little_endian(head, 16, 8); // image_size: Documentation/arch/arm64/booting.rst
    return size > 0 && size < largest ? std::optional(size) : std::nullopt;
}

} // namespace mkpxerd::generator
