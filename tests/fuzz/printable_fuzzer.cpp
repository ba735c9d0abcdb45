// SPDX-License-Identifier: MIT
// Text of others on its way to a person or a program: what is shown steers no terminal, what is written as
// JSON is read back as it was, and what a machine's console says is the same however it arrives.
#include "harness.hpp"

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/deploy/trial/console_watch.hpp"

using namespace mkpxerd;
using namespace mkpxerd::fuzz;

namespace {

// Not by printable()'s own means: bytes of C0 and DEL, and those that C1 and the marks of directions have.
bool steers(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto at = [&](std::size_t k) {
            return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U;
        };
        if (at(0) < 0x20 || at(0) == 0x7f) return true;
        if (at(0) == 0xc2 && at(1) >= 0x80 && at(1) < 0xa0) return true;
        if (at(0) == 0xe2 && at(1) == 0x80 &&
            (at(2) == 0x8e || at(2) == 0x8f || (at(2) >= 0xa8 && at(2) < 0xaf)))
            return true;
        if (at(0) == 0xe2 && at(1) == 0x81 && at(2) >= 0xa6 && at(2) < 0xaa) return true;
    }
    return false;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

void append_utf8(std::string& out, unsigned value) {
    if (value < 0x80) {
        out += static_cast<char>(value);
    } else if (value < 0x800) {
        out += static_cast<char>(0xc0U | value >> 6);
        out += static_cast<char>(0x80U | (value & 0x3fU));
    } else {
        out += static_cast<char>(0xe0U | value >> 12);
        out += static_cast<char>(0x80U | (value >> 6 & 0x3fU));
        out += static_cast<char>(0x80U | (value & 0x3fU));
    }
}

// The text of a JSON string between its quotes.
std::string unquoted(std::string_view json) {
    std::string text;
    for (std::size_t i = 0; i < json.size(); ++i) {
        require(json[i] != '"');
        if (json[i] != '\\') {
            text += json[i];
            continue;
        }
        require(++i < json.size());
        constexpr std::string_view names = "\"\\/bfnrt";
        constexpr std::string_view values = "\"\\/\b\f\n\r\t";
        if (const auto which = names.find(json[i]); which != std::string_view::npos) {
            text += values[which];
            continue;
        }
        require(json[i] == 'u' && i + 4 < json.size());
        unsigned value = 0;
        for (int digit = 0; digit < 4; ++digit) {
            const auto hex = std::string_view("0123456789abcdef").find(json[++i]);
            require(hex != std::string_view::npos);
            value = value * 16 + static_cast<unsigned>(hex);
        }
        append_utf8(text, value);
    }
    return text;
}

void show(std::string_view text) {
    const std::string shown = printable(text);
    require(!steers(shown) && is_utf8(shown) && is_printable(shown));
    require(shown.size() >= text.size() && shown.size() <= 4 * text.size());
    require(is_printable(text) == (shown == text));
    require(printable(shown) == shown);
    require(printable(excerpt(text)).size() <= 4 * 160);
}

void write_json(std::string_view text) {
    const std::string json = JsonWriter().value(text).text();
    require(json.size() >= 3 && json.front() == '"' && json.ends_with("\"\n"));
    const std::string_view inside = std::string_view(json).substr(1, json.size() - 3);
    require(!steers(inside) && is_utf8(inside));
    const std::string again = unquoted(inside);
    require(!is_utf8(text) || again == text);
}

void watch_console(std::string_view text, std::size_t cut) {
    deploy::ConsoleWatch whole("login:");
    deploy::ConsoleWatch pieces("login:");
    std::vector<std::string> lines = whole.feed(text);
    cut = std::min(cut, text.size());
    std::vector<std::string> more = pieces.feed(text.substr(0, cut));
    for (std::string& line : pieces.feed(text.substr(cut)))
        more.push_back(std::move(line));
    require(lines == more && whole.rest() == pieces.rest());
    lines.push_back(whole.rest());
    for (std::string& line : lines) {
        std::erase(line, '\t');
        require(!steers(line) && is_utf8(line));
    }
    require(whole.verdict().has_value() == pieces.verdict().has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = text_of(data + 1, size - 1);
    show(text);
    write_json(text);
    watch_console(text, data[0]);
    return 0;
}
