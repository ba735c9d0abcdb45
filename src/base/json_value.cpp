// SPDX-License-Identifier: MIT
// One function for each rule of the grammar.
#include "mkpxerd/base/json_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void append_utf8(std::uint32_t point, std::string& text) {
    const auto put = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xC0 | (point >> 6));
    } else {
        if (point < 0x10000) {
            put(0xE0 | (point >> 12));
        } else {
            put(0xF0 | (point >> 18));
            put(0x80 | ((point >> 12) & 0x3F));
        }
        put(0x80 | ((point >> 6) & 0x3F));
    }
    put(0x80 | (point & 0x3F));
}

class Parser {
  public:
    Parser(std::string_view text, std::string_view name) : text_(without_bom(text)), name_(name) {}

    Result<JsonValue> document() {
        MKPXERD_TRY_ASSIGN(JsonValue value, this->value(0));
        skip_space();
        if (at_ < text_.size()) return wrong("something follows the end of the JSON text");
        return value;
    }

  private:
    Result<JsonValue> value(unsigned depth) {
        skip_space();
        JsonValue value;
        value.line = line_;
        if (at_ == text_.size()) return wrong("the text ends too early");
        const char c = text_[at_];
        if (c == '{' || c == '[') {
            if (depth == max_json_depth)
                return wrong(fmt::format("is nested deeper than {}", max_json_depth));
            ++at_;
            MKPXERD_TRY(c == '{' ? object(value, depth + 1) : array(value, depth + 1));
        } else if (c == '"') {
            value.kind = JsonValue::Kind::Text;
            MKPXERD_TRY_ASSIGN(value.text, quoted());
        } else if (c == '-' || is_digit(c)) {
            MKPXERD_TRY(number(value));
        } else {
            MKPXERD_TRY(word(value));
        }
        return value;
    }

    Result<void> object(JsonValue& value, unsigned depth) {
        value.kind = JsonValue::Kind::Object;
        if (take('}')) return {};
        do {
            skip_space();
            if (peek() != '"') return wrong("a name in quotes should be here");
            MKPXERD_TRY_ASSIGN(std::string name, quoted());
            if (!take(':')) return wrong("a colon should be here");
            MKPXERD_TRY_ASSIGN(JsonValue member, this->value(depth));
            value.members.emplace_back(std::move(name), std::move(member));
        } while (take(','));
        if (!take('}')) return wrong("a comma or } should be here");
        return {};
    }

    Result<void> array(JsonValue& value, unsigned depth) {
        value.kind = JsonValue::Kind::Array;
        if (take(']')) return {};
        do {
            MKPXERD_TRY_ASSIGN(JsonValue item, this->value(depth));
            value.items.push_back(std::move(item));
        } while (take(','));
        if (!take(']')) return wrong("a comma or ] should be here");
        return {};
    }

    Result<std::string> quoted() {
        std::string text;
        for (++at_; at_ < text_.size();) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return text;
            }
            if (static_cast<unsigned char>(c) < 0x20) return wrong("a control character in a text");
            if (c == '\\') {
                MKPXERD_TRY(escape(text));
                continue;
            }
            const std::size_t length = utf8_length(text_.substr(at_));
            if (length == 0) return wrong("a text that is not UTF-8");
            text += text_.substr(at_, length);
            at_ += length;
        }
        return wrong("a text without its closing quote");
    }

    Result<void> escape(std::string& text) {
        static constexpr std::string_view names = "\"\\/bfnrt";
        static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        const char c = ++at_ < text_.size() ? text_[at_] : '\0';
        ++at_;
        if (const auto known = names.find(c); known != std::string_view::npos) {
            text += meanings[known];
            return {};
        }
        if (c != 'u') return wrong("an unknown escape in a text");
        MKPXERD_TRY_ASSIGN(std::uint32_t point, unit());
        if (point >= 0xD800 && point < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
            at_ += 2;
            MKPXERD_TRY_ASSIGN(const std::uint32_t low, unit());
            if (low < 0xDC00 || low > 0xDFFF) return wrong("half a surrogate pair in a text");
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        }
        if (point >= 0xD800 && point < 0xE000) return wrong("half a surrogate pair in a text");
        append_utf8(point, text);
        return {};
    }

    // Four hexadecimal digits.
    Result<std::uint32_t> unit() {
        std::uint32_t point = 0;
        const std::string_view digits = text_.substr(at_, 4);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), point, 16);
        if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4)
            return wrong("an escape in a text without four hexadecimal digits");
        at_ += 4;
        return point;
    }

    Result<void> number(JsonValue& value) {
        const std::size_t begin = at_;
        if (peek() == '-') ++at_;
        const bool has_zero = peek() == '0';
        const std::size_t digits = skip_digits();
        bool good = digits > 0 && (!has_zero || digits == 1);
        if (peek() == '.') {
            ++at_;
            good = skip_digits() > 0 && good;
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            good = skip_digits() > 0 && good;
        }
        const std::string_view token = text_.substr(begin, at_ - begin);
        const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value.number);
        if (!good || error != std::errc() || !std::isfinite(value.number))
            return wrong(fmt::format("{} is not a number", printable(excerpt(token))));
        value.kind = JsonValue::Kind::Number;
        return {};
    }

    Result<void> word(JsonValue& value) {
        const std::string_view rest = text_.substr(at_);
        const std::string_view name = rest.starts_with("true")    ? "true"
                                      : rest.starts_with("false") ? "false"
                                      : rest.starts_with("null")  ? "null"
                                                                  : "";
        if (name.empty()) return wrong("is not JSON");
        at_ += name.size();
        value.kind = name == "null" ? JsonValue::Kind::Null : JsonValue::Kind::Boolean;
        value.truth = name == "true";
        return {};
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        skip_space();
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    std::size_t skip_digits() {
        const std::size_t begin = at_;
        while (is_digit(peek()))
            ++at_;
        return at_ - begin;
    }
    void skip_space() {
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return;
            if (c == '\n') ++line_;
        }
    }
    tl::unexpected<Error> wrong(std::string_view text) const {
        return fail(fmt::format("{}:{}", name_, line_), text, "is the file complete?");
    }

    std::string_view text_;
    std::string_view name_;
    std::size_t at_ = 0;
    unsigned line_ = 1;
};

} // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
    const auto found = std::ranges::find(members, name, [](const auto& member) { return member.first; });
    return found == members.end() ? nullptr : &found->second;
}

Result<JsonValue> parse_json(std::string_view text, std::string_view name) {
    return Parser(text, name).document();
}

} // namespace mkpxerd
