// SPDX-License-Identifier: MIT
// "#!", whitespace, a path, and at most one argument, which may be the whole command line of env.
#include "mkpxerd/generator/files/shebang.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {
namespace {

std::string_view file_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// How env -S splits its text (coreutils, env.c, build_argv): words with quotes and escapes. Busybox accepts
// the same forms. nullopt: it depends on the environment, such as ${NAME}.
std::optional<std::vector<std::string>> split_as_env(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool inside = false;
    char quote = '\0';
    const auto end_word = [&] {
        if (inside) words.push_back(std::exchange(word, {}));
        inside = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == '\0' && (c == ' ' || (c >= '\t' && c <= '\r'))) {
            end_word();
        } else if (quote == '\0' && c == '#' && !inside) {
            break;
        } else if (c == quote || (quote == '\0' && (c == '"' || c == '\''))) {
            quote = quote == '\0' ? c : '\0';
            inside = true;
        } else if (c == '$' && quote != '\'') {
            return std::nullopt;
        } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            const char escaped = text[++i];
            if (escaped == 'c') break;
            if (escaped == '_' && quote == '\0') {
                end_word();
                continue;
            }
            word += escaped == '_' ? ' ' : escaped;
            inside = true;
        } else {
            word += c;
            inside = true;
        }
    }
    end_word();
    return words;
}

// In a group of short options, the first of these letters ends the group: its value follows.
std::size_t letter_with_value(std::string_view word) {
    return word.starts_with("--") ? std::string_view::npos : word.find_first_of("uCaS", 1);
}

// The text joined to -S or --split-string; nullopt: the word is another option.
std::optional<std::string_view> split_option(std::string_view word) {
    constexpr std::string_view long_name = "--split-string";
    if (!word.starts_with('-')) return std::nullopt;
    if (word.starts_with(long_name)) return word.substr(std::min(word.size(), long_name.size() + 1));
    const auto letter = letter_with_value(word);
    if (letter == std::string_view::npos || word[letter] != 'S') return std::nullopt;
    return word.substr(letter + 1);
}

// The word after env's options (env(1) of coreutils) and NAME=VALUE.
std::string program_among(const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!word.starts_with('-')) {
            if (word.find('=') == std::string::npos) return word;
        } else if (const auto letter = letter_with_value(word);
                   word == "--unset" || word == "--chdir" || word == "--argv0" ||
                   (letter + 1 == word.size() && word[letter] != 'S')) {
            ++i; // its value
        }
    }
    return {};
}

// -S has a whole line as its value; words before it count as well.
std::string program_of_env(std::string_view arguments) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < arguments.size();) {
        const std::string_view word = take_word(arguments, at);
        if (const auto glued = split_option(word)) {
            const auto split = split_as_env(std::string(*glued) + std::string(arguments.substr(at)));
            if (!split) return {};
            words.insert(words.end(), split->begin(), split->end());
            break;
        }
        if (!word.empty()) words.emplace_back(word);
    }
    return program_among(words);
}

} // namespace

std::optional<Shebang> parse_shebang(std::string_view head) {
    if (!head.starts_with("#!")) return std::nullopt;
    std::string_view line = head.substr(2, head.find('\n', 2) - 2);
    const bool cut = head.size() >= head_bytes && head.find('\n') == std::string_view::npos;
    line = line.substr(0, line.find('\0'));
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return std::nullopt;
    line.remove_prefix(begin);
    const auto end = line.find_first_of(" \t");
    // The kernel does not run a path that may continue beyond these bytes.
    if (cut && end == std::string_view::npos) return std::nullopt;

    Shebang shebang;
    shebang.interpreter =
        trim(line.substr(0, end)); // without a "\r", which the kernel would keep, and then fail
    if (file_name(shebang.interpreter) == "env" && end != std::string_view::npos)
        shebang.program = program_of_env(line.substr(end));
    return shebang;
}

} // namespace mkpxerd::generator
