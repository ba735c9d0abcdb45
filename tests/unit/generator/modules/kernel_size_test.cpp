// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/kernel_size.hpp"

#include <catch2/catch.hpp>
#include <elf.h>

#include "compressed.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

void put(std::string& bytes, std::size_t at, std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i)
        bytes[at + i] = static_cast<char>(value >> 8 * i);
}

struct Segment {
    std::uint32_t type = PT_LOAD;
    std::uint64_t address = 0;
    std::uint64_t size = 0;
};

std::string elf(const std::vector<Segment>& segments) {
    std::string bytes(10'000, '\0');
    bytes.replace(0, 4, ELFMAG);
    bytes[EI_CLASS] = ELFCLASS64;
    bytes[EI_DATA] = ELFDATA2LSB;
    put(bytes, offsetof(Elf64_Ehdr, e_phoff), sizeof(Elf64_Ehdr), 8);
    put(bytes, offsetof(Elf64_Ehdr, e_phnum), segments.size(), 2);
    std::size_t at = sizeof(Elf64_Ehdr);
    for (const Segment& segment : segments) {
        put(bytes, at + offsetof(Elf64_Phdr, p_type), segment.type, 4);
        put(bytes, at + offsetof(Elf64_Phdr, p_paddr), segment.address, 8);
        put(bytes, at + offsetof(Elf64_Phdr, p_memsz), segment.size, 8);
        at += sizeof(Elf64_Phdr);
    }
    return bytes;
}

std::optional<std::uint64_t> size_of(const std::string& kernel) {
    return kernel_size(std::as_bytes(std::span(kernel)));
}

} // namespace

TEST_CASE("a kernel takes what lies between its first and its last loaded byte, however it is compressed") {
    // As Debian's: text, data, the area of each processor, and the end with .bss; a note is not loaded.
    const std::string kernel = elf({{PT_LOAD, 0x1000000, 0x18eb1dc},
                                    {PT_LOAD, 0x2a00000, 0x644080},
                                    {PT_LOAD, 0x3044000, 0x35000},
                                    {PT_LOAD, 0x3079000, 0x1986000},
                                    {PT_NOTE, 0x8000000, 504}});
    CHECK(size_of(kernel) == 0x39ff000);
    for (const auto format : {wrap::Format::Gzip, wrap::Format::Xz, wrap::Format::Zstd, wrap::Format::Lz4}) {
        INFO(wrap::format_name(format));
        CHECK(size_of(test::compressed(kernel, format)) == 0x39ff000);
    }
}

TEST_CASE("an Image of arm64 says its size") {
    std::string kernel(8192, '\0');
    kernel.replace(56, 4, "ARM\x64");
    put(kernel, 16, 0x2010000, 8);
    CHECK(size_of(kernel) == 0x2010000);
    CHECK(size_of(test::compressed(kernel, wrap::Format::Gzip)) == 0x2010000);
}

TEST_CASE("the size of what is not a kernel, or of a damaged one, is unknown") {
    CHECK_FALSE(size_of(""));
    CHECK_FALSE(size_of("MZ"));
    CHECK_FALSE(size_of(std::string(8192, 'x')));
    CHECK_FALSE(size_of(elf({})));
    CHECK_FALSE(size_of(elf({{PT_LOAD, 0x1000000, std::uint64_t{1} << 40}})));
    CHECK_FALSE(size_of(elf({{PT_LOAD, ~std::uint64_t{0}, 4096}})));
    std::string far = elf({{PT_LOAD, 0x1000000, 4096}});
    put(far, offsetof(Elf64_Ehdr, e_phoff), ~std::uint64_t{0}, 8);
    CHECK_FALSE(size_of(far));
    std::string many = elf({{PT_LOAD, 0x1000000, 4096}});
    put(many, offsetof(Elf64_Ehdr, e_phnum), 0xffff, 2);
    CHECK_FALSE(size_of(many));
    std::string narrow = elf({{PT_LOAD, 0x1000000, 4096}});
    narrow[EI_CLASS] = ELFCLASS32;
    CHECK_FALSE(size_of(narrow));
}
