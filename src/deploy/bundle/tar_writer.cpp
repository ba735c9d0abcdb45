// SPDX-License-Identifier: MIT
// One block of 512 bytes per entry: name 0/100, mode 100/8, uid 108/8, gid 116/8, size 124/12, mtime 136/12,
// checksum 148/8, type 156/1, link 157/100, magic 257/6, version 263/2, prefix 345/155 (offset/bytes);
// numbers are octal texts. Content follows, padded to whole blocks.
#include "mkpxerd/deploy/bundle/tar_writer.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr std::size_t block_size = 512;
constexpr std::size_t name_size = 100;
constexpr std::size_t prefix_size = 155;
using Block = std::array<char, block_size>;

void put(Block& block, std::size_t offset, std::string_view text) {
    std::copy(text.begin(), text.end(), block.begin() + static_cast<std::ptrdiff_t>(offset));
}

// Where to cut a path into prefix and name; npos: not needed. Errors: it cannot be cut.
Result<std::size_t> find_cut(const std::string& path) {
    if (path.size() <= name_size) return std::string::npos;
    const auto cut = path.rfind('/', prefix_size);
    if (cut == std::string::npos || cut == 0 || path.size() - cut - 1 > name_size)
        return fail(path, "is too long for a tar archive");
    return cut;
}

} // namespace

Result<void> TarWriter::write_header(const std::string& path, char type, unsigned mode, std::uint64_t size,
                                     const std::string& target) {
    if (target.size() > name_size) return fail(path, "has a target that is too long for a tar archive");
    MKPXERD_TRY_ASSIGN(const std::size_t cut, find_cut(path));
    Block block{};
    if (cut != std::string::npos) put(block, 345, std::string_view(path).substr(0, cut));
    put(block, 0, cut == std::string::npos ? std::string_view(path) : std::string_view(path).substr(cut + 1));
    put(block, 100, fmt::format("{:07o}", mode));
    put(block, 108, "0000000");
    put(block, 116, "0000000");
    put(block, 124, fmt::format("{:011o}", size));
    put(block, 136, fmt::format("{:011o}", std::max<std::int64_t>(mtime_, 0)));
    put(block, 148, "        "); // counts as spaces in its own sum
    block[156] = type;
    put(block, 157, target);
    put(block, 257,
        std::string_view("ustar\0"
                         "00",
                         8));
    unsigned sum = 0;
    for (const char c : block)
        sum += static_cast<unsigned char>(c);
    put(block, 148, fmt::format("{:06o}", sum));
    block[154] = '\0';
    return sink_(std::as_bytes(std::span(block)));
}

bool TarWriter::holds(const std::string& path) {
    return find_cut(path).has_value();
}

Result<void> TarWriter::add_directory(const std::string& path) {
    return write_header(path + '/', '5', 0755, 0, {});
}

Result<void> TarWriter::add_link(const std::string& path, const std::string& target) {
    return write_header(path, '2', 0777, 0, target);
}

Result<void> TarWriter::add_file(const std::string& path, std::span<const std::byte> content, unsigned mode) {
    MKPXERD_TRY(write_header(path, '0', mode, content.size(), {}));
    MKPXERD_TRY(sink_(content));
    static constexpr std::array<std::byte, block_size> zeros{};
    return sink_(std::span(zeros).first((block_size - content.size() % block_size) % block_size));
}

Result<void> TarWriter::add_file(const std::string& path, const TreePath& source, unsigned mode) {
    MKPXERD_TRY_ASSIGN(const MappedFile file, MappedFile::open(source));
    return add_file(path, file.bytes(), mode);
}

Result<void> TarWriter::finish() {
    static constexpr std::array<std::byte, 2 * block_size> end{};
    return sink_(end);
}

} // namespace mkpxerd::deploy
