// SPDX-License-Identifier: MIT
// First what has a form (URLs), then what is known by its name, and at last a check of what is left.
#include "mkpxerd/secrets/secret_removal.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/redact.hpp"
#include "mkpxerd/secrets/secret_forms.hpp"

namespace mkpxerd {
namespace {

constexpr std::string_view hidden = "***";
constexpr std::string_view hidden_login = "***@";

// As the checks see it: a hidden login is not a login.
std::string without_hidden_logins(std::string text) {
    for (auto at = text.find(hidden_login); at != std::string::npos; at = text.find(hidden_login, at))
        text.erase(at, hidden_login.size());
    return text;
}

// Of a command line, which may be the value of a setting: cmdline="a.password=x".
const char* secret_of_options(std::string_view redacted) {
    std::string text = without_hidden_logins(std::string(redacted));
    if (const char* what = find_secret_option(text)) return what;
    std::ranges::replace_if(
        text, [](char c) { return c == '"' || c == '\''; }, ' ');
    return find_secret_option(text);
}

// What is not in a single line, such as a key, is only found in the whole text.
bool is_secret_text(std::string_view path, std::string_view redacted) {
    const std::string text = without_hidden_logins(std::string(redacted));
    return find_secret(path, std::string_view(text).substr(0, secret_window), text.size()) != nullptr;
}

// The line without the mark of a comment: a commented-out secret is still secret.
std::string_view uncommented(std::string_view line) {
    const auto begin = line.find_first_not_of("#; \t");
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

constexpr std::string_view whitespace = " \t\r\n";

// "name=value" -> "name=***", in place.
std::string without_secret_words(const std::string& options) {
    std::string text;
    for (std::size_t at = 0; at < options.size();) {
        const auto begin = std::min(options.find_first_not_of(whitespace, at), options.size());
        const auto end = std::min(options.find_first_of(whitespace, begin), options.size());
        const std::string_view word = std::string_view(options).substr(begin, end - begin);
        text.append(options, at, begin - at);
        if (secret_of_options(word) == nullptr)
            text += word;
        else
            text.append(word.substr(0, word.find('=') + 1)).append(hidden);
        at = end;
    }
    return text;
}

} // namespace

std::string without_secrets(std::string_view options) {
    std::string text = redact(options);
    if (secret_of_options(text) != nullptr) text = without_secret_words(text);
    const bool is_clean = secret_of_options(text) == nullptr && !is_secret_text({}, text);
    return is_clean ? text : std::string(hidden);
}

std::optional<std::string> text_without_secrets(std::string_view path, std::string_view text) {
    std::string cleaned;
    std::string with_comments; // as if they counted
    for (std::size_t at = 0; at < text.size();) {
        const std::string line = redact(take_line(text, at));
        const std::string_view content = uncommented(line);
        const char* what = secret_of_options(content);
        cleaned += what == nullptr ? line : fmt::format("# left out: the line {}", what);
        cleaned += '\n';
        if (what == nullptr) with_comments.append(content).append("\n");
    }
    if (is_secret_text(path, cleaned) || is_secret_text(path, with_comments)) return std::nullopt;
    return cleaned;
}

} // namespace mkpxerd
