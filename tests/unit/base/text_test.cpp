// SPDX-License-Identifier: MIT
#include "mkpxerd/base/text.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "bounded_child.hpp"

using namespace mkpxerd;

TEST_CASE("splitting keeps empty pieces, words do not") {
    CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
    CHECK(split("", ',').empty());
    CHECK(split_words("  a \t b\n") == std::vector<std::string_view>{"a", "b"});
    std::size_t at = 0;
    CHECK(take_word(" a  b ", at) == "a");
    CHECK(at == 2);
    CHECK(take_word(" a  b ", at) == "b");
    CHECK(take_word(" a  b ", at).empty());
    CHECK(at == 6);
    at = 0;
    CHECK(take_line("\r\na", at).empty());
    CHECK(take_line("\r\na", at) == "a");
    CHECK(at >= 3);
    CHECK(split_lines("").empty());
    CHECK(split_lines("a\r\nb\n\nc") == std::vector<std::string_view>{"a", "b", "", "c"});
    CHECK(trim(" x y ") == "x y");
}

TEST_CASE("numbers are whole or nothing") {
    CHECK(parse_number("42") == 42u);
    CHECK_FALSE(parse_number(""));
    CHECK_FALSE(parse_number("-1"));
    CHECK_FALSE(parse_number("4x"));
    CHECK_FALSE(parse_number("99999999999999999999"));
}

TEST_CASE("a misspelt word finds what was meant") {
    const std::vector<std::string> words = {"network", "nfs", "squashfs", "dhcp"};
    CHECK(nearest("netwrok", words) == "network");
    CHECK(nearest("squahfs", words) == "squashfs");
    CHECK(nearest("nsf", words) == "nfs");
    CHECK(nearest("dcph", words) == std::nullopt); // four letters may differ in one place
    CHECK(nearest("dchp", words) == "dhcp");
    CHECK(nearest("ssquashfsx", words) == "squashfs");
    CHECK(nearest("sfsqua", words) == std::nullopt);
    CHECK(nearest("network", words) == "network");
    CHECK_FALSE(nearest("", words));
    CHECK_FALSE(nearest("bluetooth", words));
}

TEST_CASE("of a long text a message shows the start, and no part of a character") {
    CHECK(excerpt(std::string(120, 'a')) == std::string(120, 'a'));
    CHECK(excerpt(std::string(121, 'a')) == std::string(120, 'a') + "... (121 bytes)");
    CHECK(excerpt(std::string(119, 'a') + "\xc3\xa4") == std::string(119, 'a') + "... (121 bytes)");
}

TEST_CASE("bytes for people have three digits") {
    CHECK(human_bytes(0) == "0 B");
    CHECK(human_bytes(999) == "999 B");
    CHECK(human_bytes(1000) == "1.00 KB");
    CHECK(human_bytes(17412345) == "17.4 MB");
    CHECK(human_bytes(999500) == "1.00 MB");
}

TEST_CASE("glob patterns match as in a shell") {
    CHECK(glob_match("*.ko", "e1000.ko"));
    CHECK(glob_match("*", ""));
    CHECK(glob_match("a*b*c", "aXbYbZc"));
    CHECK_FALSE(glob_match("a*b*c", "aXbYbZ"));
    CHECK(glob_match("?[a-c][!x]", "zby"));
    CHECK_FALSE(glob_match("[!x]", "x"));
    CHECK(glob_match("[]]", "]"));
    CHECK(glob_match("[", "["));
    CHECK(glob_match("\\*", "*"));
    CHECK_FALSE(glob_match("\\*", "a"));
    CHECK_FALSE(glob_match("*", ".hidden", false));
    CHECK(glob_match(".*", ".hidden", false));
    CHECK_FALSE(glob_match("", "a"));
}

TEST_CASE("a hostile glob pattern is matched in bounded time") {
    const std::string text(2000, 'a');
    std::string pattern;
    for (int i = 0; i < 200; ++i)
        pattern += "*a";
    CHECK(glob_match(pattern, text));
    CHECK_FALSE(glob_match(pattern + "b", text));
}

TEST_CASE("blanks of mount tables are read, and nothing else is changed") {
    CHECK(unescape_mount_field("/media/My\\040Disk") == "/media/My Disk");
    CHECK(unescape_mount_field("a\\011b\\134") == "a\tb\\");
    CHECK(unescape_mount_field("a\\04") == "a\\04");
    CHECK(unescape_mount_field("a\\777\\089") == "a\\777\\089");
    CHECK(unescape_mount_field("\\").size() == 1);
}

TEST_CASE("a line of /proc/meminfo is bytes") {
    constexpr std::string_view text = "MemTotal:  491188 kB\nMemAvailable:  1 kB\nOdd: x kB\nShort:\n";
    CHECK(kibibyte_field(text, "MemTotal:") == 491188u * 1024);
    CHECK(kibibyte_field(text, "MemAvailable:") == 1024u);
    CHECK_FALSE(kibibyte_field(text, "Odd:"));
    CHECK_FALSE(kibibyte_field(text, "Short:"));
    CHECK_FALSE(kibibyte_field(text, "Mem"));
}

TEST_CASE("a byte order mark is no part of the first line") {
    CHECK(split_lines("\xEF\xBB\xBFone\r\ntwo") == std::vector<std::string_view>{"one", "two"});
    CHECK(split_lines("\xEF\xBB\xBF").empty());
    CHECK(split_lines("one\n\xEF\xBB\xBFtwo").back() == "\xEF\xBB\xBFtwo");
    CHECK(without_bom("\xEF\xBB").size() == 2);
}

TEST_CASE("near misses among millions of long words are looked for, and not for long") {
    // "xyxy..." and "xzxz...": nearly all of each table counts.
    std::string word(1000, 'x');
    std::string other = word;
    for (std::size_t i = 1; i < word.size(); i += 2) {
        word[i] = 'y';
        other[i] = 'z';
    }
    std::vector<std::string> words(3000, other);
    const auto in_time = [&](const std::function<bool()>& holds) {
        return test::in_bounds(std::size_t{64} << 20, 10, [&] { return holds() ? 0 : 1; }) == 0;
    };
    CHECK(in_time([&] { return !nearest(word, words) && !nearest(std::string(2000, 'y'), words); }));
    words.front() = word + "x";
    CHECK(in_time([&] { return nearest(word, words) == words.front(); }));
}
