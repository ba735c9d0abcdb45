// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/json_value.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/base/json.hpp"

using namespace mkpxerd;
using namespace mkpxerd::wrap;

namespace {

std::string error_of(const std::string& text) {
    const auto value = parse_json(text, "x.json");
    return value ? "" : to_text(value.error().first());
}

} // namespace

TEST_CASE("JSON becomes a value with the lines where its parts begin") {
    const auto value =
        parse_json("\xEF\xBB\xBF{\"a\": [1, -2.5e1,\n true, null],\n \"b\": {\"c\": \"d\"}}\n", "x");
    REQUIRE(value);
    const JsonValue* a = value->find("a");
    REQUIRE(a != nullptr);
    REQUIRE(a->items.size() == 4);
    CHECK(a->items[1].number == -25);
    CHECK(a->items[2].truth);
    CHECK(a->items[2].line == 2);
    CHECK(a->items[3].kind == JsonValue::Kind::Null);
    CHECK(value->find("b")->line == 3);
    CHECK(value->find("b")->find("c")->text == "d");
    CHECK(value->find("z") == nullptr);
    CHECK(a->find("c") == nullptr);
}

TEST_CASE("texts are read as our writer and others write them") {
    for (const char* text : {"", "a\"\\\n\t\x01", "gr\xC3\xBC\xC3\x9F", "\xF0\x9F\x98\x80"}) {
        const auto read = parse_json(JsonWriter().value(text).text(), "x");
        REQUIRE(read);
        CHECK(read->text == text);
    }
    CHECK(parse_json(R"("\ud83d\ude00\u20ac\/\b\f\r")", "x")->text == "\xF0\x9F\x98\x80\xE2\x82\xAC/\b\f\r");
}

TEST_CASE("what is not JSON is refused with its line") {
    CHECK(error_of("").starts_with("x.json:1: is not JSON: "));
    CHECK(error_of("").ends_with("(is the file complete?)"));
    CHECK(error_of("{\"a\": 1,\n\"b\": 2")
              .starts_with("x.json:2: is not JSON: syntax error while parsing object"));
    CHECK(error_of("[1] 2").find("expected end of input") != std::string::npos);
    for (const char* text : {"[1,]",      "{,}",         "{\"a\" 1}",   "{a: 1}",      "[01]",
                             "[1.]",      "[-]",         "[1e]",        "[1e999]",     "[+1]",
                             "[nul]",     "'a'",         "\"a",         "\"\n\"",      "\"\\x\"",
                             "\"\\u12\"", "\"\\u+123\"", "\"\\ud800\"", "\"\\ude00\"", "\"\\ud800\\u0041\"",
                             "\"\xFF\"",  "{\"a\": 1",   "[",           "\xEF\xBB"})
        CHECK(error_of(text) != "");
}

TEST_CASE("deep nesting is refused before it is dangerous") {
    const auto nested = [](unsigned depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    CHECK(error_of(nested(max_json_depth)) == "");
    CHECK(error_of(nested(max_json_depth + 1)).starts_with("x.json:1: is nested deeper"));
    CHECK(error_of(std::string(1000000, '[')) != "");
}
