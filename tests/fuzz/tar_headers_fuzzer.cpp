// SPDX-License-Identifier: MIT
// Headers of tar archives: ustar, GNU's long names and sparse files, pax records. Damage of a header would be
// told by its checksum, so the checksums are set right here and everything else stays as it is. What is read
// is bounded by the archive, and unpacking it touches nothing outside the root.
// The first byte tells the form: even, the archive itself; odd, a text with a line for each header:
//   TYPE NAME <tab> TARGET <tab> CONTENT      TYPE is the letter of the header; of `x` and `g` the line is a
//   record
#include "harness.hpp"

#include <cstdio>
#include <cstring>
#include <sys/stat.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/netboot/root/tar_unpacker.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t block = 512;
constexpr std::size_t checksum_at = 148;
constexpr std::size_t size_at = 124;
constexpr std::size_t field_bytes = 12;
constexpr std::size_t longest_name = 4096;

std::size_t padded(std::size_t size) {
    return (size + block - 1) / block * block;
}

std::size_t number_of(std::string_view field) {
    std::size_t value = 0;
    if (!field.empty() && (field.front() & '\x80') != 0) { // base 256
        for (const char c : field.substr(field.size() - 4))
            value = value << 8 | static_cast<unsigned char>(c);
        return value;
    }
    for (const char c : field)
        if (c >= '0' && c <= '7')
            value = value * 8 + static_cast<std::size_t>(c - '0');
        else if (c != ' ')
            break;
    return value;
}

void set_checksum(std::string& archive, std::size_t at) {
    archive.replace(at + checksum_at, 8, 8, ' ');
    unsigned sum = 0;
    for (std::size_t i = at; i < at + block; ++i)
        sum += static_cast<unsigned char>(archive[i]);
    char text[8];
    std::snprintf(text, sizeof text, "%06o", sum);
    archive.replace(at + checksum_at, sizeof text, text, sizeof text);
    archive[at + checksum_at + 7] = ' ';
}

std::string with_checksums(std::string archive) {
    archive.resize(padded(archive.size()));
    for (std::size_t at = 0; at + block <= archive.size();) {
        const std::string_view header(archive.data() + at, block);
        const bool is_end = header.find_first_not_of('\0') == std::string_view::npos;
        const std::size_t body = is_end ? 0 : number_of(header.substr(size_at, field_bytes));
        if (!is_end) set_checksum(archive, at);
        if (body > archive.size()) break;
        at += block + padded(body);
    }
    return archive;
}

void put(std::string& header, std::size_t at, std::size_t most, std::string_view text) {
    text = text.substr(0, most);
    header.replace(at, text.size(), text);
}

// A header with its body; the kind of ustar, but for GNU's own letters.
void append_entry(std::string& archive, char type, std::string_view name, std::string_view target,
                  std::string_view content) {
    std::string header(block, '\0');
    const bool is_gnu = std::string_view("LKSDMNVA").find(type) != std::string_view::npos;
    put(header, 0, 100, name);
    put(header, 100, 8, "0000755");
    put(header, 108, 8, "0000000");
    put(header, 116, 8, "0000000");
    char size[field_bytes];
    std::snprintf(size, sizeof size, "%011zo", content.size());
    put(header, size_at, field_bytes, size);
    put(header, 136, 12, "14760000000");
    header[156] = type;
    put(header, 157, 100, target);
    put(header, 257, 8, is_gnu ? std::string_view("ustar  ") : std::string_view("ustar\00000", 8));
    put(header, 329, 8, "0000001");
    put(header, 337, 8, "0000003");
    archive += header;
    archive += content;
    archive.resize(padded(archive.size()));
}

// "LENGTH KEY=VALUE\n", the length that of the record itself.
std::string pax_record(std::string_view text) {
    std::size_t length = text.size() + 3;
    while (std::to_string(length).size() + text.size() + 2 > length)
        ++length;
    std::string record = std::to_string(length);
    return record.append(" ").append(text).append("\n");
}

std::string written(std::string_view text) {
    std::string archive;
    std::string records;
    char records_of = '\0';
    const auto flush = [&] {
        if (!records.empty()) append_entry(archive, records_of, "./PaxHeaders/x", "", records);
        records.clear();
    };
    for (const std::string_view line : split(text, '\n')) {
        if (line.empty()) continue;
        const char type = line.front();
        const std::string_view rest = line.substr(std::min<std::size_t>(line.size(), 2));
        if (type != records_of) flush();
        if (type == 'x' || type == 'g') {
            records_of = type;
            records += pax_record(rest);
            continue;
        }
        flush();
        const auto fields = split(rest, '\t');
        const auto field = [&](std::size_t i) { return i < fields.size() ? fields[i] : std::string_view(); };
        // The name of the next entry is the body of these.
        if (type == 'L' || type == 'K')
            append_entry(archive, type, "././@LongLink", "", std::string(field(0)) + '\0');
        else
            append_entry(archive, type, field(0), field(1), field(2));
    }
    flush();
    archive.append(2 * block, '\0');
    return archive;
}

// To its end, or to where it is refused.
void read_all(const fs::path& path, std::size_t archive_bytes) {
    auto reader = wrap::TarReader::open(path);
    if (!reader) return;
    std::size_t entries = 0;
    std::size_t told = 0;
    for (;;) {
        auto entry = reader->next();
        if (!entry || !*entry) return;
        ++entries;
        require((*entry)->path.find('\0') == std::string::npos);
        require((*entry)->path.size() < longest_name && (*entry)->target.size() < longest_name);
        require((*entry)->mode <= 07777 && (*entry)->mtime_nanoseconds >= 0);
        for (const auto& attribute : (*entry)->attributes)
            told += attribute.name.size() + attribute.value.size();
        std::uint64_t behind = 0;
        for (;;) {
            auto piece = reader->read();
            if (!piece) return;
            if (!*piece) break;
            require((*piece)->offset >= behind);
            behind = (*piece)->offset + (*piece)->bytes.size();
            told += (*piece)->bytes.size();
            for (const std::byte byte : (*piece)->bytes) // all of it can be read
                told += std::to_integer<std::size_t>(byte) & 0U;
        }
        require(entries <= archive_bytes / block);
        require(told <= 2 * archive_bytes);
    }
}

// DIRECTORY/archive, DIRECTORY/root, and DIRECTORY/victim, which no archive may change.
void unpack(const fs::path& directory, std::size_t max_entries) {
    fs::create_directory(directory / "root");
    const auto unpacked = netboot::unpack_tar(directory / "archive", directory / "root");
    if (unpacked) {
        require(unpacked->warnings.size() <= 10);
        for (const std::string& name : unpacked->names)
            require(!name.starts_with('/'));
        require(unpacked->names.size() <= unpacked->entries && unpacked->entries <= max_entries);
    }
    std::error_code ignored;
    fs::remove_all(directory / "root", ignored);
    std::size_t left = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(directory))
        ++left;
    require(left == 2);
    struct stat st {};
    require(::stat((directory / "victim").c_str(), &st) == 0 && st.st_nlink == 1 && st.st_mode == 0100640);
    require(read(directory / "victim") == "untouched");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ScratchDirectory scratch;
    if (size == 0) return 0;
    const std::string_view text = text_of(data + 1, size - 1);
    const std::string archive = with_checksums(data[0] % 2 == 0 ? std::string(text) : written(text));
    if (archive.starts_with("\x1f\x8b")) return 0; // what is compressed has no bound of its own
    write(scratch.path() / "archive", archive);
    write(scratch.path() / "victim", "untouched");
    fs::permissions(scratch.path() / "victim", fs::perms(0640));
    read_all(scratch.path() / "archive", archive.size());
    unpack(scratch.path(), archive.size() / block);
    return 0;
}
