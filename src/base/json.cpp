// SPDX-License-Identifier: MIT
// Commas, indentation and escapes.
#include "mkpxerd/base/json.hpp"

#include <fmt/format.h>

namespace mkpxerd {
namespace {

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Length of the UTF-8 sequence at the start of text; 0: none (RFC 3629: no overlong forms, no surrogates).
std::size_t utf8_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned lead = at(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                               : lead >= 0xE0 && lead <= 0xEF ? 3
                               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                              : 0;
    for (std::size_t i = 1; i < length; ++i)
        if (i >= text.size() || !is_continuation(text[i])) return 0;
    if ((lead == 0xE0 && at(1) < 0xA0) || (lead == 0xED && at(1) > 0x9F) || (lead == 0xF0 && at(1) < 0x90) ||
        (lead == 0xF4 && at(1) > 0x8F))
        return 0;
    return length;
}

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
        else if (static_cast<unsigned char>(c) < 0x20)
            quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
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

JsonWriter& JsonWriter::plain(std::string_view token) {
    separate();
    text_ += token;
    return *this;
}

} // namespace mkpxerd
