// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/entry_tree.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

// RFC 8032 7.1, test 3.
const std::string public_key = "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=\n";

const Reason reason{.kind = Reason::Kind::Pattern, .feature = "f", .origin = {.file = "f.files", .line = 1}};

void link(EntryTree& tree, std::string path, std::string target) {
    ImageEntry entry;
    entry.path = std::move(path);
    entry.mode = S_IFLNK | 0777;
    entry.content = std::move(target);
    entry.reason = reason;
    tree.add(std::move(entry));
}

std::vector<std::string> paths(EntryTree& tree) {
    std::vector<std::string> all;
    for (const ImageEntry& entry : tree.take())
        all.push_back(entry.path);
    return all;
}

} // namespace

TEST_CASE("an entry goes where the kernel will unpack it: through relative and absolute links, and chains") {
    EntryTree tree;
    link(tree, "lib", "usr/lib");
    link(tree, "usr/lib/here", "../share");
    link(tree, "usr/share/away", "/opt/away");
    link(tree, "up", "../../etc");
    tree.add_text("lib/a", "");
    tree.add_text("lib/here/b", "");
    tree.add_text("lib/here/away/c", "");
    tree.add_text("up/d", "");
    CHECK(paths(tree) == std::vector<std::string>{"etc/d", "lib", "opt/away/c", "up", "usr/lib/a",
                                                  "usr/lib/here", "usr/share/away", "usr/share/b"});
}

TEST_CASE("a link to itself ends, and the first entry at a place stays") {
    EntryTree tree;
    link(tree, "loop", "loop");
    tree.add_text("loop/x", "");
    tree.add_text("etc/hosts", "first");
    tree.add_text("etc/hosts", "second");
    const auto entries = tree.take();
    REQUIRE(entries.size() == 3);
    CHECK(std::get<std::string>(entries[0].content) == "first");
    CHECK(entries[0].size == 5);
}

TEST_CASE(
    "missing parents are added with the mode that they have in every image, and the reason of their child") {
    EntryTree tree;
    tree.add_directory("root/a", 0711, reason);
    tree.add_directory("root/a/b/c", 0755, reason);
    REQUIRE(tree.complete_parents());
    const auto entries = tree.take();
    REQUIRE(entries.size() == 4);
    CHECK(entries[0].path == "root");
    CHECK(entries[0].mode == (S_IFDIR | 0700U));
    CHECK(entries[0].reason == reason);
    CHECK(entries[1].mode == (S_IFDIR | 0711U));
    CHECK(entries[2].path == "root/a/b");
    CHECK(entries[2].mode == (S_IFDIR | 0755U));
}

TEST_CASE("a parent that is a file is a problem for each entry below it") {
    EntryTree tree;
    tree.add_text("etc", "");
    tree.add_text("etc/hosts", "");
    tree.add_text("etc/x/y", "");
    const auto completed = tree.complete_parents();
    REQUIRE_FALSE(completed);
    REQUIRE(completed.error().problems().size() == 2);
    CHECK(completed.error().text() == "etc: must be a directory for etc/hosts, but is a file\n"
                                      "etc: must be a directory for etc/x/y, but is a file");
}

TEST_CASE("a place of mkpxerd's own must be free, and must not be mounted over") {
    EntryTree tree;
    link(tree, "etc/mkpxerd", "/run/mkpxerd");
    link(tree, "sbin", "usr/sbin");
    tree.add_text("usr/sbin/init", "");
    CHECK(tree.own_place("sbin/other").value() == "usr/sbin/other");
    CHECK_FALSE(tree.own_place("sbin/init"));
    const auto hidden = tree.own_place("etc/mkpxerd/boot.conf");
    REQUIRE_FALSE(hidden);
    CHECK_THAT(hidden.error().text(),
               Catch::Contains("etc/mkpxerd/boot.conf: would be at /run/mkpxerd/boot.conf"));
    EntryTree other;
    other.add_directory("etc/mkpxerd/boot.conf", 0755, reason);
    CHECK_THAT(other.own_place("etc/mkpxerd/boot.conf").error().text(),
               Catch::StartsWith("f.files:1: '/etc/mkpxerd/boot.conf' is created by mkpxerd"));
}

TEST_CASE("authorities and keys need TLS, wherever a link has put them") {
    EntryTree plain;
    plain.add_text("etc/hosts", "");
    plain.add_directory("etc/ssl", 0755, {});
    CHECK_FALSE(plain.needs_tls());
    EntryTree linked;
    link(linked, "etc/ssl/cert.pem", "../pki/tls.pem");
    CHECK_FALSE(linked.needs_tls()); // it leads nowhere
    linked.add_text("etc/pki/tls.pem", "");
    CHECK(linked.needs_tls());
    EntryTree keys;
    keys.add_directory("etc/mkpxerd/keys", 0755, {});
    CHECK(keys.needs_tls());
}

TEST_CASE("the directory of keys holds keys and nothing else") {
    EntryTree none;
    CHECK(none.check_keys());
    EntryTree good;
    good.add_directory("etc/mkpxerd/keys", 0755, {});
    good.add_text("etc/mkpxerd/keys/site.pub", public_key);
    good.add_text("srv/other.pub", public_key);
    link(good, "etc/mkpxerd/keys/other.pub", "/srv/other.pub");
    CHECK(good.check_keys());

    EntryTree bad;
    bad.add_directory("etc/mkpxerd/keys", 0755, {});
    bad.add_text("etc/mkpxerd/keys/0", "not a key");
    bad.add_directory("etc/mkpxerd/keys/1", 0755, {});
    bad.add_text("etc/mkpxerd/keys/1/site.pub", public_key);
    link(bad, "etc/mkpxerd/keys/2", "nowhere");
    bad.add_text("etc/mkpxerd/keys/3", public_key);
    const auto checked = bad.check_keys();
    REQUIRE_FALSE(checked);
    REQUIRE(checked.error().problems().size() == 3);
    for (const Problem& problem : checked.error().problems())
        CHECK(problem.code == "MPX-FETCH-11");
    CHECK(checked.error().problems()[1].text == "is not a regular file");
    CHECK(checked.error().problems()[2].text == "is a link whose target is not in the image");
}

TEST_CASE(
    "a directory of keys that is empty, a file, or a link to nothing does not mean an image without keys") {
    EntryTree empty;
    empty.add_directory("etc/mkpxerd/keys", 0755, {});
    CHECK_THAT(empty.check_keys().error().text(), Catch::Contains("is empty"));
    EntryTree file;
    file.add_text("etc/mkpxerd/keys", public_key);
    CHECK_THAT(file.check_keys().error().text(), Catch::Contains("is not a directory"));
    EntryTree dangling;
    link(dangling, "etc/mkpxerd/keys", "/srv/keys");
    CHECK_THAT(dangling.check_keys().error().text(), Catch::Contains("/srv/keys: is not in the image"));
}
