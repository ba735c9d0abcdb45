// SPDX-License-Identifier: MIT
// What the user of a wrong command line probably meant.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mkpxerd::cli {

// The word is neither a command nor a kernel: a hint if it is a misspelt command, or what other programs call
// one of ours.
std::optional<std::string> hint_for_command(const CLI::App& program, const std::string& word);

// Words that CLI11 could not place -> the text of the error, without "mkpxerd: ". nullopt: none of them is an
// option.
std::optional<std::string> unknown_option(const CLI::App& program, const std::vector<std::string>& words);

// An option or argument that names something, and whose value is empty -> the text of the error. nullopt:
// there is none.
std::optional<std::string> empty_value(const CLI::App& app);

// An option of a build that stands before a command without such options, which would ignore it -> the text
// of the error. nullopt: there is none.
std::optional<std::string> ignored_option(const CLI::App& program);

} // namespace mkpxerd::cli
