// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bounded_child.hpp"
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

TEST_CASE("what takes the place of an older entry is known, and where an old link led") {
    const View v(NewcBuilder()
                     .directory("usr")
                     .directory("usr/lib")
                     .file("usr/lib/x", "1")
                     .link("lib", "usr/lib")
                     .trailer()
                     .directory("usr")
                     .file("lib/x", "2")
                     .directory("lib")
                     .file("usr", "lost")
                     .trailer());
    REQUIRE(v.view.replaced().size() == 2);
    const auto& file = v.view.replaced()[0];
    CHECK(file.path == "usr/lib/x");
    CHECK(file.old == 2);
    CHECK_FALSE(file.directory);
    const auto& link = v.view.replaced()[1];
    CHECK(link.path == "lib");
    CHECK(v.image.entries()[link.entry].is_directory());
    CHECK(link.directory == std::optional<std::string>("usr/lib"));
    REQUIRE(v.view.lost().size() == 1);
    CHECK(v.image.entries()[v.view.lost()[0].by].path == "usr");
}

TEST_CASE("an entry of another type replaces a file, a link or an empty directory") {
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

TEST_CASE("what has no directory, or a full directory in its place, is lost") {
    const View v(NewcBuilder()
                     .file("no/parent", "x")
                     .directory("d")
                     .file("d/f", "y")
                     .link("d", "elsewhere")
                     .file("d/f/below", "z")
                     .trailer());
    REQUIRE(v.view.lost().size() == 3);
    CHECK(v.view.lost()[0].reason == "its directory does not exist");
    CHECK(v.view.lost()[1].reason == "a non-empty directory is in its place");
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

namespace {

Entry entry_of(std::string path, std::uint32_t mode, std::string target = {}) {
    Entry entry;
    entry.path = std::move(path);
    entry.mode = mode;
    entry.target = std::move(target);
    return entry;
}
Entry file_of(std::string path) {
    return entry_of(std::move(path), 0100644);
}
Entry directory_entry(std::string path) {
    return entry_of(std::move(path), 0040755);
}

// "a/a/a/...", so many names.
std::string deep_path(std::size_t names) {
    std::string path = "a";
    for (std::size_t i = 1; i < names; ++i)
        path += "/a";
    return path;
}

} // namespace

TEST_CASE("deep paths cost what their bytes cost") {
    std::vector<Entry> entries;
    for (std::size_t depth = 1; depth <= 1200; ++depth)
        entries.push_back(directory_entry(deep_path(depth)));
    const std::string deep = entries.back().path;
    for (int i = 0; i < 800; ++i)
        entries.push_back(file_of(fmt::format("{}/{}", deep, i)));
    CHECK(in_bounds(std::size_t{64} << 20, 2, [&] {
              const EffectiveView view(entries);
              return view.lost().empty() && view.nodes().size() == 2000 + 3 ? 0 : 1;
          }) == 0);
}

TEST_CASE("links that take long to follow are given up, and the reason says so") {
    // Each entry would go through 40 links of 1000 names each.
    std::vector<Entry> entries;
    std::string target;
    for (int i = 0; i < 1000; ++i)
        target += "x/../";
    entries.push_back(directory_entry("x"));
    entries.push_back(directory_entry("end"));
    for (int i = 0; i < 39; ++i)
        entries.push_back(entry_of(fmt::format("link{}", i), 0120777,
                                   target + (i == 0 ? std::string("end") : fmt::format("link{}", i - 1))));
    for (int i = 0; i < 20; ++i)
        entries.push_back(file_of(fmt::format("link38/{}", i)));
    CHECK(ViewLimits{}.link_steps == 4194304);
    const EffectiveView view(entries, {.link_steps = 400'000});
    CHECK(view.nodes().contains("end/0"));
    CHECK_FALSE(view.nodes().contains("end/19"));
    REQUIRE_FALSE(view.lost().empty());
    CHECK(view.lost().back().reason == "the links on its path take too many steps: the limit is 16 steps for "
                                       "each entry and 400000 in addition");
}

TEST_CASE("links do not make paths longer than any can be, nor all of them together") {
    std::vector<Entry> entries;
    std::string deep;
    for (int level = 0; level < 15; ++level) {
        deep += (level == 0 ? "" : "/") + std::string(250, 'x');
        entries.push_back(directory_entry(deep));
    }
    entries.push_back(entry_of("link", 0120777, deep)); // 3764 bytes
    for (int i = 0; i < 20; ++i)
        entries.push_back(file_of(fmt::format("link/{}", i)));
    {
        CHECK(ViewLimits{}.longer_bytes == 67108864);
        const EffectiveView view(entries, {.longer_bytes = 40'000});
        CHECK(view.nodes().contains(deep + "/9"));
        REQUIRE(view.lost().size() == 10);
        CHECK(view.lost().front().reason ==
              "links lead to a path of 3767 bytes: the limit is 4095 bytes each, and 40000 in total");
    }
    entries.resize(16);
    entries.push_back(directory_entry("link/" + std::string(250, 'x')));
    const EffectiveView view(entries);
    REQUIRE(view.lost().size() == 0);
    entries.push_back(directory_entry("link/" + std::string(250, 'x') + "/" + std::string(235, 'y')));
    const EffectiveView longer(entries);
    REQUIRE(longer.lost().size() == 1);
    CHECK(longer.lost().front().reason ==
          "links lead to a path of 4251 bytes: the limit is 4095 bytes each, and 67108864 in total");
}
