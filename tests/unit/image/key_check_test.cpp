// SPDX-License-Identifier: MIT
#include "mkpxerd/image/key_check.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "newc_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

// RFC 8032 7.1, test 3.
const std::string sound_key = "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=\n";

std::vector<std::string> bad_in(NewcBuilder builder) {
    const std::string image = builder.trailer().text();
    const auto bad = find_bad_keys(std::as_bytes(std::span(image)), "x.img");
    REQUIRE(bad);
    std::vector<std::string> all;
    for (const Problem& problem : *bad) {
        CHECK(problem.code == "MPX-FETCH-11");
        all.push_back(problem.object);
    }
    return all;
}

} // namespace

TEST_CASE("a file among the keys of an image that is not a key is reported, whatever its name") {
    using Paths = std::vector<std::string>;
    CHECK(bad_in(NewcBuilder().directory("etc/mkpxerd/keys").file("etc/mkpxerd/keys/site.pem", sound_key))
              .empty());
    CHECK(bad_in(NewcBuilder()
                     .file("etc/mkpxerd/keys/site.pem", "-----BEGIN CERTIFICATE-----\nMII\n")
                     .file("etc/mkpxerd/keys/empty", "")
                     .file("etc/mkpxerd/keys/README", "text")
                     .file("etc/mkpxerd/keys/good", sound_key)
                     .file("etc/mkpxerd/keys/large", sound_key + std::string(65536, '\n'))
                     .directory("etc/mkpxerd/keys/old")) ==
          Paths{"/etc/mkpxerd/keys/site.pem", "/etc/mkpxerd/keys/empty", "/etc/mkpxerd/keys/README",
                "/etc/mkpxerd/keys/large", "/etc/mkpxerd/keys/old"});
    // Beside it, below a directory that is told of, and links, which the init follows.
    CHECK(bad_in(NewcBuilder()
                     .file("etc/mkpxerd/keys.txt", "text")
                     .file("etc/mkpxerd/boot.conf", "")
                     .link("etc/mkpxerd/keys/site", "/etc/site.pub"))
              .empty());
    // The kernel takes the last of a name, but who reads the image sees both.
    CHECK(bad_in(NewcBuilder().file("etc/mkpxerd/keys/a", "text").file("etc/mkpxerd/keys/a", sound_key))
              .size() == 1);
}

TEST_CASE("a file among the keys of an archive that is not a key is an error that names archive and file") {
    const TempDir dir;
    const auto good =
        dir.write("good.cpio", NewcBuilder().file("etc/mkpxerd/keys/a", sound_key).trailer().text());
    const auto bad = dir.write("bad.cpio", NewcBuilder()
                                               .file("etc/mkpxerd/keys/a.pem", "text")
                                               .file("etc/mkpxerd/keys/b.pem", "text")
                                               .trailer()
                                               .text());
    CHECK(check_archive_keys({good}, {good, dir / "none", "/dev/null"}));
    const auto plain = dir.write("plain.cpio", NewcBuilder().file("etc/motd", "x").trailer().text());
    const auto authorities =
        dir.write("ca.cpio", NewcBuilder().file("etc/mkpxerd/ca.pem", "x").trailer().text());
    CHECK(*check_archive_keys({good}, {plain}));
    CHECK(*check_archive_keys({plain}, {authorities}));
    CHECK_FALSE(*check_archive_keys({plain}, {plain}));
    const auto checked = check_archive_keys({good}, {bad});
    REQUIRE_FALSE(checked);
    REQUIRE(checked.error().problems().size() == 2);
    CHECK(checked.error().first().object == bad.string() + ": /etc/mkpxerd/keys/a.pem");
    CHECK(check_archive_keys({bad}, {}).error().problems().size() == 2);
}
