// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "mkpxerd/image/effective_view.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "newc_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

struct View {
    explicit View(const NewcBuilder& builder)
        : image(*Image::open(dir.write("x.img", builder.text()))), view(image.entries()) {}
    std::string content(std::string_view path) const {
        const auto* node = view.find(path);
        if (node == nullptr || node->content == EffectiveView::none) return "";
        std::string text;
        const auto sink = [&](std::size_t, std::span<const std::byte> piece) -> Result<void> {
            text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return {};
        };
        REQUIRE(image.read_contents({node->content}, sink));
        return text;
    }
    TempDir dir;
    Image image;
    EffectiveView view;
};

} // namespace

TEST_CASE("a later archive replaces files of an earlier one") {
    const View v(NewcBuilder()
                     .directory("etc")
                     .file("etc/a", "old")
                     .file("etc/b", "kept")
                     .trailer()
                     .file("etc/a", "new")
                     .trailer());
    CHECK(v.content("etc/a") == "new");
    CHECK(v.content("/etc/b") == "kept");
    CHECK(v.view.lost().empty());
}

TEST_CASE("names lead through links") {
    const View v(NewcBuilder()
                     .directory("usr")
                     .directory("usr/lib")
                     .link("lib", "usr/lib")
                     .file("lib/x", "1")
                     .link("usr/lib/y", "x")
                     .link("abs", "/lib/y")
                     .link("loop", "loop")
                     .trailer());
    CHECK(v.view.nodes().contains("usr/lib/x"));
    CHECK_FALSE(v.view.nodes().contains("lib/x"));
    CHECK(v.content("lib/x") == "1");
    CHECK(v.content("abs") == "1");
    CHECK(v.view.resolve("abs") == std::optional<std::string>("usr/lib/x"));
    CHECK(v.view.resolve("abs", false) == std::optional<std::string>("abs"));
    CHECK(v.view.find("loop") == nullptr);
    CHECK(v.view.find("lib/x/below") == nullptr);
}

TEST_CASE("hard links share the one body, wherever it stands") {
    NewcBuilder b;
    b.add({.name = "first", .inode = 5, .links = 3})
        .add({.name = "second", .inode = 5, .links = 3})
        .add({.name = "third", .body = "shared", .inode = 5, .links = 3})
        .trailer();
    // The same inode number in the next archive is another file.
    b.add({.name = "other", .body = "mine", .inode = 5, .links = 2}).trailer();
    const View v(b);
    CHECK(v.content("first") == "shared");
    CHECK(v.content("second") == "shared");
    CHECK(v.content("third") == "shared");
    CHECK(v.content("other") == "mine");
    CHECK(v.view.find("first")->file == v.view.find("third")->file);
    CHECK(v.view.find("first")->file != v.view.find("other")->file);
}

TEST_CASE("an entry of another type replaces a file, a link or an empty folder") {
    const View v(NewcBuilder()
                     .file("a", "file")
                     .directory("b")
                     .link("c", "a")
                     .trailer()
                     .directory("a")
                     .file("b", "now a file")
                     .file("c", "no link")
                     .trailer());
    CHECK(v.view.find("a")->is_directory);
    CHECK(v.content("b") == "now a file");
    CHECK(v.content("c") == "no link");
    CHECK(v.view.lost().empty());
}

TEST_CASE("what has no folder, or a full folder in its place, is lost") {
    const View v(NewcBuilder()
                     .file("no/parent", "x")
                     .directory("d")
                     .file("d/f", "y")
                     .link("d", "elsewhere")
                     .file("d/f/below", "z")
                     .trailer());
    REQUIRE(v.view.lost().size() == 3);
    CHECK(v.view.lost()[0].reason == "its folder does not exist");
    CHECK(v.view.lost()[1].reason == "a folder that is not empty is in its place");
    CHECK(v.content("d/f") == "y");
}

TEST_CASE("the kernel's own first entries are there") {
    const View v(NewcBuilder().add({.name = "dev/null", .mode = 0020666, .major = 1, .minor = 3}).trailer());
    CHECK(v.view.lost().empty());
    CHECK(v.view.find("dev/console")->entry == EffectiveView::none);
}

TEST_CASE("an emptied file is empty") {
    const View v(NewcBuilder().file("a", "something").trailer().file("a", "").trailer());
    CHECK(v.view.find("a")->content == EffectiveView::none);
}
