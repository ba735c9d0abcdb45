// SPDX-License-Identifier: MIT
// What the user of a wrong command line probably meant.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/generator/request/command_options.hpp"

namespace CLI {
class App;
class Error;
} // namespace CLI

namespace mkpxerd::cli {

// The name of an argument in mkpxerd(8).
std::string argument_name(const std::string& name);

// The word is neither a command nor a kernel: a hint if it is a misspelt command, or what other programs call
// one of ours.
std::optional<std::string> hint_for_command(const CLI::App& program, const std::string& word);

// Words that CLI11 could not place -> the text of the error, without "mkpxerd: ". nullopt: none of them is an
// option.
std::optional<std::string> unknown_option(const CLI::App& program, const std::vector<std::string>& words);

// "-profile", which is "-p rofile" otherwise -> the text of the error. nullopt: no word is a long option with
// one dash.
std::optional<std::string> single_dash(const CLI::App& program, const std::vector<std::string>& words);

// CLI11's error in our words, with the names of mkpxerd(8).
std::string plain_error(const CLI::App& program, const CLI::Error& error);

// An option or argument that names something, and whose value is empty -> the text of the error. nullopt:
// there is none.
std::optional<std::string> empty_value(const CLI::App& app);

// An option of a build that this command ignores -> the text of the error. nullopt: there is none.
std::optional<std::string> ignored_option(const CLI::App& program);

// An option of a build that another one on the same command line makes meaningless -> the text of the error.
// nullopt: there is none.
std::optional<std::string> contradiction(const generator::CommandOptions& build);

} // namespace mkpxerd::cli
