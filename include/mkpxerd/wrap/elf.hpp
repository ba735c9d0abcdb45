// SPDX-License-Identifier: MIT
// What a dynamic loader reads of an ELF file, for any class and byte order. Nothing but the program headers
// and what they lead to is looked at, as at run time; section headers may be absent.
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
    std::vector<std::string> imports; // functions and data that it needs from others
    // JSON texts of notes of owner "FDO" and type 0x407c0c0a (systemd's ELF_DLOPEN_METADATA), as written.
    std::vector<std::string> dlopen_notes;

    // Runs on the same kind of machine: a loader of one loads the other.
    bool same_machine(const ElfInfo& other) const {
        return is_64 == other.is_64 && big_endian == other.big_endian && machine == other.machine;
    }
    bool operator==(const ElfInfo&) const = default;
};

// By the four bytes of the magic number.
bool is_elf(std::string_view head);

// Precondition: fd is a readable file that begins as an ELF file does. Errors name the file: it is cut short,
// or something in it points out of it. Kernel modules and other relocatable objects yield their kind alone.
Result<ElfInfo> read_elf(int fd, const std::filesystem::path& name);

// "64-bit x86-64", "32-bit big-endian machine 8".
std::string machine_text(const ElfInfo& elf);

} // namespace mkpxerd::wrap
