// SPDX-License-Identifier: MIT
// A command line cut into words, by the kernel's rules.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd {

// COMMAND_LINE_SIZE of x86 and arm64 (arch/*/include/uapi/asm/setup.h), in bytes, with the closing zero.
inline constexpr std::size_t command_line_size = 2048;

struct CommandLineWord {
    std::string name;                 // before '=', or the whole word
    std::optional<std::string> value; // nullopt: the word has no '='
    std::size_t position = 0;         // bytes from the start of the text
    bool operator==(const CommandLineWord&) const = default;
};

struct CommandLine {
    std::vector<CommandLineWord> words;    // up to "--"
    std::vector<std::string> init_args;    // after "--": the kernel passes them to init
    std::optional<std::size_t> open_quote; // where an unclosed quote begins
};

// As next_arg() of lib/cmdline.c: spaces separate words, double quotes keep them together, a pair of quotes
// around the word or around the value is removed, and any other quote stays in the text.
CommandLine split_command_line(std::string_view text);

} // namespace mkpxerd
