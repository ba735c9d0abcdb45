// SPDX-License-Identifier: MIT
// A handmade ld.so.cache, as ldconfig writes it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mkpxerd::test {

// entries: name of a library, its path. order: 2 little-endian, 3 big-endian, 0 unsaid and little-endian.
inline std::string ld_cache_file(const std::vector<std::pair<std::string, std::string>>& entries,
                                 char order = 2) {
    const auto number = [order](std::uint64_t value) {
        std::string bytes;
        for (unsigned i = 0; i < 4; ++i)
            bytes += static_cast<char>(value >> (8 * (order == 3 ? 3 - i : i)));
        return bytes;
    };
    constexpr std::size_t header = 48;
    std::string strings;
    std::string list;
    const auto place = [&](const std::string& text) {
        const std::size_t at = header + entries.size() * 24 + strings.size();
        strings += text + '\0';
        return number(at);
    };
    for (const auto& [name, path] : entries) {
        list += number(0x303); // libc6, 64-bit x86
        list += place(name);
        list += place(path);
        list.append(12, '\0');
    }
    std::string file = "glibc-ld.so.cache1.1" + number(entries.size()) + number(strings.size()) + order;
    file.resize(header);
    return file + list + strings;
}

} // namespace mkpxerd::test
