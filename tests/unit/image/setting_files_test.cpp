// SPDX-License-Identifier: MIT
#include "mkpxerd/image/setting_files.hpp"

#include <catch2/catch.hpp>

#include "image_file.hpp"
#include "mkpxerd/image/image_facts.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

const NewcBuilder& settings_image() {
    static const NewcBuilder builder = [] {
        NewcBuilder b;
        b.directory("etc").directory("etc/mkpxerd.d");
        b.file("etc/mkpxerd.d/20-b.conf", "# a comment\nquiet\nip=dhcp\n");
        b.file("etc/mkpxerd.d/10-a.conf", "modlop=x");
        b.file("etc/mkpxerd.d/README", "ip=nonsense:").trailer();
        return b;
    }();
    return builder;
}

} // namespace

TEST_CASE("options come from the .conf files, in the order of their names") {
    const TempDir dir;
    const Image image = open_image(dir, "x.img", settings_image());
    const EffectiveView view(image.entries());
    const auto settings = settings_in(read_texts(view, setting_files(view), contents_of(image)).value());
    REQUIRE(settings.size() == 2);
    CHECK(settings[0].origin == "/etc/mkpxerd.d/10-a.conf");
    CHECK(settings[1].text.find("quiet ip=dhcp") != std::string::npos);
}

TEST_CASE("what the init refuses in such a file is an error, and a misspelt word a warning") {
    const TempDir dir;
    NewcBuilder b = settings_image();
    const Image fine = open_image(dir, "fine.img", b);
    const auto warnings = check_setting_files(EffectiveView(fine.entries()), contents_of(fine));
    REQUIRE(warnings);
    REQUIRE(warnings->size() == 1);
    CHECK(to_text(warnings->front()) ==
          "/etc/mkpxerd.d/10-a.conf: modlop: unknown option (did you mean modloop?)");
    b.file("etc/mkpxerd.d/30.conf", "mkpxerd.timeout=never");
    b.file("etc/mkpxerd.d/40.conf", "root=tftp://h/x").trailer();
    const Image bad = open_image(dir, "bad.img", b);
    const auto refused = check_setting_files(EffectiveView(bad.entries()), contents_of(bad));
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().problems().size() == 2);
    CHECK(refused.error().problems()[0].object == "/etc/mkpxerd.d/30.conf: mkpxerd.timeout=never");
    CHECK(refused.error().problems()[1].object.starts_with("/etc/mkpxerd.d/40.conf: root"));
}

TEST_CASE("a file whose name does not end with .conf is named as ignored, and one below is nobody's") {
    const TempDir dir;
    NewcBuilder b;
    b.directory("etc").directory("etc/mkpxerd.d").directory("etc/mkpxerd.d/old");
    b.file("etc/mkpxerd.d/10-site.cfg", "ip=nonsense:").file("etc/mkpxerd.d/README", "x");
    b.file("etc/mkpxerd.d/old/a.conf", "ip=nonsense:").trailer();
    const Image image = open_image(dir, "x.img", b);
    const EffectiveView view(image.entries());
    CHECK(setting_files(view).empty());
    const auto warnings = check_setting_files(view, contents_of(image));
    REQUIRE(warnings);
    REQUIRE(warnings->size() == 1);
    const char* text =
        "/etc/mkpxerd.d/10-site.cfg: is ignored: the init reads the files there whose names end with .conf";
    CHECK(to_text(warnings->front()) == text);
    const auto facts = ImageFacts::read(dir / "x.img").value();
    REQUIRE(facts.problems().size() == 1);
    CHECK(to_text(facts.problems().front()) == text);
}
