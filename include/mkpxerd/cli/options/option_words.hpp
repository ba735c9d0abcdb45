// SPDX-License-Identifier: MIT
// Options and commands whose argument is one of a few words: the words come from the tables that read them,
// for
// --help, the completion of the shells, and errors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd::cli {

// Shells that `mkpxerd completion` writes for.
inline constexpr std::string_view shell_words = "bash zsh fish";

// option: its long name without "--", or the name of a command's argument. Empty: any text may follow.
std::vector<std::string> words_of_option(std::string_view option);
// help with these words in the place of "{}": "compression: gzip, xz, none".
std::string help_with_words(std::string_view help, std::string_view option);

} // namespace mkpxerd::cli
