// SPDX-License-Identifier: MIT
// "#!", blanks, a path, and at most one argument, which may be the whole command line of env.
#include "mkpxerd/generator/shebang.hpp"

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::generator {
namespace {

std::string_view file_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// env's options, then NAME=VALUE, then the program; -S hands over a whole line, also glued to it.
std::string program_of_env(std::string_view arguments) {
    for (std::string_view word : split_words(arguments)) {
        if (word.starts_with("-S") || word.starts_with("-vS")) word.remove_prefix(word.find('S') + 1);
        if (word.starts_with("--split-string=")) word.remove_prefix(word.find('=') + 1);
        if (word.empty() || word.starts_with('-') || word.find('=') != std::string_view::npos) continue;
        return std::string(word);
    }
    return {};
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
    // A path that may go on beyond the bytes looked at is not run.
    if (cut && end == std::string_view::npos) return std::nullopt;

    Shebang shebang;
    shebang.interpreter =
        trim(line.substr(0, end)); // of a "\r" too, which the kernel would keep and fail with
    if (file_name(shebang.interpreter) == "env" && end != std::string_view::npos)
        shebang.program = program_of_env(line.substr(end));
    return shebang;
}

} // namespace mkpxerd::generator
