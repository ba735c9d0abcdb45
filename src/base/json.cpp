// SPDX-License-Identifier: MIT
// Commas, indentation and escapes.
#include "mkpxerd/base/json.hpp"

#include <cstdlib>
#include <fmt/format.h>

#include "mkpxerd/base/printable.hpp"

namespace mkpxerd {
namespace {

std::string quote(std::string_view text) {
    std::string quoted = "\"";
    while (!text.empty()) {
        const char c = text.front();
        const std::size_t length = utf8_length(text);
        if (length == 0)
            quoted += "\xEF\xBF\xBD";
        else if (c == '"' || c == '\\')
            quoted.append({'\\', c});
        else if (c == '\n')
            quoted += "\\n";
        else if (c == '\t')
            quoted += "\\t";
        else if (const auto point = code_point(text.substr(0, length)); is_control(point))
            quoted += fmt::format("\\u{:04x}", point); // none is beyond U+FFFF
        else
            quoted += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return quoted + '"';
}

} // namespace

void JsonWriter::new_line() {
    text_ += '\n';
    text_.append(depth_ * 2, ' ');
}

void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (!first_) text_ += ',';
    if (depth_ > 0) new_line();
    first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    text_ += bracket;
    ++depth_;
    first_ = true;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    --depth_;
    if (!first_) new_line();
    text_ += bracket;
    first_ = false;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    text_ += quote(name) + ": ";
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    return plain(quote(text));
}

JsonWriter& JsonWriter::value(std::chrono::microseconds time) {
    const auto total = time.count();
    return plain(fmt::format("{}{}.{:06}", total < 0 ? "-" : "", std::abs(total / 1000000),
                             std::abs(total % 1000000)));
}

JsonWriter& JsonWriter::plain(std::string_view token) {
    separate();
    text_ += token;
    return *this;
}

} // namespace mkpxerd
