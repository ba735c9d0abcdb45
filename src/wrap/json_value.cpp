// SPDX-License-Identifier: MIT
// The parser's events -> a JsonValue. Its own tree knows no lines, and its errors no file.
#include "mkpxerd/wrap/json_value.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace mkpxerd::wrap {
namespace {

// Counts a line break when the character after it is read: the parser reads the one after a number.
class CountedText {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountedText(const char* at, unsigned* line) : at_(at), line_(line) {}
    reference operator*() const { return *at_; }
    CountedText& operator++() {
        if (after_break_) ++*line_;
        after_break_ = *at_++ == '\n';
        return *this;
    }
    bool operator==(const CountedText& other) const { return at_ == other.at_; }
    bool operator!=(const CountedText& other) const { return at_ != other.at_; }

  private:
    const char* at_;
    unsigned* line_;
    bool after_break_ = false;
};

// Takes the parser's events; each returns whether the parser goes on.
class TreeBuilder {
  public:
    explicit TreeBuilder(const unsigned& line) : line_(line) {}

    bool null() { return put(JsonValue::Kind::Null) != nullptr; }
    bool boolean(bool value) {
        put(JsonValue::Kind::Boolean)->truth = value;
        return true;
    }
    bool number_integer(std::int64_t value) { return number(static_cast<double>(value)); }
    bool number_unsigned(std::uint64_t value) { return number(static_cast<double>(value)); }
    bool number_float(double value, const std::string&) { return number(value); }
    bool string(std::string& value) {
        put(JsonValue::Kind::Text)->text = std::move(value);
        return true;
    }
    static bool binary(const std::vector<std::uint8_t>&) { return false; } // JSON has none
    bool start_object(std::size_t) { return open(JsonValue::Kind::Object); }
    bool start_array(std::size_t) { return open(JsonValue::Kind::Array); }
    bool key(std::string& name) {
        open_.back()->members.push_back({std::move(name), {}});
        return true;
    }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) {
        // "[json.exception...] parse error at line 2, column 8: syntax error while ...", or without a place.
        std::string_view text = error.what();
        text.remove_prefix(std::min(text.find("] "), text.size() - 2) + 2);
        if (text.starts_with("parse error at"))
            text.remove_prefix(std::min(text.find(": "), text.size() - 2) + 2);
        error_ = fmt::format("is not JSON: {}", text);
        return false;
    }

    const std::string& error() const { return error_; }
    JsonValue take() { return std::move(root_); }

  private:
    bool number(double value) {
        put(JsonValue::Kind::Number)->number = value;
        return true;
    }
    // Pointers stay valid: a container grows only while none of its items is open.
    JsonValue* put(JsonValue::Kind kind) {
        JsonValue* value = &root_;
        if (!open_.empty() && open_.back()->kind == JsonValue::Kind::Array)
            value = &open_.back()->items.emplace_back();
        else if (!open_.empty())
            value = &open_.back()->members.back().value;
        value->kind = kind;
        value->line = line_;
        return value;
    }
    bool open(JsonValue::Kind kind) {
        if (open_.size() == max_json_depth) {
            error_ = fmt::format("is nested deeper than {} levels", max_json_depth);
            return false;
        }
        open_.push_back(put(kind));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    const unsigned& line_;
    JsonValue root_;
    std::vector<JsonValue*> open_; // outermost first
    std::string error_;
};

} // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
    const auto found =
        std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.name == name; });
    return found == members.end() ? nullptr : &found->value;
}

Result<JsonValue> parse_json(std::string_view text, std::string_view name) {
    unsigned line = 1;
    TreeBuilder builder(line);
    const CountedText begin(text.data(), &line);
    const CountedText end(text.data() + text.size(), &line);
    if (!nlohmann::json::sax_parse(begin, end, &builder))
        return fail(fmt::format("{}:{}", name, line), builder.error(), "is the file complete?");
    return builder.take();
}

} // namespace mkpxerd::wrap
