// SPDX-License-Identifier: MIT
// The parts of an ELF file that a dynamic loader reads, for any class and byte order. Like a loader, this
// uses only the program headers and the segments; section headers may be absent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

struct ElfInfo {
    enum class Type { Executable, Shared, Relocatable, Other };
    Type type = Type::Other;
    bool is_64 = false;
    bool big_endian = false;
    std::uint16_t machine = 0; // e_machine, <elf.h> EM_*

    std::string interpreter;          // PT_INTERP; empty: none
    std::vector<std::string> needed;  // DT_NEEDED, in order
    std::string rpath;                // DT_RPATH, as written
    std::string runpath;              // DT_RUNPATH, as written
    std::string soname;               // DT_SONAME
    std::vector<std::string> imports; // functions and data from other objects
    // JSON texts of notes of owner "FDO" and type 0x407c0c0a (systemd's ELF_DLOPEN_METADATA), as written.
    std::vector<std::string> dlopen_notes;

    // Are both for the same kind of machine, so that one loader loads both?
    bool same_machine(const ElfInfo& other) const {
        return is_64 == other.is_64 && big_endian == other.big_endian && machine == other.machine;
    }
    bool operator==(const ElfInfo&) const = default;
};

// By the four bytes of the magic number.
bool is_elf(std::string_view head);

// Precondition: fd is a readable file that begins like an ELF file. Errors name the file: it is cut short, or
// contains an offset outside of it. For kernel modules and other relocatable objects, only returns the kind.
Result<ElfInfo> read_elf(int fd, const std::filesystem::path& name);

// "64-bit x86-64", "32-bit big-endian machine 8".
std::string machine_text(const ElfInfo& elf);

} // namespace mkpxerd::wrap
