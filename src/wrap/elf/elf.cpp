// SPDX-License-Identifier: MIT
// libelf translates class and byte order; every offset and size is checked here against the file before it is
// used.
#include "mkpxerd/wrap/elf.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>
#include <memory>
#include <optional>
#include <sys/stat.h>

namespace mkpxerd::wrap {
namespace {

constexpr std::uint32_t dlopen_note_type = 0x407c0c0a;
constexpr std::string_view dlopen_note_owner = "FDO";
// fs/binfmt_elf.c refuses more than these.
constexpr std::uint64_t longest_interpreter = 4096; // PATH_MAX
constexpr std::uint64_t most_header_bytes = 65536;
// Names may share their bytes, as the linker lets them; more than so many times the file they never have.
constexpr std::uint64_t most_times = 4;
constexpr std::uint64_t most_symbols = std::uint64_t{1} << 24; // LibreOffice, all of it, has fewer
// A few bytes can name the same text again and again, or a hole of any size: what is kept has bounds of its
// own.
constexpr std::size_t most_needed = 4096;                             // LibreOffice needs some 200
constexpr std::size_t longest_library_name = 4096;                    // PATH_MAX
constexpr std::size_t longest_search_path = 16384;                    // RPATH and RUNPATH
constexpr std::uint64_t most_segment_bytes = std::uint64_t{64} << 20; // dynamic segment, names
constexpr std::uint64_t most_note_bytes = std::uint64_t{16} << 20;    // of all segments

struct EndElf {
    void operator()(Elf* elf) const { elf_end(elf); }
};

struct Dynamic {
    std::vector<std::uint64_t> needed;
    std::optional<std::uint64_t> rpath, runpath, soname;
    std::optional<std::uint64_t> strings_address, strings_size;
    std::optional<std::uint64_t> symbols_address, hash_address;
};

class Reader {
  public:
    Reader(Elf* elf, std::uint64_t size, std::string name)
        : elf_(elf), size_(size), names_left_(most_times * size), name_(std::move(name)) {}

    Result<ElfInfo> read() {
        GElf_Ehdr header{};
        if (gelf_getehdr(elf_, &header) == nullptr) return broken("has no ELF header that can be read");
        info_.is_64 = gelf_getclass(elf_) == ELFCLASS64;
        info_.big_endian = header.e_ident[EI_DATA] == ELFDATA2MSB;
        info_.machine = header.e_machine;
        switch (header.e_type) {
        case ET_EXEC:
            info_.type = ElfInfo::Type::Executable;
            break;
        case ET_DYN:
            info_.type = ElfInfo::Type::Shared;
            break;
        case ET_REL:
            info_.type = ElfInfo::Type::Relocatable;
            return info_;
        default:
            return info_;
        }
        MKPXERD_TRY(read_program_headers(header));
        MKPXERD_TRY(read_interpreter());
        MKPXERD_TRY(read_dynamic());
        MKPXERD_TRY(read_notes());
        return info_;
    }

  private:
    tl::unexpected<Error> broken(std::string_view what) const {
        return fail(name_, fmt::format("is a broken ELF file: it {}", what));
    }

    tl::unexpected<Error> too_many(std::string_view what, std::uint64_t most) const {
        return broken(fmt::format("has more than {} {}", most, what));
    }

    bool inside(std::uint64_t offset, std::uint64_t length) const {
        return offset <= size_ && length <= size_ - offset;
    }

    Result<void> read_program_headers(const GElf_Ehdr& header) {
        // Not elf_getphdrnum: it makes fewer of them when the file is cut short.
        const std::size_t count = header.e_phnum;
        const std::uint64_t entry = gelf_fsize(elf_, ELF_T_PHDR, 1, EV_CURRENT);
        if (count > 0 && header.e_phentsize != entry) return broken("has program headers of an unknown size");
        if (count * entry > most_header_bytes) return broken("has too many program headers");
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

    const GElf_Phdr* first(std::uint32_t type) const {
        const auto found = std::find_if(segments_.begin(), segments_.end(),
                                        [type](const GElf_Phdr& segment) { return segment.p_type == type; });
        return found == segments_.end() ? nullptr : &*found;
    }

    // Bytes of the file, translated as the type asks. Precondition: inside(offset, length).
    Elf_Data* chunk(std::uint64_t offset, std::uint64_t length, Elf_Type type) const {
        return elf_getdata_rawchunk(elf_, static_cast<std::int64_t>(offset), length, type);
    }

    Result<void> read_interpreter() {
        const GElf_Phdr* segment = first(PT_INTERP);
        if (segment == nullptr) return {};
        if (segment->p_filesz < 2 || segment->p_filesz > longest_interpreter)
            return broken("has an interpreter of an impossible length");
        const Elf_Data* data = chunk(segment->p_offset, segment->p_filesz, ELF_T_BYTE);
        if (data == nullptr) return broken("has no interpreter that can be read");
        const auto* text = static_cast<const char*>(data->d_buf);
        if (text[segment->p_filesz - 1] != '\0') return broken("has an interpreter without an end");
        info_.interpreter = text;
        if (info_.interpreter.empty()) return broken("has an empty interpreter");
        return {};
    }

    Result<void> read_dynamic() {
        const GElf_Phdr* segment = first(PT_DYNAMIC);
        if (segment == nullptr || segment->p_filesz == 0) return {};
        if (segment->p_filesz > most_segment_bytes)
            return too_many("bytes in its dynamic segment", most_segment_bytes);
        Elf_Data* data = chunk(segment->p_offset, segment->p_filesz, ELF_T_DYN);
        if (data == nullptr) return broken("has no dynamic segment that can be read");
        const Dynamic dynamic =
            parse_dynamic(data, segment->p_filesz / gelf_fsize(elf_, ELF_T_DYN, 1, EV_CURRENT));
        MKPXERD_TRY(read_strings(dynamic));
        read_imports(dynamic);
        return {};
    }

    static Dynamic parse_dynamic(Elf_Data* data, std::uint64_t count) {
        Dynamic dynamic;
        for (std::uint64_t i = 0; i < count; ++i) {
            GElf_Dyn entry{};
            if (gelf_getdyn(data, static_cast<int>(i), &entry) == nullptr || entry.d_tag == DT_NULL) break;
            switch (entry.d_tag) {
            case DT_NEEDED:
                dynamic.needed.push_back(entry.d_un.d_val);
                break;
            case DT_RPATH:
                dynamic.rpath = entry.d_un.d_val;
                break;
            case DT_RUNPATH:
                dynamic.runpath = entry.d_un.d_val;
                break;
            case DT_SONAME:
                dynamic.soname = entry.d_un.d_val;
                break;
            case DT_STRTAB:
                dynamic.strings_address = entry.d_un.d_ptr;
                break;
            case DT_STRSZ:
                dynamic.strings_size = entry.d_un.d_val;
                break;
            case DT_SYMTAB:
                dynamic.symbols_address = entry.d_un.d_ptr;
                break;
            case DT_HASH:
                dynamic.hash_address = entry.d_un.d_ptr;
                break;
            default:
                break;
            }
        }
        return dynamic;
    }

    // How many symbols there are stands in no header: the older table of hashes counts them; without it they
    // end where the names begin, or before. A loader needs no count.
    std::uint64_t symbol_count(const Dynamic& dynamic, std::uint64_t entry) const {
        // 64-bit S/390 and Alpha have wide words in that table.
        const bool wide = info_.is_64 && (info_.machine == EM_S390 || info_.machine == EM_ALPHA);
        const std::uint64_t word = wide ? 8 : 4;
        const auto hash = dynamic.hash_address ? file_offset(*dynamic.hash_address, 2 * word) : std::nullopt;
        if (hash) {
            const Elf_Data* data = chunk(*hash, 2 * word, wide ? ELF_T_XWORD : ELF_T_WORD);
            if (data == nullptr) return 0;
            if (wide) return static_cast<const Elf64_Xword*>(data->d_buf)[1];
            return static_cast<const Elf32_Word*>(data->d_buf)[1];
        }
        const bool names_behind = *dynamic.strings_address > *dynamic.symbols_address;
        return names_behind ? (*dynamic.strings_address - *dynamic.symbols_address) / entry : 0;
    }

    // A table that cannot be read names none: the loader itself would say so.
    void read_imports(const Dynamic& dynamic) {
        if (!dynamic.symbols_address || strings_.empty()) return;
        const std::uint64_t entry = gelf_fsize(elf_, ELF_T_SYM, 1, EV_CURRENT);
        const std::uint64_t count = symbol_count(dynamic, entry);
        if (count == 0 || count > size_ / entry || count > most_symbols) return;
        const auto offset = file_offset(*dynamic.symbols_address, count * entry);
        Elf_Data* data = offset ? chunk(*offset, count * entry, ELF_T_SYM) : nullptr;
        if (data == nullptr) return;
        for (int i = 1; i < static_cast<int>(count); ++i) {
            GElf_Sym symbol{};
            if (gelf_getsym(data, i, &symbol) == nullptr) return;
            if (symbol.st_shndx != SHN_UNDEF || GELF_ST_BIND(symbol.st_info) != STB_GLOBAL) continue;
            auto name = string_at(symbol.st_name);
            if (!name) return;
            if (!name->empty()) info_.imports.push_back(std::move(*name));
        }
    }

    Result<void> read_strings(const Dynamic& dynamic) {
        if (dynamic.needed.empty() && !dynamic.rpath && !dynamic.runpath && !dynamic.soname) return {};
        if (!dynamic.strings_address || !dynamic.strings_size)
            return broken("has dynamic entries without names");
        if (*dynamic.strings_size > most_segment_bytes) return too_many("bytes of names", most_segment_bytes);
        const auto offset = file_offset(*dynamic.strings_address, *dynamic.strings_size);
        if (!offset) return broken("has names outside its segments");
        const Elf_Data* data = chunk(*offset, *dynamic.strings_size, ELF_T_BYTE);
        if (data == nullptr || data->d_buf == nullptr) return broken("has no names that can be read");
        strings_ = {static_cast<const char*>(data->d_buf), data->d_size};
        strings_ = strings_.substr(0, strings_.rfind('\0') + 1); // so that no search for an end is in vain
        if (dynamic.needed.size() > most_needed) return too_many("needed libraries", most_needed);
        for (const std::uint64_t at : dynamic.needed) {
            MKPXERD_TRY_ASSIGN(std::string name, string_at(at));
            if (name.size() >= longest_library_name)
                return too_many("bytes in the name of a library", longest_library_name - 1);
            if (name.empty()) return broken("needs a library without a name");
            info_.needed.push_back(std::move(name));
        }
        MKPXERD_TRY_ASSIGN(info_.rpath, string_at(dynamic.rpath));
        MKPXERD_TRY_ASSIGN(info_.runpath, string_at(dynamic.runpath));
        MKPXERD_TRY_ASSIGN(info_.soname, string_at(dynamic.soname));
        if (std::max(info_.rpath.size(), info_.runpath.size()) > longest_search_path)
            return too_many("bytes in its RPATH or RUNPATH", longest_search_path);
        if (info_.soname.size() >= longest_library_name)
            return too_many("bytes in its own name", longest_library_name - 1);
        return {};
    }

    Result<std::string> string_at(std::optional<std::uint64_t> offset) {
        if (!offset) return std::string();
        const auto end = *offset < strings_.size() ? strings_.find('\0', *offset) : std::string_view::npos;
        if (end == std::string_view::npos) return broken("has a name outside its string table");
        const std::uint64_t length = end - *offset;
        if (length > names_left_) return broken("says more in its names than it holds");
        names_left_ -= length;
        return std::string(strings_.substr(*offset, length));
    }

    // Where an address lies in the file.
    std::optional<std::uint64_t> file_offset(std::uint64_t address, std::uint64_t length) const {
        for (const GElf_Phdr& segment : segments_) {
            if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
            const std::uint64_t distance = address - segment.p_vaddr;
            if (distance <= segment.p_filesz && length <= segment.p_filesz - distance)
                return segment.p_offset + distance;
        }
        return std::nullopt;
    }

    Result<void> read_notes() {
        std::uint64_t left = size_; // segments that all have the same notes would be read again and again
        std::uint64_t bytes = 0;
        for (const GElf_Phdr& segment : segments_) {
            if (segment.p_type != PT_NOTE || segment.p_filesz == 0) continue;
            if (segment.p_filesz > left) return broken("has more notes than bytes");
            left -= segment.p_filesz;
            bytes += segment.p_filesz;
            if (bytes > most_note_bytes) return too_many("bytes of notes", most_note_bytes);
            Elf_Data* data =
                chunk(segment.p_offset, segment.p_filesz, segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
            if (data == nullptr) return broken("has notes that cannot be read");
            GElf_Nhdr note{};
            std::size_t name = 0;
            std::size_t text = 0;
            for (std::size_t at = 0; (at = gelf_getnote(data, at, &note, &name, &text)) > 0;)
                take_note(note, static_cast<const char*>(data->d_buf) + name,
                          static_cast<const char*>(data->d_buf) + text);
        }
        return {};
    }

    void take_note(const GElf_Nhdr& note, const char* owner, const char* text) {
        if (note.n_type != dlopen_note_type || note.n_namesz != dlopen_note_owner.size() + 1 ||
            std::memcmp(owner, dlopen_note_owner.data(), dlopen_note_owner.size()) != 0)
            return;
        info_.dlopen_notes.emplace_back(text, ::strnlen(text, note.n_descsz));
    }

    Elf* elf_;
    std::uint64_t size_;
    std::uint64_t names_left_; // bytes
    std::string name_;
    ElfInfo info_;
    std::vector<GElf_Phdr> segments_; // those that matter here
    std::string_view strings_;
};

} // namespace

bool is_elf(std::string_view head) {
    return head.starts_with(std::string_view(ELFMAG, SELFMAG));
}

Result<ElfInfo> read_elf(int fd, const std::filesystem::path& name) {
    struct stat st {};
    if (::fstat(fd, &st) != 0) return fail_errno(name.string(), "cannot be looked at", errno);
    elf_version(EV_CURRENT);
    const std::unique_ptr<Elf, EndElf> elf(elf_begin(fd, ELF_C_READ, nullptr));
    if (!elf || elf_kind(elf.get()) != ELF_K_ELF)
        return fail(name.string(), "is a broken ELF file: it has no ELF header that can be read");
    return Reader(elf.get(), static_cast<std::uint64_t>(st.st_size), name.string()).read();
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
