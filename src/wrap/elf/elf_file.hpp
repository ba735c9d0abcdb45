// SPDX-License-Identifier: MIT
// Private to elf: the segments of an open ELF file, with every offset checked against its size.
#pragma once

#include <cstdint>
#include <gelf.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

class ElfFile {
  public:
    // elf must outlive this object. name: for messages.
    ElfFile(Elf* elf, std::uint64_t size, std::string name)
        : elf_(elf), size_(size), name_(std::move(name)) {}

    // Must be called before the functions below.
    Result<void> read_program_headers(const GElf_Ehdr& header);
    // The segments that a loader reads.
    const std::vector<GElf_Phdr>& segments() const { return segments_; }
    const GElf_Phdr* first(std::uint32_t type) const;

    // Bytes of the file, translated for the type. Precondition: they lie in a segment.
    Elf_Data* chunk(std::uint64_t offset, std::uint64_t length, Elf_Type type) const;
    // The file offset of an address.
    std::optional<std::uint64_t> file_offset(std::uint64_t address, std::uint64_t length) const;

    Elf* elf() const { return elf_; }
    std::uint64_t size() const { return size_; }

    tl::unexpected<Error> broken(std::string_view what, SourcePlace place = SourcePlace::here()) const;
    tl::unexpected<Error> too_many(std::string_view what, std::uint64_t most,
                                   SourcePlace place = SourcePlace::here()) const;

  private:
    bool inside(std::uint64_t offset, std::uint64_t length) const {
        return offset <= size_ && length <= size_ - offset;
    }

    Elf* elf_;
    std::uint64_t size_;
    std::string name_;
    std::vector<GElf_Phdr> segments_;
};

} // namespace mkpxerd::wrap
