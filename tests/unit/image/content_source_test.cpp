// SPDX-License-Identifier: MIT
#include "mkpxerd/image/content_source.hpp"

#include <catch2/catch.hpp>

#include "image_file.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

TEST_CASE("the texts of regular files are read, through links, from where the kernel takes them") {
    const TempDir dir;
    NewcBuilder b;
    b.directory("d").file("d/a", "old").file("d/b", "").link("d/c", "a").trailer();
    b.file("d/a", "new").trailer();
    const Image image = open_image(dir, "x.img", b);
    const EffectiveView view(image.entries());
    const Texts texts = read_texts(view, {"d", "d/a", "d/b", "d/c", "d/none"}, contents_of(image)).value();
    CHECK(texts == Texts{{"d/a", "new"}, {"d/b", ""}, {"d/c", "new"}});
}

TEST_CASE("a text that is too large is an error that names it, and what cannot be read is one") {
    Entry entry;
    entry.path = "list";
    entry.mode = 0100644;
    entry.links = 1;
    entry.size = (16U << 20) + 1;
    std::vector<Entry> entries = {entry};
    const auto refuse = [](const std::set<std::size_t>&) -> Result<EntryContents> {
        return fail("x.img", "is gone");
    };
    const auto large = read_texts(EffectiveView(entries), {"list"}, refuse);
    REQUIRE_FALSE(large);
    CHECK(large.error().text() == "/list: is larger than 16777216 bytes");
    entries.front().size = 1;
    const auto gone = read_texts(EffectiveView(entries), {"list"}, refuse);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().text() == "x.img: is gone");
}
