// SPDX-License-Identifier: MIT
// Names are in one table, symbols in another, whose length is not in any header.
#include "dynamic_segment.hpp"

#include <algorithm>
#include <optional>

namespace mkpxerd::wrap {
namespace {

// Names may share bytes, as linkers do, but together they are never longer than this many times the file.
constexpr std::uint64_t max_times = 4;
constexpr std::uint64_t max_symbols = std::uint64_t{1} << 24; // all of LibreOffice has fewer
// A few bytes can name the same text repeatedly, or a hole of any size, so the kept values have limits.
constexpr std::size_t max_needed = 4096;                             // LibreOffice needs about 200
constexpr std::size_t longest_library_name = 4096;                   // PATH_MAX
constexpr std::size_t longest_search_path = 16384;                   // RPATH and RUNPATH
constexpr std::uint64_t max_segment_bytes = std::uint64_t{64} << 20; // dynamic segment, names

struct Dynamic {
    std::vector<std::uint64_t> needed;
    std::optional<std::uint64_t> rpath, runpath, soname;
    std::optional<std::uint64_t> strings_address, strings_size;
    std::optional<std::uint64_t> symbols_address, hash_address;
};

class DynamicReader {
  public:
    DynamicReader(const ElfFile& file, ElfInfo& info)
        : file_(file), info_(info), names_left_(max_times * file.size()) {}

    Result<void> read() {
        const GElf_Phdr* segment = file_.first(PT_DYNAMIC);
        if (segment == nullptr || segment->p_filesz == 0) return {};
        if (segment->p_filesz > max_segment_bytes)
            return file_.too_many("bytes in its dynamic segment", max_segment_bytes);
        Elf_Data* data = file_.chunk(segment->p_offset, segment->p_filesz, ELF_T_DYN);
        if (data == nullptr) return file_.broken("has no dynamic segment that can be read");
        const Dynamic dynamic =
            parse(data, segment->p_filesz / gelf_fsize(file_.elf(), ELF_T_DYN, 1, EV_CURRENT));
        MKPXERD_TRY(read_strings(dynamic));
        read_imports(dynamic);
        return {};
    }

  private:
    static Dynamic parse(Elf_Data* data, std::uint64_t count) {
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

    // The number of symbols is not in any header. The older hash table has it; without it they end at the
    // names, or before. A loader needs no count.
    std::uint64_t symbol_count(const Dynamic& dynamic, std::uint64_t entry) const {
        // On 64-bit S/390 and Alpha that table has wide words.
        const bool wide = info_.is_64 && (info_.machine == EM_S390 || info_.machine == EM_ALPHA);
        const std::uint64_t word = wide ? 8 : 4;
        const auto hash =
            dynamic.hash_address ? file_.file_offset(*dynamic.hash_address, 2 * word) : std::nullopt;
        if (hash) {
            const Elf_Data* data = file_.chunk(*hash, 2 * word, wide ? ELF_T_XWORD : ELF_T_WORD);
            if (data == nullptr) return 0;
            if (wide) return static_cast<const Elf64_Xword*>(data->d_buf)[1];
            return static_cast<const Elf32_Word*>(data->d_buf)[1];
        }
        const bool strings_follow_symbols = *dynamic.strings_address > *dynamic.symbols_address;
        return strings_follow_symbols ? (*dynamic.strings_address - *dynamic.symbols_address) / entry : 0;
    }

    // An unreadable table gives no imports: the loader itself would report it.
    void read_imports(const Dynamic& dynamic) {
        if (!dynamic.symbols_address || strings_.empty()) return;
        const std::uint64_t entry = gelf_fsize(file_.elf(), ELF_T_SYM, 1, EV_CURRENT);
        const std::uint64_t count = symbol_count(dynamic, entry);
        if (count == 0 || count > file_.size() / entry || count > max_symbols) return;
        const auto offset = file_.file_offset(*dynamic.symbols_address, count * entry);
        Elf_Data* data = offset ? file_.chunk(*offset, count * entry, ELF_T_SYM) : nullptr;
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
            return file_.broken("has dynamic entries without names");
        if (*dynamic.strings_size > max_segment_bytes)
            return file_.too_many("bytes of names", max_segment_bytes);
        const auto offset = file_.file_offset(*dynamic.strings_address, *dynamic.strings_size);
        if (!offset) return file_.broken("has names outside its segments");
        const Elf_Data* data = file_.chunk(*offset, *dynamic.strings_size, ELF_T_BYTE);
        if (data == nullptr || data->d_buf == nullptr) return file_.broken("has no names that can be read");
        strings_ = {static_cast<const char*>(data->d_buf), data->d_size};
        strings_ = strings_.substr(0, strings_.rfind('\0') + 1); // so that every search for an end succeeds
        if (dynamic.needed.size() > max_needed) return file_.too_many("needed libraries", max_needed);
        for (const std::uint64_t at : dynamic.needed) {
            MKPXERD_TRY_ASSIGN(std::string name, string_at(at));
            if (name.size() >= longest_library_name)
                return file_.too_many("bytes in the name of a library", longest_library_name - 1);
            if (name.empty()) return file_.broken("needs a library without a name");
            info_.needed.push_back(std::move(name));
        }
        MKPXERD_TRY_ASSIGN(info_.rpath, string_at(dynamic.rpath));
        MKPXERD_TRY_ASSIGN(info_.runpath, string_at(dynamic.runpath));
        MKPXERD_TRY_ASSIGN(info_.soname, string_at(dynamic.soname));
        if (std::max(info_.rpath.size(), info_.runpath.size()) > longest_search_path)
            return file_.too_many("bytes in its RPATH or RUNPATH", longest_search_path);
        if (info_.soname.size() >= longest_library_name)
            return file_.too_many("bytes in its own name", longest_library_name - 1);
        return {};
    }

    Result<std::string> string_at(std::optional<std::uint64_t> offset) {
        if (!offset) return std::string();
        const auto end = *offset < strings_.size() ? strings_.find('\0', *offset) : std::string_view::npos;
        if (end == std::string_view::npos) return file_.broken("has a name outside its string table");
        const std::uint64_t length = end - *offset;
        if (length > names_left_) return file_.broken("has more bytes of names than of content");
        names_left_ -= length;
        return std::string(strings_.substr(*offset, length));
    }

    const ElfFile& file_;
    ElfInfo& info_;
    std::uint64_t names_left_; // bytes
    std::string_view strings_;
};

} // namespace

Result<void> read_dynamic_segment(const ElfFile& file, ElfInfo& info) {
    return DynamicReader(file, info).read();
}

} // namespace mkpxerd::wrap
