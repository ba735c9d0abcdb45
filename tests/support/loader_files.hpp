// SPDX-License-Identifier: MIT
// Handmade loader files around an initrd: uImage and UKI. They share no code with the project.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace mkpxerd::test {

inline std::string big_number(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift);
    return bytes;
}
inline std::string little_number(std::uint32_t value, int count = 4) {
    std::string bytes;
    for (int i = 0; i < count; ++i)
        bytes += static_cast<char>(value >> (8 * i));
    return bytes;
}

// type: 2 a kernel, 3 a RAM disk, 4 several parts.
inline std::string uimage(char type, const std::string& data) {
    std::string header =
        "\x27\x05\x19\x56" + std::string(8, 'c') + big_number(static_cast<std::uint32_t>(data.size()));
    header += std::string(14, '\0') + type;
    header.resize(64);
    return header + data;
}
// The list before several parts.
inline std::string lengths(std::initializer_list<std::uint32_t> parts) {
    std::string list;
    for (const std::uint32_t part : parts)
        list += big_number(part);
    return list + big_number(0);
}

// A PE file with these sections, each at a multiple of 512 and padded to one.
inline std::string efi_program(const std::vector<std::pair<std::string, std::string>>& sections) {
    constexpr std::uint32_t pe = 0x50;
    constexpr std::uint32_t optional_header = 16;
    const auto align = [](std::size_t value) {
        return static_cast<std::uint32_t>((value + 511) / 512 * 512);
    };
    std::string file = "MZ";
    file.resize(0x3c);
    file += little_number(pe);
    file.resize(pe);
    file += std::string("PE\0\0", 4) + little_number(0x8664, 2) +
            little_number(static_cast<std::uint32_t>(sections.size()), 2) + std::string(12, '\0') +
            little_number(optional_header, 2) + std::string(2, '\0') + std::string(optional_header, 'o');
    std::uint32_t at = align(file.size() + sections.size() * 40);
    std::string data;
    for (const auto& [name, content] : sections) {
        const auto size = static_cast<std::uint32_t>(content.size());
        std::string padded = name;
        padded.resize(8);
        file += padded + little_number(size) + little_number(at) + little_number(align(size)) +
                little_number(at) + std::string(16, '\0');
        std::string piece = content;
        piece.resize(align(size));
        data += piece;
        at += align(size);
    }
    file.resize(at - data.size());
    return file + data;
}

} // namespace mkpxerd::test
