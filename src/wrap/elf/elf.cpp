// SPDX-License-Identifier: MIT
// Header, interpreter and notes; dynamic_segment has the rest.
#include "mkpxerd/wrap/elf.hpp"

#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>
#include <sys/stat.h>

#include "dynamic_segment.hpp"
#include "elf_file.hpp"
#include "elf_handle.hpp"

namespace mkpxerd::wrap {
namespace {

constexpr std::uint32_t dlopen_note_type = 0x407c0c0a;
constexpr std::string_view dlopen_note_owner = "FDO";
constexpr std::uint64_t longest_interpreter = 4096;               // PATH_MAX; fs/binfmt_elf.c refuses more
constexpr std::uint64_t max_note_bytes = std::uint64_t{16} << 20; // of all segments

Result<void> read_interpreter(const ElfFile& file, ElfInfo& info) {
    const GElf_Phdr* segment = file.first(PT_INTERP);
    if (segment == nullptr) return {};
    if (segment->p_filesz < 2 || segment->p_filesz > longest_interpreter)
        return file.broken("has an interpreter of an impossible length");
    const Elf_Data* data = file.chunk(segment->p_offset, segment->p_filesz, ELF_T_BYTE);
    if (data == nullptr) return file.broken("has no interpreter that can be read");
    const auto* text = static_cast<const char*>(data->d_buf);
    if (text[segment->p_filesz - 1] != '\0') return file.broken("has an interpreter without an end");
    info.interpreter = text;
    if (info.interpreter.empty()) return file.broken("has an empty interpreter");
    return {};
}

void take_note(const GElf_Nhdr& note, ElfInfo& info, const char* owner, const char* text) {
    if (note.n_type != dlopen_note_type || note.n_namesz != dlopen_note_owner.size() + 1 ||
        std::memcmp(owner, dlopen_note_owner.data(), dlopen_note_owner.size()) != 0)
        return;
    info.dlopen_notes.emplace_back(text, ::strnlen(text, note.n_descsz));
}

Result<void> read_notes(const ElfFile& file, ElfInfo& info) {
    std::uint64_t left = file.size(); // otherwise segments with the same notes would be read repeatedly
    std::uint64_t bytes = 0;
    for (const GElf_Phdr& segment : file.segments()) {
        if (segment.p_type != PT_NOTE || segment.p_filesz == 0) continue;
        if (segment.p_filesz > left) return file.broken("has more notes than bytes");
        left -= segment.p_filesz;
        bytes += segment.p_filesz;
        if (bytes > max_note_bytes) return file.too_many("bytes of notes", max_note_bytes);
        Elf_Data* data =
            file.chunk(segment.p_offset, segment.p_filesz, segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
        if (data == nullptr) return file.broken("has notes that cannot be read");
        GElf_Nhdr note{};
        std::size_t name = 0;
        std::size_t text = 0;
        for (std::size_t at = 0; (at = gelf_getnote(data, at, &note, &name, &text)) > 0;)
            take_note(note, info, static_cast<const char*>(data->d_buf) + name,
                      static_cast<const char*>(data->d_buf) + text);
    }
    return {};
}

Result<ElfInfo> read(ElfFile& file) {
    ElfInfo info;
    GElf_Ehdr header{};
    if (gelf_getehdr(file.elf(), &header) == nullptr)
        return file.broken("has no ELF header that can be read");
    info.is_64 = gelf_getclass(file.elf()) == ELFCLASS64;
    info.big_endian = header.e_ident[EI_DATA] == ELFDATA2MSB;
    info.machine = header.e_machine;
    switch (header.e_type) {
    case ET_EXEC:
        info.type = ElfInfo::Type::Executable;
        break;
    case ET_DYN:
        info.type = ElfInfo::Type::Shared;
        break;
    case ET_REL:
        info.type = ElfInfo::Type::Relocatable;
        return info;
    default:
        return info;
    }
    MKPXERD_TRY(file.read_program_headers(header));
    MKPXERD_TRY(read_interpreter(file, info));
    MKPXERD_TRY(read_dynamic_segment(file, info));
    MKPXERD_TRY(read_notes(file, info));
    return info;
}

} // namespace

bool is_elf(std::string_view head) {
    return head.starts_with(std::string_view(ELFMAG, SELFMAG));
}

Result<ElfInfo> read_elf(int fd, const std::filesystem::path& name) {
    struct stat st {};
    if (::fstat(fd, &st) != 0) return fail_errno(name.string(), "cannot be examined", errno);
    elf_version(EV_CURRENT);
    const ElfHandle elf(elf_begin(fd, ELF_C_READ, nullptr));
    if (!elf || elf_kind(elf.get()) != ELF_K_ELF)
        return fail(name.string(), "is a broken ELF file: it has no ELF header that can be read");
    ElfFile file(elf.get(), static_cast<std::uint64_t>(st.st_size), name.string());
    return read(file);
}

std::string machine_text(const ElfInfo& elf) {
    const std::string_view order = elf.big_endian ? " big-endian" : "";
    const auto named = [&](std::string_view name) {
        return fmt::format("{}-bit{} {}", elf.is_64 ? 64 : 32, order, name);
    };
    switch (elf.machine) {
    case EM_386:
        return named("x86");
    case EM_X86_64:
        return named("x86-64");
    case EM_ARM:
        return named("ARM");
    case EM_AARCH64:
        return named("AArch64");
    case EM_RISCV:
        return named("RISC-V");
    case EM_PPC:
        return named("PowerPC");
    case EM_PPC64:
        return named("PowerPC64");
    case EM_S390:
        return named("S/390");
    case EM_MIPS:
        return named("MIPS");
    default:
        return named(fmt::format("machine {}", elf.machine));
    }
}

} // namespace mkpxerd::wrap
