// SPDX-License-Identifier: MIT
// Handmade ELF files: any class, byte order and machine, with only the parts that a dynamic loader reads.
#pragma once

#include <cstdint>
#include <elf.h>
#include <string>
#include <vector>

namespace mkpxerd::test {

struct ElfImage {
    bool is_64 = true;
    bool big_endian = false;
    std::uint16_t machine = EM_X86_64;
    std::uint16_t type = ET_DYN;
    std::string interpreter{};
    std::vector<std::string> needed{};
    std::string rpath{};
    std::string runpath{};
    std::string soname{};
    std::vector<std::string> dlopen_notes{};
    std::vector<std::string> imports{};
    bool counts_symbols = false; // with DT_HASH; otherwise their number is unknown

    std::string build() const {
        Layout layout(*this);
        return layout.bytes();
    }

  private:
    // Addresses differ from offsets, so that a reader who mixes them up is caught.
    static constexpr std::uint64_t base = 0x10000;

    class Layout {
      public:
        explicit Layout(const ElfImage& image) : image_(image) {}

        std::string bytes() {
            const std::string strings = string_table();
            const std::string notes = note_bytes();
            const bool dynamic = !entries_.empty();
            const unsigned segments =
                1U + (image_.interpreter.empty() ? 0 : 1) + (dynamic ? 1 : 0) + (notes.empty() ? 0 : 1);
            const std::uint64_t header = image_.is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
            const std::uint64_t segment = image_.is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
            const std::uint64_t interpreter_at = header + segments * segment;
            const std::uint64_t interpreter_size =
                image_.interpreter.empty() ? 0 : image_.interpreter.size() + 1;
            const std::uint64_t symbols_at = (interpreter_at + interpreter_size + 7) / 8 * 8;
            const std::string hash = hash_bytes();
            const std::string symbols = symbol_bytes();
            const std::uint64_t hash_at = symbols_at + symbols.size();
            const std::uint64_t strings_at = hash_at + hash.size();
            const std::uint64_t notes_at = (strings_at + strings.size() + 7) / 8 * 8;
            const std::uint64_t dynamic_at = (notes_at + notes.size() + 7) / 8 * 8;
            const std::uint64_t more = 3U + (symbols.empty() ? 0 : 1) + (hash.empty() ? 0 : 1);
            const std::uint64_t dynamic_size = dynamic ? (entries_.size() + more) * 2 * word() : 0;
            const std::uint64_t end = dynamic_at + dynamic_size;

            file_header(header, segment, segments);
            program_header(PT_LOAD, 0, end, 4096);
            if (!image_.interpreter.empty())
                program_header(PT_INTERP, interpreter_at, image_.interpreter.size() + 1, 1);
            if (dynamic) program_header(PT_DYNAMIC, dynamic_at, dynamic_size, 8);
            if (!notes.empty()) program_header(PT_NOTE, notes_at, notes.size(), 4);
            if (!image_.interpreter.empty()) out_ += image_.interpreter + '\0';
            out_.resize(symbols_at);
            out_ += symbols + hash + strings;
            out_.resize(notes_at);
            out_ += notes;
            out_.resize(dynamic_at);
            if (dynamic) {
                entries_.emplace_back(DT_STRTAB, base + strings_at);
                entries_.emplace_back(DT_STRSZ, strings.size());
                if (!symbols.empty()) entries_.emplace_back(DT_SYMTAB, base + symbols_at);
                if (!hash.empty()) entries_.emplace_back(DT_HASH, base + hash_at);
                entries_.emplace_back(DT_NULL, 0);
                for (const auto& [tag, value] : entries_) {
                    put(tag, word());
                    put(value, word());
                }
            }
            return out_;
        }

      private:
        unsigned word() const { return image_.is_64 ? 8 : 4; }

        static void append(std::string& to, std::uint64_t value, unsigned size, bool big_endian) {
            for (unsigned i = 0; i < size; ++i)
                to += static_cast<char>(value >> (8 * (big_endian ? size - 1 - i : i)));
        }
        void put(std::uint64_t value, unsigned size) { append(out_, value, size, image_.big_endian); }

        std::string string_table() {
            std::string table(1, '\0');
            const auto add = [&](std::uint64_t tag, const std::string& text) {
                entries_.emplace_back(tag, table.size());
                table += text + '\0';
            };
            for (const std::string& name : image_.needed)
                add(DT_NEEDED, name);
            if (!image_.soname.empty()) add(DT_SONAME, image_.soname);
            if (!image_.rpath.empty()) add(DT_RPATH, image_.rpath);
            if (!image_.runpath.empty()) add(DT_RUNPATH, image_.runpath);
            for (const std::string& name : image_.imports) {
                names_.push_back(table.size());
                table += name + '\0';
            }
            return table;
        }

        // Nothing, then each import: global and undefined.
        std::string symbol_bytes() const {
            if (names_.empty()) return {};
            std::string table(image_.is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym), '\0');
            for (const std::uint64_t name : names_) {
                append(table, name, 4, image_.big_endian);
                if (!image_.is_64) append(table, 0, 8, image_.big_endian);
                table += static_cast<char>(STB_GLOBAL << 4U | STT_FUNC);
                table.append(3, '\0');
                if (image_.is_64) append(table, 0, 16 - 8, image_.big_endian);
                if (image_.is_64) append(table, 0, 8, image_.big_endian);
            }
            return table;
        }
        // One bucket; its chain is not followed.
        std::string hash_bytes() const {
            std::string table;
            if (!image_.counts_symbols) return table;
            append(table, 1, 4, image_.big_endian);
            append(table, image_.imports.size() + 1, 4, image_.big_endian);
            table.resize(16);
            return table;
        }

        std::string note_bytes() const {
            std::string notes;
            for (const std::string& json : image_.dlopen_notes) {
                append(notes, 4, 4, image_.big_endian);
                append(notes, json.size() + 1, 4, image_.big_endian);
                append(notes, 0x407c0c0a, 4, image_.big_endian);
                notes += std::string("FDO\0", 4) + json + '\0';
                notes.resize((notes.size() + 3) / 4 * 4);
            }
            return notes;
        }

        void file_header(std::uint64_t header, std::uint64_t segment, unsigned segments) {
            out_ = std::string(ELFMAG);
            out_ += static_cast<char>(image_.is_64 ? ELFCLASS64 : ELFCLASS32);
            out_ += static_cast<char>(image_.big_endian ? ELFDATA2MSB : ELFDATA2LSB);
            out_ += static_cast<char>(EV_CURRENT);
            out_.resize(EI_NIDENT);
            put(image_.type, 2);
            put(image_.machine, 2);
            put(EV_CURRENT, 4);
            put(0, word());      // entry point
            put(header, word()); // program headers follow this one
            put(0, word());      // no section headers
            put(0, 4);           // flags
            put(header, 2);
            put(segment, 2);
            put(segments, 2);
            put(0, 2);
            put(0, 2);
            put(0, 2);
        }

        void program_header(std::uint32_t kind, std::uint64_t offset, std::uint64_t size,
                            std::uint64_t align) {
            put(kind, 4);
            if (image_.is_64) put(PF_R, 4);
            put(offset, word());
            put(base + offset, word());
            put(base + offset, word());
            put(size, word());
            put(size, word());
            if (!image_.is_64) put(PF_R, 4);
            put(align, word());
        }

        const ElfImage& image_;
        std::string out_;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> entries_; // of the dynamic segment
        std::vector<std::uint64_t> names_;                             // of imports, in the string table
    };
};

} // namespace mkpxerd::test
