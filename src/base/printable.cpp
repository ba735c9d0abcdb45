// SPDX-License-Identifier: MIT
#include "mkpxerd/base/printable.hpp"

namespace mkpxerd {
namespace {

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

// Bytes of the character at the start; false: it must be escaped.
bool is_shown(std::string_view text, std::size_t& length) {
    length = utf8_length(text);
    if (length == 0) {
        length = 1;
        return false;
    }
    return !is_control(code_point(text.substr(0, length)));
}

} // namespace

std::size_t utf8_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned lead = at(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                               : lead >= 0xE0 && lead <= 0xEF ? 3
                               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                              : 0;
    for (std::size_t i = 1; i < length; ++i)
        if (i >= text.size() || !is_continuation(text[i])) return 0;
    if ((lead == 0xE0 && at(1) < 0xA0) || (lead == 0xED && at(1) > 0x9F) || (lead == 0xF0 && at(1) < 0x90) ||
        (lead == 0xF4 && at(1) > 0x8F))
        return 0;
    return length;
}

std::uint32_t code_point(std::string_view sequence) {
    const auto lead = static_cast<unsigned char>(sequence.front());
    if (sequence.size() == 1) return lead;
    std::uint32_t value = lead & (0xFFU >> (sequence.size() + 1));
    for (const char c : sequence.substr(1))
        value = value << 6 | (static_cast<unsigned char>(c) & 0x3FU);
    return value;
}

bool is_control(std::uint32_t code_point) {
    const auto between = [code_point](std::uint32_t first, std::uint32_t last) {
        return code_point >= first && code_point <= last;
    };
    return code_point < 0x20 || between(0x7F, 0x9F) || code_point == 0x061C || between(0x200E, 0x200F) ||
           between(0x2028, 0x202E) || between(0x2066, 0x2069);
}

std::string printable(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string shown;
    shown.reserve(text.size());
    for (std::size_t length = 0; !text.empty(); text.remove_prefix(length)) {
        if (is_shown(text, length)) {
            shown += text.substr(0, length);
            continue;
        }
        for (const char c : text.substr(0, length)) {
            const auto value = static_cast<unsigned char>(c);
            shown.append({'\\', 'x', digits[value >> 4], digits[value & 15]});
        }
    }
    return shown;
}

bool is_printable(std::string_view text) {
    for (std::size_t length = 0; !text.empty(); text.remove_prefix(length))
        if (!is_shown(text, length)) return false;
    return true;
}

} // namespace mkpxerd
