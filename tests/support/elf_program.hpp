// SPDX-License-Identifier: MIT
// The smallest file that execve(2) recognises: a header and, with an interpreter, one segment.
#pragma once

#include <algorithm>
#include <cstdint>
#include <elf.h>
#include <string>
#include <string_view>

namespace mkpxerd::test {

inline std::string elf_program(std::uint16_t machine = EM_X86_64, std::string_view interpreter = {}) {
    Elf64_Ehdr header{};
    std::copy_n(ELFMAG, SELFMAG, header.e_ident);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_machine = machine;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = interpreter.empty() ? 0 : 1;
    Elf64_Phdr segment{};
    segment.p_type = PT_INTERP;
    segment.p_offset = sizeof header + sizeof segment;
    segment.p_filesz = interpreter.size() + 1;
    std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
    if (!interpreter.empty()) {
        bytes.append(reinterpret_cast<const char*>(&segment), sizeof segment);
        bytes.append(interpreter).push_back('\0');
    }
    return bytes;
}

} // namespace mkpxerd::test
