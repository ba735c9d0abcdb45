// SPDX-License-Identifier: MIT
// JSON text (RFC 8259) -> a value, by nlohmann's parser, which does not recurse.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

constexpr unsigned max_json_depth = 32;

struct JsonValue {
    struct Member; // not a std::pair: clang does not take one of a type that is still being declared
    enum class Kind { Null, Boolean, Number, Text, Array, Object };
    Kind kind = Kind::Null;
    bool truth = false;
    double number = 0;
    std::string text;             // UTF-8
    std::vector<JsonValue> items; // of an array
    std::vector<Member> members;  // of an object, in order
    unsigned line = 0;            // where it begins; of a text, where it ends

    // Of an object: the first member of this name. nullptr: there is none, or this is no object.
    const JsonValue* find(std::string_view name) const;
};

struct JsonValue::Member {
    std::string name;
    JsonValue value;
};

// name: of the text in errors ("report.json"), which have the line: "report.json:12".
Result<JsonValue> parse_json(std::string_view text, std::string_view name);

} // namespace mkpxerd::wrap
