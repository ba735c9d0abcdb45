// SPDX-License-Identifier: MIT
// libelf finds the section; this checks its place against the file before reading it.
#include "mkpxerd/wrap/modinfo.hpp"

#include <fmt/format.h>
#include <gelf.h>
#include <memory>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <utility>

#include "elf_handle.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/wrap/elf.hpp"

namespace mkpxerd::wrap {
namespace {

// More than any kernel accepts: KSYM_NAME_LEN is 512.
constexpr std::size_t longest_name = 1024;
// Drivers of a thousand devices have about 100 KiB of it.
constexpr std::uint64_t max_modinfo = std::uint64_t{16} << 20;

tl::unexpected<Error> broken(const std::string& name, std::string_view what) {
    return fail(name, fmt::format("is not a kernel module: it {}", what),
                "install the kernel's modules again");
}

// Each text ends with a zero; more zeros may follow for alignment.
std::vector<std::string> texts_of(std::string_view section) {
    std::vector<std::string> texts;
    while (!section.empty()) {
        const auto end = section.find('\0');
        if (end != 0) texts.emplace_back(section.substr(0, end));
        if (end == std::string_view::npos) break;
        section.remove_prefix(end + 1);
    }
    return texts;
}

struct Place {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

// A string table. Not elf_strptr(): that searches the last zero of the whole table each time, and a name may
// be as long as the table.
class Names {
  public:
    Names(Elf* elf, std::size_t section) {
        Elf_Scn* table = elf_getscn(elf, section);
        GElf_Shdr header{};
        if (table == nullptr || gelf_getshdr(table, &header) == nullptr || header.sh_type != SHT_STRTAB)
            return;
        const Elf_Data* data = elf_rawdata(table, nullptr);
        if (data != nullptr && data->d_buf != nullptr)
            bytes_ = {static_cast<const char*>(data->d_buf), data->d_size};
    }
    // nullopt: outside the table, without an end, or too long.
    std::optional<std::string_view> at(std::size_t place) const {
        if (place >= bytes_.size()) return std::nullopt;
        const std::string_view name = bytes_.substr(place, longest_name + 1);
        const auto end = name.find('\0');
        return end == std::string_view::npos ? std::nullopt : std::optional(name.substr(0, end));
    }

  private:
    std::string_view bytes_;
};

// elf: of a file with this start; nullptr if libelf failed.
Result<void> check_object(Elf* elf, std::string_view start, const std::string& name) {
    if (!is_elf(start)) return broken(name, "does not begin like an ELF file");
    GElf_Ehdr header{};
    if (elf == nullptr || gelf_getehdr(elf, &header) == nullptr)
        return broken(name, "has no ELF header that can be read");
    if (header.e_type != ET_REL) return broken(name, "is an ELF file of another kind");
    return {};
}

// elf: of a file with this start and size.
Result<Place> find_modinfo(Elf* elf, std::string_view start, std::uint64_t file_size,
                           const std::string& name) {
    MKPXERD_TRY(check_object(elf, start, name));
    std::size_t names = 0;
    if (elf_getshdrstrndx(elf, &names) != 0 || names == 0)
        return broken(name, "is cut short within its section headers");
    const Names section_names(elf, names);
    for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
        GElf_Shdr place{};
        if (gelf_getshdr(section, &place) == nullptr)
            return broken(name, "has section headers that cannot be read");
        const auto own_name = section_names.at(place.sh_name);
        if (!own_name) return broken(name, "has a section without a name");
        if (*own_name != ".modinfo" || place.sh_type == SHT_NOBITS) continue;
        if (place.sh_offset > file_size || place.sh_size > file_size - place.sh_offset)
            return broken(name, "is cut short within its .modinfo section");
        if (place.sh_size > max_modinfo)
            return broken(name, fmt::format("has more than {} bytes of .modinfo", max_modinfo));
        return Place{place.sh_offset, place.sh_size};
    }
    return broken(name, "has no .modinfo section");
}

// libelf returns the data of a section only if it is inside the file.
Result<std::vector<std::string>> imports_of(Elf* elf, std::string_view start, const std::string& name) {
    MKPXERD_TRY(check_object(elf, start, name));
    std::vector<std::string> imports;
    bool has_table = false;
    for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
        GElf_Shdr place{};
        if (gelf_getshdr(section, &place) == nullptr)
            return broken(name, "has section headers that cannot be read");
        if (place.sh_type != SHT_SYMTAB) continue;
        // Several could share the same bytes; the kernel expects one.
        if (std::exchange(has_table, true)) return broken(name, "has several tables of symbols");
        Elf_Data* data = elf_getdata(section, nullptr);
        if (data == nullptr) return broken(name, "is cut short within its symbols");
        const Names symbol_names(elf, place.sh_link);
        GElf_Sym symbol{};
        for (int i = 1; gelf_getsym(data, i, &symbol) != nullptr; ++i) {
            if (symbol.st_shndx != SHN_UNDEF) continue;
            const auto own_name = symbol_names.at(symbol.st_name);
            if (!own_name) return broken(name, "has a symbol without a name, or with an endless one");
            if (!own_name->empty()) imports.emplace_back(*own_name);
        }
    }
    return imports;
}

Result<std::string> first_bytes(int fd, const std::string& name) {
    std::string start(SELFMAG, '\0');
    MKPXERD_TRY_ASSIGN(const std::size_t got, read_at(fd, 0, std::as_writable_bytes(std::span(start)), name));
    start.resize(got);
    return start;
}

ElfHandle open_elf(std::span<const std::byte> bytes) {
    elf_version(EV_CURRENT);
    // libelf takes a non-const pointer, but does not change data that is only read.
    auto* start = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
    return ElfHandle(elf_memory(start, bytes.size()));
}

// The file is not mapped: a few reads cost less than page faults, and a shrinking file is an error.
ElfHandle open_elf(int fd) {
    elf_version(EV_CURRENT);
    return ElfHandle(elf_begin(fd, ELF_C_READ, nullptr));
}

std::string_view text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace

Result<std::vector<std::string>> read_modinfo(std::span<const std::byte> bytes, const std::string& name) {
    const ElfHandle elf = open_elf(bytes);
    MKPXERD_TRY_ASSIGN(const Place place, find_modinfo(elf.get(), text_of(bytes), bytes.size(), name));
    return texts_of(text_of(bytes).substr(place.offset, place.size));
}

Result<std::vector<std::string>> read_modinfo(int fd, const std::string& name) {
    struct stat st {};
    if (::fstat(fd, &st) != 0) return fail_errno(name, "cannot be examined", errno);
    MKPXERD_TRY_ASSIGN(const std::string start, first_bytes(fd, name));
    const ElfHandle elf = open_elf(fd);
    MKPXERD_TRY_ASSIGN(const Place place,
                       find_modinfo(elf.get(), start, static_cast<std::uint64_t>(st.st_size), name));
    std::string section(place.size, '\0');
    MKPXERD_TRY_ASSIGN(const std::size_t got,
                       read_at(fd, place.offset, std::as_writable_bytes(std::span(section)), name));
    if (got < section.size()) return broken(name, "is cut short within its .modinfo section");
    return texts_of(section);
}

Result<std::vector<std::string>> read_imports(std::span<const std::byte> bytes, const std::string& name) {
    const ElfHandle elf = open_elf(bytes);
    return imports_of(elf.get(), text_of(bytes), name);
}

Result<std::vector<std::string>> read_imports(int fd, const std::string& name) {
    MKPXERD_TRY_ASSIGN(const std::string start, first_bytes(fd, name));
    const ElfHandle elf = open_elf(fd);
    return imports_of(elf.get(), start, name);
}

} // namespace mkpxerd::wrap
