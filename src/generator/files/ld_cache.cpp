// SPDX-License-Identifier: MIT
// struct cache_file_new of glibc's sysdeps/generic/dl-cache.h:
//   0 magic, 20 entries, 24 bytes of strings, 28 byte order (2 little, 3 big, 0 unsaid), 48 the entries
// each of 24 bytes: 0 flags, 4 name, 8 path, 12 OS version, 16 capabilities; texts by their offset from the
// magic. The format from before 2002 may precede it; today's glibc does not read that.
#include "mkpxerd/generator/files/ld_cache.hpp"

#include <cstdint>

namespace mkpxerd::generator {
namespace {

constexpr std::string_view magic = "glibc-ld.so.cache1.1";
constexpr std::size_t header_bytes = 48;
constexpr std::size_t entry_bytes = 24;
constexpr std::size_t longest_text = 4096; // PATH_MAX: a loader opens nothing longer
// Entries may share texts, and ldconfig lets a name be the tail of its path; a file whose texts add up to
// many times its own length was not written by ldconfig.
constexpr std::size_t max_times = 8;

class CacheReader {
  public:
    CacheReader(std::string_view bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

    std::map<std::string, std::vector<std::string>> read() {
        std::map<std::string, std::vector<std::string>> paths;
        if (bytes_.size() < header_bytes) return paths;
        const int order = bytes_[28] & 3;
        if (order >= 2) big_endian_ = order == 3;
        const std::uint64_t count = number(20);
        std::size_t left = max_times * bytes_.size();
        for (std::size_t i = 0; i < count && bytes_.size() - header_bytes >= (i + 1) * entry_bytes; ++i) {
            const std::size_t entry = header_bytes + i * entry_bytes;
            const std::string_view path = text(number(entry + 8));
            const std::string_view name = text(number(entry + 4));
            if (path.size() + name.size() > left) break;
            left -= path.size() + name.size();
            if (path.starts_with('/')) paths[std::string(name)].emplace_back(path);
        }
        return paths;
    }

  private:
    std::uint32_t number(std::size_t at) const {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < 4; ++i)
            value = value << 8U | static_cast<unsigned char>(bytes_[at + (big_endian_ ? i : 3 - i)]);
        return value;
    }
    std::string_view text(std::size_t at) const {
        if (at >= bytes_.size()) return {};
        const std::string_view text = bytes_.substr(at, longest_text);
        const auto end = text.find('\0');
        return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
    }

    std::string_view bytes_; // from the magic on
    bool big_endian_;
};

} // namespace

std::map<std::string, std::vector<std::string>> parse_ld_cache(std::string_view bytes, bool big_endian) {
    const auto begin = bytes.find(magic);
    if (begin == std::string_view::npos) return {};
    return CacheReader(bytes.substr(begin), big_endian).read();
}

} // namespace mkpxerd::generator
