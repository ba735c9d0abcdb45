// SPDX-License-Identifier: MIT
// A form ends with the first line that ends with ']', so that it may have several lines, and spaces at both
// ends.
#include "mkpxerd/cli/reference/shell_template.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd::cli {

Result<ShellTemplate> ShellTemplate::read(const std::filesystem::path& file) {
    MKPXERD_TRY_ASSIGN(const std::string text, read_file(file));
    ShellTemplate shell(file.string());
    std::string* open = nullptr; // the form that the next line belongs to
    const auto add = [&](std::string_view piece) {
        const bool is_last = piece.ends_with(']');
        open->append(piece.substr(0, piece.size() - (is_last ? 1 : 0)));
        if (is_last)
            open = nullptr;
        else
            *open += '\n';
    };
    for (const std::string_view line : split_lines(text)) {
        if (open != nullptr) {
            add(line);
        } else if (!line.starts_with('%')) {
            shell.script_.append(line) += '\n';
        } else if (const auto bracket = line.find('['); !line.starts_with("%#") && bracket != line.npos) {
            open = &shell.forms_[std::string(line.substr(1, bracket - 1))];
            add(line.substr(bracket + 1));
        }
    }
    if (open != nullptr) return fail(file.string(), "has a form without an end", "a form ends with ']'");
    return shell;
}

std::string ShellTemplate::form(const std::string& name, const PlaceholderValues& values) {
    const auto found = forms_.find(name);
    if (found == forms_.end()) {
        problems_.add(name_, fmt::format("has no form '{}'", name));
        return {};
    }
    auto filled = fill_placeholders(found->second, values, name_);
    if (filled) return std::move(*filled);
    problems_.add(filled.error());
    return {};
}

Result<std::string> ShellTemplate::script(const PlaceholderValues& values) const {
    MKPXERD_TRY(problems_.finish());
    return fill_placeholders(script_, values, name_);
}

} // namespace mkpxerd::cli
