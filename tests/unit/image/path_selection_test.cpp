// SPDX-License-Identifier: MIT
#include "mkpxerd/image/path_selection.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::image;

namespace {

using Paths = std::set<std::string>;

struct Tree {
    std::vector<Entry> entries;
    Tree() {
        add("etc", 0040755);
        add("etc/hosts", 0100644);
        add("etc/x", 0040755);
        add("etc/x/deep", 0100644);
        add("etcetera", 0100644);
        add("link", 0120777, "etc/x");
        add("nowhere/lost", 0100644);
    }
    void add(std::string path, std::uint32_t mode, std::string target = "") {
        Entry& entry = entries.emplace_back();
        entry.path = std::move(path);
        entry.mode = mode;
        entry.target = std::move(target);
        entry.archive = 0;
    }
    Result<Paths> select(const std::vector<std::string>& names) const {
        return select_paths(EffectiveView(entries), names, "x.img");
    }
    std::string failure(const std::string& name) const { return select({name}).error().text(); }
};

} // namespace

TEST_CASE("a name selects an entry, a directory all below it, and no name everything") {
    const Tree tree;
    CHECK(tree.select({"etc/hosts"}).value() == Paths{"etc/hosts"});
    CHECK(tree.select({"/etc//x/", "./etcetera"}).value() == Paths{"etc/x", "etc/x/deep", "etcetera"});
    CHECK(tree.select({"etc"}).value() == Paths{"etc", "etc/hosts", "etc/x", "etc/x/deep"});
    const Paths all = tree.select({}).value();
    CHECK(all.contains("link"));
    CHECK(all.size() >= 6);
    CHECK(tree.select({"/"}).value() == all);
    CHECK(tree.select({"etc/.."}).value() == all);
}

TEST_CASE("a link itself is selected, and what lies behind it by its real path") {
    const Tree tree;
    CHECK(tree.select({"link"}).value() == Paths{"link"});
    CHECK(tree.select({"link/deep"}).value() == Paths{"etc/x/deep"});
}

TEST_CASE("a pattern is for the whole path, and '*' matches '/' too") {
    const Tree tree;
    CHECK(tree.select({"etc*s"}).value() == Paths{"etc/hosts"});
    CHECK(tree.select({"*deep"}).value() == Paths{"etc/x/deep"});
    CHECK(tree.select({"etc/[xy]"}).value() == Paths{"etc/x", "etc/x/deep"});
    CHECK_THAT(tree.failure("z*"), Catch::StartsWith("x.img: no entry 'z*'"));
}

TEST_CASE("every name without a match is told, with what is near it, or why the kernel lost it") {
    const Tree tree;
    const auto both = tree.select({"none/at/all/here", "etc/hosts", "usr/hosts"});
    REQUIRE_FALSE(both);
    CHECK(both.error().problems().size() == 2);
    CHECK(tree.failure("usr/hosts") == "x.img: no entry 'usr/hosts' (there is etc/hosts)");
    CHECK(tree.failure("etc/host") == "x.img: no entry 'etc/host' (did you mean etc/hosts?)");
    CHECK(tree.failure("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq") ==
          "x.img: no entry 'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq'");
    CHECK_THAT(tree.failure("nowhere/lost"), Catch::Contains("the archive contains it, but "));
}

TEST_CASE("the same rule holds for paths that are not in a tree") {
    CHECK(is_requested("a/b", {}));
    CHECK(is_requested("a/b", {"/a/"}));
    CHECK(is_requested("a/b", {"x", "a/b"}));
    CHECK(is_requested("a/b", {"/"}));
    CHECK(is_requested("a/b/c", {"a*c"}));
    CHECK_FALSE(is_requested("a/b", {"a/bc", "a/b/c", "b"}));
    CHECK_FALSE(is_requested("ab", {"a"}));
}
