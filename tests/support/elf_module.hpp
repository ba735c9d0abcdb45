// SPDX-License-Identifier: MIT
// A handmade kernel module of any class and byte order: .modinfo, and the symbols that depmod and driver_home
// read. A compiler would take longer than the test.
#pragma once

#include <cstdint>
#include <elf.h>
#include <string>
#include <vector>

namespace mkpxerd::test {

struct ElfModule {
    bool is_64 = true;
    bool big_endian = false;
    std::uint16_t machine = EM_X86_64;
    std::vector<std::string> modinfo{}; // "firmware=x.bin", "softdep=pre: y"
    std::vector<std::string> imports{}; // names of symbols
    std::vector<std::string> exports{}; // likewise, as __ksymtab_strings has them

    std::string build() const {
        std::string info;
        for (const auto& line : modinfo)
            info += line + '\0';
        std::string exported;
        for (const auto& symbol : exports)
            exported += symbol + '\0';
        std::string names("\0.modinfo\0.strtab\0.symtab\0__ksymtab_strings\0", 44);
        const std::string symbols = symbol_table(names);
        const std::uint64_t header = is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
        const std::uint64_t symbol = is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
        const std::uint64_t symbols_at = header;
        const std::uint64_t info_at = symbols_at + symbols.size();
        const std::uint64_t exports_at = info_at + info.size();
        const std::uint64_t names_at = exports_at + exported.size();
        const std::uint64_t sections_at = (names_at + names.size() + 7) / 8 * 8;

        std::string out{'\x7f', 'E', 'L', 'F', is_64 ? '\2' : '\1', big_endian ? '\2' : '\1', '\1'};
        out.resize(EI_NIDENT);
        number(out, ET_REL, 2);
        number(out, machine, 2);
        number(out, EV_CURRENT, 4);
        number(out, 0, word()); // entry
        number(out, 0, word()); // program headers
        number(out, sections_at, word());
        number(out, 0, 4); // flags
        number(out, header, 2);
        for (const unsigned value : {0U, 0U, is_64 ? 64U : 40U, 5U, 2U})
            number(out, value, 2);
        out += symbols + info + exported + names;
        out.resize(sections_at + (is_64 ? 64 : 40));
        section(out, 1, SHT_PROGBITS, info_at, info.size(), 0, 0);
        section(out, 10, SHT_STRTAB, names_at, names.size(), 0, 0);
        section(out, 18, SHT_SYMTAB, symbols_at, symbols.size(), 2, symbol);
        section(out, 26, SHT_PROGBITS, exports_at, exported.size(), 0, 0);
        return out;
    }

  private:
    unsigned word() const { return is_64 ? 8 : 4; }
    // The empty symbol, then one that is undefined for each import.
    std::string symbol_table(std::string& names) const {
        std::string table(is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym), '\0');
        for (const auto& symbol : imports) {
            number(table, names.size(), 4);
            names += symbol + '\0';
            if (!is_64) number(table, 0, 8); // value, size
            number(table, STB_GLOBAL << 4, 1);
            number(table, 0, 3);               // visibility, section: SHN_UNDEF
            if (is_64) table.append(16, '\0'); // value, size
        }
        return table;
    }
    void number(std::string& out, std::uint64_t value, unsigned bytes) const {
        for (unsigned i = 0; i < bytes; ++i)
            out += static_cast<char>(value >> 8 * (big_endian ? bytes - 1 - i : i));
    }
    void section(std::string& out, unsigned name, unsigned type, std::uint64_t offset, std::uint64_t size,
                 unsigned link, std::uint64_t entry_size) const {
        number(out, name, 4);
        number(out, type, 4);
        number(out, 0, word()); // flags
        number(out, 0, word()); // address
        number(out, offset, word());
        number(out, size, word());
        number(out, link, 4);
        number(out, 0, 4);      // info
        number(out, 1, word()); // alignment
        number(out, entry_size, word());
    }
};

} // namespace mkpxerd::test
