// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "mkpxerd/base/json.hpp"

using namespace mkpxerd;

TEST_CASE("json holds objects, arrays and values in order") {
    JsonWriter json;
    json.begin_object()
        .field("a", 1)
        .field("b", true)
        .key("c")
        .begin_array()
        .value("x")
        .value(-2)
        .end_array();
    json.key("d").begin_object().end_object().key("e").begin_array().end_array().end_object();
    CHECK(json.text() == "{\n  \"a\": 1,\n  \"b\": true,\n  \"c\": [\n    \"x\",\n    -2\n  ],\n  \"d\": "
                         "{},\n  \"e\": []\n}\n");
}

TEST_CASE("json texts are escaped, and are UTF-8 whatever went in") {
    const auto quoted = [](std::string_view text) { return JsonWriter().value(text).text(); };
    CHECK(quoted("a\"b\\c\n\t\x01") == "\"a\\\"b\\\\c\\n\\t\\u0001\"\n");
    CHECK(quoted("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80") ==
          "\"gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80\"\n");
    CHECK(quoted("\xFF") == "\"\xEF\xBF\xBD\"\n");
    CHECK(quoted("\xC3") == "\"\xEF\xBF\xBD\"\n");
    CHECK(quoted("\xC0\xAF") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"\n");
    CHECK(quoted("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"\n");
}

TEST_CASE("json texts hold no control, whatever terminal shows them") {
    const auto quoted = [](std::string_view text) { return JsonWriter().value(text).text(); };
    CHECK(quoted("\x7f\xc2\x9b\xc2\x85") == "\"\\u007f\\u009b\\u0085\"\n");
    CHECK(quoted("a\x9b") == "\"a\xEF\xBF\xBD\"\n");
    CHECK(quoted("\xe2\x80\xae\xe2\x80\xa8") == "\"\\u202e\\u2028\"\n");
}

TEST_CASE("json has times in seconds") {
    using std::chrono::microseconds;
    const auto shown = [](microseconds time) { return JsonWriter().value(time).text(); };
    CHECK(shown(microseconds(0)) == "0.000000\n");
    CHECK(shown(microseconds(1234567)) == "1.234567\n");
    CHECK(shown(microseconds(-1)) == "-0.000001\n");
}
