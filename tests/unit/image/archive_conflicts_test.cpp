// SPDX-License-Identifier: MIT
#include "mkpxerd/image/archive_conflicts.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/image/image_reader.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using mkpxerd::test::NewcBuilder;

namespace {

// The conflicts of archives that follow one another: "error: ..." and "warning: ..." lines. own: its index.
std::string conflicts_of(const NewcBuilder& archives, std::size_t own = 0) {
    const auto entries = read_entries(test::bytes_of(archives.text()), "x").value().entries;
    const EffectiveView view(entries);
    const auto found = find_archive_conflicts(view, {"one", "two", "three"}, own);
    std::string text;
    for (const Problem& problem : found.errors)
        text += "error: " + to_text(problem) + '\n';
    for (const Problem& problem : found.warnings)
        text += "warning: " + to_text(problem) + '\n';
    return text;
}

NewcBuilder merged() {
    return NewcBuilder()
        .file("init", "x", 0755)
        .directory("etc")
        .directory("etc/mkpxerd")
        .file("etc/mkpxerd/boot.conf", "x")
        .directory("empty")
        .link("lib", "usr/lib")
        .directory("usr")
        .directory("usr/lib")
        .file("usr/lib/a", "a")
        .file("usr/lib/b", "b")
        .trailer();
}

NewcBuilder split() {
    return NewcBuilder().directory("lib").file("lib/a", "a").directory("usr").directory("usr/lib").trailer();
}

} // namespace

TEST_CASE("a directory in the place of a link to one is an error if names lead nowhere because of it") {
    CHECK(conflicts_of(merged().directory("lib").file("lib/new", "n").trailer()) ==
          "error: two: lib: the directory here takes the place of the link lib -> usr/lib, and 2 entries are "
          "no longer found there, such as lib/a (mkpxerd overlay --image FILE puts entries through the links "
          "of an image)\n");
    // Nothing is lost if the directory has all of them, or if the link led to an empty one or nowhere.
    CHECK(conflicts_of(merged().directory("lib").file("lib/a", "n").file("lib/b", "n").trailer()).empty());
    CHECK(conflicts_of(NewcBuilder()
                           .link("lib", "usr/lib")
                           .link("bin", "none")
                           .directory("usr")
                           .directory("usr/lib")
                           .trailer()
                           .directory("lib")
                           .directory("bin")
                           .trailer())
              .empty());
    // A path through the link is what the link is for.
    CHECK(conflicts_of(merged().file("lib/new", "n").file("lib/a", "n").trailer()).empty());
    CHECK(conflicts_of(merged().file("lib", "a file").trailer())
              .find("the file here takes the place of the link") != std::string::npos);
    CHECK(conflicts_of(merged().link("lib", "/usr/lib").trailer()).empty());
}

TEST_CASE("a link that finds a directory in its place is an error if its archive relies on it") {
    CHECK(conflicts_of(split().link("lib", "usr/lib").file("usr/lib/new", "n").trailer()) ==
          "error: two: lib: a directory of one keeps the link lib -> usr/lib from being made, and 1 entry is "
          "not "
          "found there, such as lib/new (name the entries as the image does, without the link)\n");
    CHECK(conflicts_of(split().link("lib", "usr/lib").trailer()) ==
          "warning: two: the kernel cannot unpack 'lib': a non-empty directory is in its place\n");
    // The image never looked for its own files by a link that only the archive has.
    CHECK(conflicts_of(split()
                           .file("usr/lib/own", "x")
                           .trailer()
                           .link("lib", "usr/lib")
                           .directory("opt")
                           .file("opt/app", "x")
                           .trailer())
              .find("error") == std::string::npos);
}

TEST_CASE("archives before the image are judged by what the image makes of them") {
    CHECK(conflicts_of(NewcBuilder().directory("lib").file("lib/early", "e").trailer().raw(merged().text()),
                       1) ==
          "error: one: lib: this directory keeps the link lib -> usr/lib from being made, and 2 entries are "
          "not "
          "found there, such as lib/a (mkpxerd overlay --image FILE puts entries through the links of an "
          "image)\n");
    CHECK(conflicts_of(NewcBuilder()
                           .directory("usr")
                           .directory("usr/lib")
                           .link("lib", "usr/lib")
                           .file("lib/early", "e")
                           .trailer()
                           .raw(split().text()),
                       1) ==
          "error: one: lib: the directory of the image takes the place of the link lib -> usr/lib here, and "
          "1 entry is no longer found there, such as lib/early (mkpxerd overlay --image FILE puts entries "
          "through the links of an image)\n");
    CHECK(conflicts_of(NewcBuilder().file("init", "mine").trailer().raw(merged().text()), 1) ==
          "warning: one: the image replaces 'init'\n");
}

TEST_CASE("what an image needs to boot cannot be replaced, everything else can") {
    CHECK(conflicts_of(merged().file("init", "mine", 0755).trailer()) ==
          "error: two: init: replaces /init, which belongs to the image itself (leave it out, or build with "
          "--init FILE)\n");
    CHECK(conflicts_of(merged().directory("init").trailer()).starts_with("error: two: init: "));
    CHECK(conflicts_of(merged().file("etc/mkpxerd/boot.conf", "mine").trailer())
              .starts_with("error: two: etc/mkpxerd/boot.conf: "));
    CHECK(conflicts_of(merged().file("usr/lib/a", "mine").directory("etc").trailer()).empty());
    // Nobody's image: its init may be replaced.
    CHECK(conflicts_of(merged().file("init", "mine", 0755).trailer(), 3).empty());
    // An archive may contradict itself.
    CHECK(conflicts_of(merged().trailer().raw(split().text()).trailer(), 2).find("three: ") ==
          std::string::npos);
    CHECK(conflicts_of(NewcBuilder().link("a", "b").directory("b").file("b/x", "").directory("a").trailer())
              .empty());
}

TEST_CASE("another list of modules is a warning, because it may not name those of the image") {
    NewcBuilder image;
    for (const char* directory : {"lib", "lib/modules", "lib/modules/6.1"})
        image.directory(directory);
    image.file("lib/modules/6.1/modules.dep", "a.ko:\n").file("lib/modules/6.1/a.ko", "a").trailer();
    image.file("lib/modules/6.1/a.ko", "b").file("lib/modules/6.1/modules.dep", "b.ko:\n").trailer();
    CHECK(conflicts_of(image) ==
          "warning: two: lib/modules/6.1/modules.dep: replaces a list of the image's modules: "
          "those that it does not name are not found\n");
}

TEST_CASE("entries that the kernel does not unpack are counted, one line for each reason") {
    CHECK(conflicts_of(merged().file("opt/a", "a").file("opt/b", "b").file("usr", "u").trailer()) ==
          "warning: two: the kernel cannot unpack 'usr': a non-empty directory is in its place\n"
          "warning: two: the kernel cannot unpack 2 of its entries, such as 'opt/a': its directory does not "
          "exist\n");
    CHECK(conflicts_of(merged().file("empty", "e").trailer()) ==
          "warning: two: empty: the file takes the place of an empty directory\n");
}

TEST_CASE("a file that replaces one of several hard links is a warning that names the others") {
    const auto linked = [](const std::string& name, const std::string& body, std::uint32_t inode) {
        return test::NewcFields{.name = name, .mode = 0100755, .body = body, .inode = inode, .links = 3};
    };
    NewcBuilder image;
    for (const char* name : {"gzip", "gunzip", "zcat"})
        image.add(linked(name, name == std::string_view("zcat") ? "body" : "", 7));
    image.trailer();
    const std::string first =
        "warning: two: gzip: also changes gunzip, zcat: they are hard links to the file that "
        "it replaces (build the image with this file instead)\n";
    CHECK(conflicts_of(NewcBuilder(image).file("gzip", "mine").trailer()) == first);
    // Its own files would have the content of the last one.
    CHECK(conflicts_of(NewcBuilder(image).file("gzip", "mine").file("zcat", "other").trailer())
              .starts_with(first));
    // The same links again, and a name that is no file any more.
    NewcBuilder again(image);
    for (const char* name : {"gzip", "gunzip", "zcat"})
        again.add(linked(name, name == std::string_view("zcat") ? "new" : "", 9));
    CHECK(conflicts_of(again.trailer()).empty());
    CHECK(conflicts_of(NewcBuilder(image).link("gzip", "other").trailer()).empty());
    NewcBuilder many;
    for (int i = 0; i < 6; ++i)
        many.add(linked("name" + std::to_string(i), i == 5 ? "body" : "", 7));
    CHECK(conflicts_of(many.trailer().file("name0", "mine").trailer())
              .find("also changes name1, name2, name3 and 2 more: ") != std::string::npos);
}

TEST_CASE("what is no directory at a mount point of the init is an error") {
    const std::string error = "error: two: proc: the file is where the init must mount /proc, which needs a "
                              "directory (leave it out)\n";
    CHECK(conflicts_of(NewcBuilder().directory("proc").raw(merged().text()).file("proc", "x").trailer()) ==
          error);
    CHECK(conflicts_of(merged().file("proc", "x").trailer()) == error);
    CHECK(conflicts_of(merged().link("newroot", "none").trailer())
              .starts_with("error: two: newroot: the link "));
    CHECK(conflicts_of(merged().link("run", "usr").trailer()).empty());             // a directory
    CHECK(conflicts_of(merged().trailer().file("proc", "x").trailer(), 3).empty()); // somebody else's init
    // What the image makes of it in the end counts.
    CHECK(conflicts_of(
              NewcBuilder().file("proc", "x").trailer().directory("proc").raw(merged().text()).trailer(),
              1) == "warning: one: the image replaces 'proc'\n");
}
