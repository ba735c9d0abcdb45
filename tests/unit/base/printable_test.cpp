// SPDX-License-Identifier: MIT
#include "mkpxerd/base/printable.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("controls of every kind, and what is no UTF-8, are shown by their bytes") {
    CHECK(printable("a\nb\tc\x1b[2J\x7f") == "a\\x0ab\\x09c\\x1b[2J\\x7f");
    CHECK(printable(std::string_view("\0", 1)) == "\\x00");
    CHECK(printable("\xc2\x80 \xc2\x9b \xc2\x9f") == "\\xc2\\x80 \\xc2\\x9b \\xc2\\x9f"); // C1 in UTF-8
    CHECK(printable("\x9b") == "\\x9b");                                                  // and as a byte
    CHECK(printable("\xff\xc3") == "\\xff\\xc3");
    CHECK(printable("\xe2\x80\xae") == "\\xe2\\x80\\xae"); // U+202E turns the line around
    CHECK(printable("\xe2\x80\xa8\xe2\x81\xa6\xd8\x9c") == "\\xe2\\x80\\xa8\\xe2\\x81\\xa6\\xd8\\x9c");
}

TEST_CASE("what people write is shown as it is") {
    for (const char* text : {"", "plain 'text' \\x1b", "gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC",
                             "\xF0\x9F\x98\x80", "\xC2\xA0", "\xE2\x80\xA7", "\xE2\x80\xAF"}) {
        CHECK(printable(text) == text);
        CHECK(is_printable(text));
    }
    for (const char* text : {"\n", "\x7f", "\x9b", "\xc2\x9b", "a\xe2\x80\xae"})
        CHECK_FALSE(is_printable(text));
}
