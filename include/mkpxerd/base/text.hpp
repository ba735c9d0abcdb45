// SPDX-License-Identifier: MIT
// Small text functions that both programs need.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd {

// Views into a temporary string would dangle in a range-for loop; the compiler refuses them here.
template <class T>
concept TemporaryString = std::same_as<T, std::string>;
template <TemporaryString T>
void trim(T&&) = delete;
template <TemporaryString T>
void split(T&&, char) = delete;
template <TemporaryString T>
void split_words(T&&) = delete;
template <TemporaryString T>
void split_lines(T&&) = delete;

std::string_view trim(std::string_view text);
// Pieces between separators; "a,,b" has three pieces, "" has none.
std::vector<std::string_view> split(std::string_view text, char separator);
// Pieces between runs of whitespace (space, tab, newline).
std::vector<std::string_view> split_words(std::string_view text);
// The same, one by one: the first word from position `at` on; `at` moves past it. Empty: no word is left.
std::string_view take_word(std::string_view text, std::size_t& at);
// The text without a leading UTF-8 byte order mark, which Windows editors write.
std::string_view without_bom(std::string_view text);
// Lines without their "\n" ("\r\n" is accepted), the first one without a byte order mark.
std::vector<std::string_view> split_lines(std::string_view text);
// The same, one by one, for long texts: the line at `at`, which moves past it. Precondition: at < size.
std::string_view take_line(std::string_view text, std::size_t& at);
// A decimal number and nothing else: no sign, no overflow.
std::optional<std::uint64_t> parse_number(std::string_view text);
// The bytes in a line of /proc/meminfo or /proc/self/status: "MemTotal:  491188 kB"; nullopt: no
// such line.
std::optional<std::uint64_t> kibibyte_field(std::string_view text, std::string_view name);
std::string to_lower(std::string_view text);
// Decodes the spaces of fstab(5) and the kernel's mount lists: "\040" -> " ". Anything else stays.
std::string unescape_mount_field(std::string_view text);

// The candidate that the user most likely meant by a misspelt word, if any is near enough
// (edit distance with transpositions of at most a third of the length).
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

// The text, or only the start and the length of a long one, for messages.
std::string excerpt(std::string_view text);

// "17.4 MB", "312 KB", "0 B": powers of 1000, three digits.
std::string human_bytes(std::uint64_t bytes);

// Shell pattern over one path component or plain text: * ? [..] [!..] and backslash. '/' is not special here.
// With hidden = false a leading '*', '?' or '[' does not match a leading dot, as in a shell.
bool glob_match(std::string_view pattern, std::string_view text, bool hidden = true);
bool has_glob(std::string_view pattern);

} // namespace mkpxerd
