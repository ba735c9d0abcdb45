// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/features/feature_resolver.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

TEST_CASE("a list is read line by line") {
    const auto patterns = parse_feature_list(
        "# comment\n\n/usr/bin/x\n?etc/y # no comment\n  kernel/fs/nfs/*  \n", "f", "f.files");
    REQUIRE(patterns.size() == 3);
    CHECK(patterns[0] == Pattern{"usr/bin/x", false, "f", {"f.files", 3}});
    CHECK(patterns[1].glob == "etc/y # no comment");
    CHECK(patterns[1].optional);
    CHECK(patterns[2].glob == "kernel/fs/nfs/*");
}

TEST_CASE("a list may be written on Windows, and paths in any spelling") {
    const auto patterns = parse_feature_list("\xEF\xBB\xBF# comment\r\n./usr//bin/x/\r\n? ./etc/./y\r\n"
                                             "kernel//fs/nfs/\r\n/./\r\n",
                                             "f", "f.files");
    REQUIRE(patterns.size() == 4);
    CHECK(patterns[0] == Pattern{"usr/bin/x", false, "f", {"f.files", 2}});
    CHECK(patterns[1] == Pattern{"etc/y", true, "f", {"f.files", 3}});
    CHECK(patterns[2].glob == "kernel/fs/nfs");
    CHECK(patterns[3].glob.empty()); // refused, as a line without a path
}

TEST_CASE("the first directory that has a list wins, modules and files apart") {
    const test::TempDir dir;
    dir.write("site/nfs.modules", "kernel/site.ko\n");
    dir.write("own/nfs.modules", "kernel/own.ko\n");
    dir.write("own/nfs.files", "/own\n");
    const auto set = FeatureResolver({dir / "site", dir / "own"}).resolve({{"nfs", {}}, {"nfs", {}}});
    REQUIRE(set);
    REQUIRE(set->modules.size() == 1);
    CHECK(set->modules[0].glob == "kernel/site.ko");
    CHECK(set->files[0].glob == "own");
    CHECK(set->features == std::vector<std::string>{"nfs"});
}

TEST_CASE("what all features name is known without asking for any, and a broken list has nothing") {
    const test::TempDir dir;
    dir.write("own/nfs.modules", "kernel/own.ko\n");
    dir.write("own/net.modules", "kernel/net.ko\n");
    dir.write("site/net.modules", "kernel/site.ko\n");
    dir.write("own/files.files", "/own\n");
    std::filesystem::create_directory(dir / "own/broken.modules");
    const auto patterns = FeatureResolver({dir / "site", dir / "own"}).known_modules({});
    REQUIRE(patterns.size() == 2);
    CHECK(patterns[0].feature == "net");
    CHECK(patterns[0].glob == "kernel/site.ko");
    CHECK(patterns[1].feature == "nfs");
    const auto files = FeatureResolver({dir / "site", dir / "own"}).known_files();
    REQUIRE(files.size() == 1);
    CHECK(files[0].glob == "own");
}

TEST_CASE("the list of a feature that was asked for is read once") {
    const test::TempDir dir;
    dir.write("nfs.modules", "kernel/nfs.ko\n");
    dir.write("net.modules", "kernel/net.ko\n");
    const FeatureResolver resolver({dir.path()});
    const auto set = resolver.resolve({{"nfs", {}}});
    REQUIRE(set);
    dir.write("nfs.modules", "kernel/changed.ko\n");
    dir.write("net.modules", "kernel/changed.ko\n");
    const auto patterns = resolver.known_modules(*set);
    REQUIRE(patterns.size() == 2);
    CHECK(patterns[0].glob == "kernel/changed.ko");
    CHECK(patterns[1].glob == "kernel/nfs.ko");
}

TEST_CASE("unknown features are told all at once, with what was meant") {
    const test::TempDir dir;
    dir.write("squashfs.modules", "x\n");
    const auto set =
        FeatureResolver({dir.path()})
            .resolve({{"squahsfs", {"m.conf", 3}}, {"../etc", {"m.conf", 3}}, {"zzz", {"-F", 0}}});
    REQUIRE_FALSE(set);
    CHECK(set.error().text() == "m.conf:3: unknown feature 'squahsfs' (did you mean 'squashfs'?)\n"
                                "m.conf:3: '../etc' is not a feature name (a feature name consists of "
                                "letters, digits and ._+~@:,=%-)\n"
                                "-F: unknown feature 'zzz' (mkpxerd -L lists all features)");
}

TEST_CASE("a list that is there and cannot be read makes no room for a weaker one") {
    const test::TempDir dir;
    dir.write("own/nfs.modules", "kernel/own.ko\n");
    std::filesystem::create_directory(dir / "site");
    std::filesystem::create_symlink("gone", dir / "site/nfs.modules");
    const std::string site = (dir / "site/nfs.modules").string();
    const FeatureResolver resolver({dir / "site", dir / "own"});
    CHECK(resolver.resolve({{"nfs", {}}}).error().text() ==
          site + ": cannot open: No such file or directory");
    std::filesystem::remove(site);
    CHECK(resolver.resolve({{"nfs", {}}}));
    std::filesystem::create_directory(site);
    CHECK(resolver.resolve({{"nfs", {}}}).error().text() ==
          site + ": is a directory, but must be a list of patterns (rename the directory)");
}

TEST_CASE("a list describes itself in the first sentence of its comment") {
    CHECK(list_description("# One thing. Another one.\nx\n") == "One thing");
    CHECK(list_description("## One thing\n#  in two lines.\nx\n# no more\n") == "One thing in two lines");
    CHECK(list_description("# Version 4.1 of it\n\n# not this\n") == "Version 4.1 of it");
    for (const char* none : {"", "x\n# after a line\n", "\n# after an empty line\n", "#\n"})
        CHECK(list_description(none).empty());
}

TEST_CASE("a feature is described by its modules, or else by its files, of the directory that counts") {
    const test::TempDir dir;
    dir.write("own/a.modules", "x\n");
    dir.write("own/a.files", "# Files.\n");
    dir.write("own/b.modules", "# Modules.\n");
    dir.write("own/b.files", "# Files.\n");
    dir.write("site/b.modules", "# Of the site.\n");
    const FeatureResolver features({dir / "site", dir / "own"});
    CHECK(features.description("a") == "Files");
    CHECK(features.description("b") == "Of the site");
    CHECK(features.description("c").empty());
}
