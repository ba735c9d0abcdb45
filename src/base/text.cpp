// SPDX-License-Identifier: MIT
// Text functions without state.
#include "mkpxerd/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "mkpxerd/base/edit_distance.hpp"

namespace mkpxerd {
namespace {

constexpr std::string_view whitespace = " \t\r\n\v\f";

// Lists of millions of bytes are split here: comparing is faster than searching a text for each letter.
constexpr bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Matches one bracket expression at pattern[at] == '['; moves `at` past it. An unclosed '[' is a plain
// character.
bool bracket_match(std::string_view pattern, std::size_t& at, char c) {
    std::size_t i = at + 1;
    bool negated = false;
    if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) {
        negated = true;
        ++i;
    }
    bool found = false;
    bool first = true;
    for (; i < pattern.size() && (first || pattern[i] != ']'); first = false) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
        const char low = pattern[i++];
        char high = low;
        if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
            ++i;
            if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
            high = pattern[i++];
        }
        found = found || (low <= c && c <= high);
    }
    if (i >= pattern.size()) { // no closing bracket
        ++at;
        return c == '[';
    }
    at = i + 1;
    return found != negated;
}

} // namespace

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(whitespace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(whitespace) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    if (text.empty()) return pieces;
    for (;;) {
        const auto end = text.find(separator);
        pieces.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return pieces;
        text.remove_prefix(end + 1);
    }
}

std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < text.size();)
        if (const auto word = take_word(text, at); !word.empty()) words.push_back(word);
    return words;
}

std::string_view take_word(std::string_view text, std::size_t& at) {
    while (at < text.size() && is_blank(text[at]))
        ++at;
    const std::size_t start = at;
    while (at < text.size() && !is_blank(text[at]))
        ++at;
    return text.substr(start, at - start);
}

std::string_view without_bom(std::string_view text) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    text = without_bom(text);
    for (std::size_t at = 0; at < text.size();)
        lines.push_back(take_line(text, at));
    return lines;
}

std::string_view take_line(std::string_view text, std::size_t& at) {
    const auto end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> kibibyte_field(std::string_view text, std::string_view name) {
    for (const auto line : split_lines(text)) {
        const auto words = split_words(line);
        if (words.size() < 2 || words[0] != name) continue;
        const auto kibibytes = parse_number(words[1]);
        return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
    }
    return std::nullopt;
}

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

std::string unescape_mount_field(std::string_view text) {
    const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '3' &&
            is_octal(text[i + 2]) && is_octal(text[i + 3])) {
            out +=
                static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
    // A hostile file may have millions of words, and words of megabytes. A hint is not worth a minute.
    constexpr std::size_t longest = 1024;
    constexpr std::uint64_t max_cells = std::uint64_t{1} << 23; // of tables of distances
    std::optional<std::string> best;
    if (word.size() > longest) return best;
    EditDistance distances;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        // A lower bound of the distance.
        if (std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size()) >=
            best_distance)
            continue;
        if (distances.cells() > max_cells) break;
        const std::size_t distance = distances.below(best_distance, word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string excerpt(std::string_view text) {
    constexpr std::size_t most = 120;
    if (text.size() <= most) return std::string(text);
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) // not within a character
        --end;
    return fmt::format("{}... ({} bytes)", text.substr(0, end), text.size());
}

std::string human_bytes(std::uint64_t bytes) {
    static constexpr std::array<const char*, 5> units = {"B", "KB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return fmt::format("{:.{}f} {}", value, digits, units[unit]);
}

bool has_glob(std::string_view pattern) {
    return pattern.find_first_of("*?[") != std::string_view::npos;
}

bool glob_match(std::string_view pattern, std::string_view text, bool hidden) {
    if (!hidden && text.starts_with('.') && !pattern.starts_with('.')) return false;
    // Linear, with one point to backtrack to: only the last '*' can ever need to match more.
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (t < text.size()) {
        bool matched = false;
        std::size_t next = p;
        if (p < pattern.size()) {
            const char c = pattern[p];
            if (c == '*') {
                star = p++;
                star_text = t;
                continue;
            }
            if (c == '?') {
                matched = true;
                next = p + 1;
            } else if (c == '[') {
                matched = bracket_match(pattern, next, text[t]);
            } else {
                const bool escaped = c == '\\' && p + 1 < pattern.size();
                matched = pattern[p + (escaped ? 1 : 0)] == text[t];
                next = p + (escaped ? 2 : 1);
            }
        }
        if (matched) {
            p = next;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

} // namespace mkpxerd
