// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle_root.hpp"

#include <catch2/catch.hpp>

#include "tar_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::deploy;

namespace {

const std::string squashfs = "hsqs" + std::string(96, '\0');
const std::string erofs = std::string(1024, '\0') + "\xe2\xe1\xf5\xe0" + std::string(124, '\0');

} // namespace

TEST_CASE("what a root is comes from its content, not from its name") {
    const test::TempDir dir;
    const auto form = [&](std::string_view content) {
        return read_root_form(dir.write("root.img", content));
    };
    CHECK(form(squashfs).value() == RootForm::Squashfs);
    CHECK(form(erofs).value() == RootForm::Erofs);
    CHECK(form(test::TarBuilder().file("sbin/init", "program").gzip()).value() == RootForm::Tarball);
    for (const std::string& other : {std::string(), std::string("<html>404</html>"), std::string(1024, '\0'),
                                     erofs.substr(0, 1026), std::string("\x1f\x8b\x08 cut off")}) {
        const auto refused = form(other);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().first().text == "is neither a squashfs nor an erofs nor a tarball");
    }
    CHECK_FALSE(read_root_form(dir / "absent"));
}

TEST_CASE("a file of this machine becomes the bundle's own root, anything else is for the init") {
    const test::TempDir dir;
    const auto choose = [&](const std::string& root) {
        SiteOptions site;
        site.root = root;
        site.own_apkovl = "x.tar.gz";
        auto chosen = choose_own_root(site);
        return chosen ? Result<std::string>(site.own_root) : Result<std::string>(fail(chosen.error()));
    };
    CHECK(choose(dir.write("live.squashfs", squashfs).string()).value() == "live.squashfs");
    for (const char* elsewhere : {"", "http://10.0.0.1/live.squashfs", "nfs:10.0.0.1:/srv/root", "/dev/sda1",
                                  "sda1", "LABEL=a/b", "UUID=1234"}) {
        INFO(elsewhere);
        CHECK(choose(elsewhere).value().empty());
    }
    for (const char* absent : {"absent/live.squashfs", "live.sqashfs"})
        CHECK(choose(absent).error().first().text ==
              "is neither a file of this machine nor a source of the init");
    CHECK(choose(dir.path().string()).error().first().text == "is a directory");
    CHECK(choose(dir.write("pxerd", squashfs).string()).error().first().hint == "rename it");
    CHECK(choose(dir.write("x.tar.gz", squashfs).string()).error().first().text ==
          "has the name of the apkovl");
    CHECK(choose(dir.write("root.txt", "text").string()).error().first().hint == "mksquashfs makes one");
}

TEST_CASE("a typical name is one by which the form is recognised") {
    CHECK(typical_name(RootForm::Squashfs) == "root.squashfs");
    CHECK(typical_name(RootForm::Erofs) == "root.erofs");
    CHECK(typical_name(RootForm::Tarball) == "root.tar.gz");
}
