// SPDX-License-Identifier: MIT
#include "mkpxerd/image/overlay_place.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/image/image_reader.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;

TEST_CASE("a path of an overlay goes where the links of the image lead") {
    const auto entries = read_entries(test::bytes_of(test::NewcBuilder()
                                                         .directory("usr")
                                                         .directory("usr/lib")
                                                         .directory("usr/lib/x")
                                                         .link("lib", "usr/lib")
                                                         .link("usr/lib/deep", "/usr/lib/x")
                                                         .link("top", "/")
                                                         .link("file", "usr/none")
                                                         .file("usr/lib/f", "f")
                                                         .link("usr/lib/l", "f")
                                                         .trailer()
                                                         .text()),
                                      "x")
                             .value()
                             .entries;
    const EffectiveView view(entries);
    const auto place = [&](const char* path, bool is_directory = false) {
        return overlay_place(view, path, is_directory);
    };
    CHECK(place("lib/firmware/a.bin") == "usr/lib/firmware/a.bin");
    CHECK(place("lib", true) == "usr/lib");
    CHECK(place("lib/deep/new") == "usr/lib/x/new");
    CHECK(place("usr/lib/f") == "usr/lib/f");
    CHECK(place("new/lib/f") == "new/lib/f");
    CHECK(place("top/usr/lib/new") == "usr/lib/new");
    CHECK(place("top", true).empty());
    // What is not a directory replaces a link.
    CHECK(place("lib") == "lib");
    CHECK(place("lib/l") == "usr/lib/l");
    // Nor is a link followed that leads to none.
    CHECK(place("file/x") == "file/x");
    CHECK(place("file", true) == "file");
}

TEST_CASE("a link that moves with its directory still leads where it led") {
    CHECK(moved_target("lib/x/link", "../../etc/a") == "/etc/a");
    CHECK(moved_target("lib/link", "a/../b") == "/lib/b");
    CHECK(moved_target("lib/link", "a/b") == "a/b");
    CHECK(moved_target("lib/link", "/etc/../a") == "/etc/../a");
    CHECK(moved_target("link", "..") == "/");
}
