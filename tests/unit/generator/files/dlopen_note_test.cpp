// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/dlopen_note.hpp"

#include <catch2/catch.hpp>

#include "samples.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;
using Priority = DlopenEntry::Priority;
using Entries = std::vector<DlopenEntry>;

TEST_CASE("a note lists libraries with what they are for") {
    const auto entries = parse_dlopen_note(
        R"([{"feature":"lzma","description":"Support \"lzma\"","priority":"suggested","soname":["liblzma.so.5","liblzma.so"]},)"
        R"( {"soname":["libm.so.6"],"priority":"required"}])");
    REQUIRE(entries);
    CHECK(*entries == Entries{{{"liblzma.so.5", "liblzma.so"}, Priority::Suggested, "lzma"},
                              {{"libm.so.6"}, Priority::Required, ""}});
}

TEST_CASE("one object may stand alone, and so may one soname, which is recommended by itself") {
    CHECK(*parse_dlopen_note(R"({"soname":"libfoo.so.1"})") ==
          Entries{{{"libfoo.so.1"}, Priority::Recommended, ""}});
    CHECK(*parse_dlopen_note(" [\n] ") == Entries{});
}

TEST_CASE("keys of later times are skipped, whatever they hold") {
    const auto entries = parse_dlopen_note(
        R"([{"x":{"y":[1,-2.5e3,true,false,null,"z",{}]},"soname":["a"],"w":[],"v":"\\\/\n"}])");
    REQUIRE(entries);
    CHECK(*entries == Entries{{{"a"}, Priority::Recommended, ""}});
}

TEST_CASE("what is not such a note is an error that says where") {
    const std::vector<std::pair<std::string, std::string>> bad = {
        {"", "no '{' at byte 1"},
        {"[", "no '{' at byte 2"},
        {"[{}]", "an object without 'soname' at byte 4"},
        {"[{\"soname\":[]}]", "an object without 'soname' at byte 15"},
        {"[{\"soname\":[\"a\"]} x]", "no ',' or ']' at byte 19"},
        {"[{\"soname\":[\"a\"]}] x", "text after its end at byte 20"},
        {"[{\"soname\":[\"a]}]", "an unterminated string at byte 18"},
        {"[{\"soname\":[\"a\n\"]}]", "a control character in a string at byte 16"},
        {"[{\"soname\":[\"\\u0061\"]}]", "an unknown escape at byte 15"},
        {"[{\"soname\":[\"\"]}]", "an empty soname at byte 15"},
        {"[{\"soname\":\"a\",\"priority\":\"very\"}]", "unknown priority 'very' at byte 33"},
        {"[{\"soname\":\"a\",\"x\":maybe}]", "not a value at byte 25"},
        {"[{\"soname\" \"a\"}]", "no ':' at byte 12"},
        {"[{soname:\"a\"}]", "no string at byte 3"},
        {R"([{"soname":"a","x":)" + std::string(40, '['), "nesting that is too deep at byte 37"},
    };
    for (const auto& [json, text] : bad) {
        INFO(json);
        const auto entries = parse_dlopen_note(json);
        REQUIRE_FALSE(entries);
        CHECK(entries.error().text() == text);
    }
}

TEST_CASE("notes with wrong bytes are survived") {
    const std::string good =
        R"([{"feature":"a","priority":"required","soname":["liba.so.1","b"],"x":{"y":[1,null]}}])";
    test::Random random(5);
    for (unsigned i = 0; i < 5000; ++i) {
        std::string bad = good;
        for (std::size_t flips = 1 + random.below(3); flips > 0; --flips)
            bad[random.below(bad.size())] = "[]{},:\"\\ 0ax"[random.below(12)];
        bad.resize(random.below(bad.size() + 1));
        if (const auto entries = parse_dlopen_note(bad))
            for (const DlopenEntry& entry : *entries)
                CHECK_FALSE(entry.sonames.empty());
    }
}
