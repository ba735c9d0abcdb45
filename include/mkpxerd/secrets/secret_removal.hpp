// SPDX-License-Identifier: MIT
// Texts that others may read: what find_secret() knows to be secret is taken out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mkpxerd {

// Options of a command line, or a text that contains some: logins and queries of URLs become "***", and so do
// the values of options with secrets. "***" alone if nothing else helps.
std::string without_secrets(std::string_view options);

// A text file: logins and queries of URLs become "***", and a comment replaces a line that sets a password,
// also a line that is a comment. nullopt: it has other secrets, such as a key of several lines.
std::optional<std::string> text_without_secrets(std::string_view path, std::string_view text);

} // namespace mkpxerd
