// SPDX-License-Identifier: MIT
// Archives byte by byte; image_reader_test has them in files.
#include "mkpxerd/image/newc_parser.hpp"

#include <catch2/catch.hpp>

#include "newc_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using test::NewcBuilder;

namespace {

// Writes down what it is told.
class Recorder final : public ImageVisitor {
  public:
    Next wanted = Next::Content;
    std::string text;
    Result<Next> entry(const Entry& entry) override {
        text += entry.path + (entry.is_link() ? "->" + entry.target : "") + ':';
        return wanted;
    }
    Result<void> content(std::span<const std::byte> piece) override {
        text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
    }
    Result<void> end_of_content() override {
        text += ';';
        return {};
    }
};

NewcParser::Place at(std::uint64_t start, std::string stream = "") {
    NewcParser::Place place;
    place.file = "x.img";
    place.start = start;
    place.stream = std::move(stream);
    return place;
}

struct Lab {
    Recorder visitor;
    std::vector<Problem> warnings;
    NewcParser parser;
    explicit Lab(NewcParser::Place place = at(0)) : parser(std::move(place), visitor, warnings) {}

    // Pieces of this size; the first error.
    std::string feed(std::string_view bytes, std::size_t piece) {
        while (!bytes.empty()) {
            const std::string_view next = bytes.substr(0, piece);
            const auto taken = parser.push(test::bytes_of(next));
            if (!taken) return taken.error().text();
            bytes.remove_prefix(*taken);
            if (*taken < next.size()) return "left " + std::to_string(bytes.size());
        }
        const auto ended = parser.finish();
        return ended ? "" : ended.error().text();
    }
    std::string feed(const NewcBuilder& builder) { return feed(builder.text(), builder.text().size()); }
};

NewcBuilder sample() {
    return NewcBuilder().directory("etc").file("etc/a", "hello").link("l", "etc/a").file("e", "").trailer();
}

} // namespace

TEST_CASE("an archive means the same in pieces of any size") {
    const std::string bytes = sample().text();
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{110}, bytes.size()}) {
        Lab lab;
        CHECK(lab.feed(bytes, piece).empty());
        CHECK(lab.visitor.text == "etc:etc/a:hello;l->etc/a:e:;");
        CHECK(lab.parser.entries() == 4);
        CHECK(lab.parser.archives() == 1);
        CHECK(lab.parser.position() == bytes.size());
        CHECK(lab.warnings.empty());
    }
}

TEST_CASE("a visitor skips bodies, or stops") {
    Lab skipping;
    skipping.visitor.wanted = ImageVisitor::Next::Skip;
    CHECK(skipping.feed(sample()).empty());
    CHECK(skipping.visitor.text == "etc:etc/a:l->etc/a:e:");
    Lab stopping;
    stopping.visitor.wanted = ImageVisitor::Next::Stop;
    CHECK_THAT(stopping.feed(sample()), Catch::StartsWith("left "));
    CHECK(stopping.parser.stopped());
    CHECK(stopping.visitor.text == "etc:");
    CHECK(stopping.parser.finish());
}

TEST_CASE("archives follow one another, with zeros between, and other bytes end them") {
    Lab lab;
    const std::string two = sample().zeros(8).file("b", "x").trailer().text();
    CHECK(lab.feed(two + "\x1f\x8b", two.size() + 2) == "left 2");
    CHECK(lab.parser.archives() == 2);
    CHECK_THAT(lab.visitor.text, Catch::EndsWith("b:x;"));
    NewcParser::Place first = at(0);
    first.one_archive = true;
    Lab one(first);
    CHECK(one.feed(two, two.size()) == "left " + std::to_string(two.size() - sample().text().size()));
    CHECK(one.parser.archives() == 1);
}

TEST_CASE("an archive that ends within an entry says in which, and what is missing") {
    const std::string bytes = NewcBuilder().file("a", "hello").text();
    for (const std::size_t cut : {std::size_t{1}, std::size_t{109}, std::size_t{111}}) {
        Lab lab;
        CHECK(lab.feed(bytes.substr(0, cut), cut) == "x.img: the archive ends within the entry at byte 0");
    }
    Lab lab;
    CHECK(lab.feed(bytes.substr(0, bytes.size() - 6), 7) ==
          "x.img: the archive ends within the entry at byte 0 ('a'): 6 bytes are missing");
}

TEST_CASE("a wrong header is an error with its place, in the file or in an unpacked stream") {
    struct Row {
        std::string bytes;
        const char* text;
    };
    std::string hexadecimal = sample().text();
    hexadecimal[10] = 'g';
    std::string unended = NewcBuilder().file("abc", "").text();
    unended[113] = 'x';
    const std::vector<Row> rows = {
        {NewcBuilder().add({.name = "a", .magic = "070707"}).text(), "has the old portable format"},
        {NewcBuilder().add({.name = "a", .magic = "070703"}).text(),
         "no cpio header at byte 512 of the stream"},
        {hexadecimal, "has a field that is not hexadecimal"},
        {unended, "has no closing zero"},
        {NewcBuilder().add({.name = "a", .body = "ab", .magic = "070702", .check = 1}).text(),
         "has a bad checksum"},
    };
    for (const Row& row : rows) {
        Lab lab(at(512, " of the stream"));
        CHECK_THAT(lab.feed(row.bytes, row.bytes.size()),
                   Catch::StartsWith("x.img: ") && Catch::Contains(row.text));
    }
    Lab good;
    CHECK(good.feed(NewcBuilder().add({.name = "a", .body = "ab", .magic = "070702", .check = 'a' + 'b'}))
              .empty());
    Lab unaligned(at(2));
    CHECK_THAT(unaligned.feed(sample()), Catch::Contains("is not aligned to 4 bytes"));
}

TEST_CASE("what the kernel skips is a warning, a hundred times and no more") {
    NewcBuilder builder;
    builder.add({.name = "device", .mode = 0020600, .body = "x"});
    builder.add({.name = "long", .mode = 0120777, .body = std::string(path_limit + 1, 'x')});
    builder.add({.name = std::string(path_limit, 'n')}); // with its zero one too long
    builder.file("kept", "");
    Lab lab;
    CHECK(lab.feed(builder).empty());
    CHECK(lab.visitor.text == "kept:;");
    REQUIRE(lab.warnings.size() == 3);
    CHECK(lab.warnings[0].text == "the kernel skips the entry at byte 0: type 20000 with a body");
    CHECK_THAT(lab.warnings[1].text, Catch::EndsWith("a link target of 4097 bytes"));
    CHECK_THAT(lab.warnings[2].text, Catch::EndsWith("a name of 4097 bytes"));
    NewcBuilder many;
    for (unsigned i = 0; i < 120; ++i)
        many.add({.name = "d", .mode = 0020600, .body = "x"});
    Lab flood;
    CHECK(flood.feed(many).empty());
    CHECK(flood.warnings.size() == 100);
}
