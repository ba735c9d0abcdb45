// SPDX-License-Identifier: MIT
#include "mkpxerd/image/module_survey.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "image_file.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

const std::string directory = "lib/modules/6.1";

NewcBuilder& add_modules(NewcBuilder& b, const std::vector<std::string>& names) {
    for (const std::string& path :
         {std::string("lib"), std::string("lib/modules"), directory, directory + "/kernel"})
        b.directory(path);
    for (const std::string& name : names)
        b.file(directory + "/kernel/" + name, "x");
    return b;
}

ModuleSurvey survey(const NewcBuilder& b, bool is_ours = true, std::string_view version = "6.1") {
    const TempDir dir;
    const Image image = open_image(dir, "x.img", b);
    const EffectiveView view(image.entries());
    const ModuleUser user{.version = version, .is_ours = is_ours};
    const ContentSource source = contents_of(image);
    const Texts lists = read_texts(view, module_lists(view, user), source).value();
    return survey_modules(view, user, lists, source).value();
}

using Paths = std::vector<std::string>;

} // namespace

TEST_CASE("the init loads what modules.dep names, by its path and the first line of a name") {
    NewcBuilder b;
    add_modules(b, {"a.ko", "b.ko", "c.ko", "d.ko", "empty.ko", "plain.ko", "xz.ko.xz"})
        .file(directory + "/kernel/empty.ko", "")
        .file(directory + "/modules.dep",
              "# comment\nkernel/a.ko: kernel/b.ko\n/lib/modules/6.1/kernel/b.ko:\n"
              "extra/c.ko:\nkernel/c.ko:\nkernel/empty.ko:\nkernel/gone.ko:\n"
              "kernel/plain.ko.zst:\nkernel/xz.ko:\n")
        .file(directory + "/modules.builtin", "kernel/e.ko\n")
        .trailer();
    const ModuleSurvey ours = survey(b);
    CHECK(ours.places == Paths{"kernel/a.ko", "kernel/b.ko", "kernel/plain.ko"});
    CHECK(ours.unlisted ==
          Paths{directory + "/kernel/c.ko", directory + "/kernel/d.ko", directory + "/kernel/xz.ko.xz"});
    CHECK(ours.builtin == Paths{"kernel/e.ko"});
    CHECK(ours.knows_builtin);
    CHECK(survey(b, true, "6.2").places.empty());
}

TEST_CASE("of several lists the last one that the kernel unpacks counts") {
    NewcBuilder b;
    add_modules(b, {"a.ko", "b.ko"})
        .file(directory + "/modules.dep", "kernel/a.ko:\nkernel/b.ko:\n")
        .trailer();
    b.file(directory + "/modules.dep", "kernel/b.ko:\n").trailer();
    CHECK(survey(b).places == Paths{"kernel/b.ko"});
    b.file(directory + "/modules.dep", "").trailer();
    CHECK(survey(b).places.empty());
}

TEST_CASE("without modules.dep our init loads nothing, and another may") {
    NewcBuilder b;
    add_modules(b, {"a.ko"}).trailer();
    CHECK(survey(b).places.empty());
    CHECK_FALSE(survey(b).knows_builtin);
    CHECK(survey(b, false).places == Paths{"kernel/a.ko"});
    CHECK(survey(b, false, "").places == Paths{"kernel/a.ko"});
}

TEST_CASE("the init finds no module below usr/lib/modules if lib is a directory of its own") {
    NewcBuilder b;
    add_modules(b, {"a.ko"}).file(directory + "/modules.dep", "kernel/a.ko:\nkernel/b.ko:\n");
    for (const char* path :
         {"usr", "usr/lib", "usr/lib/modules", "usr/lib/modules/6.1", "usr/lib/modules/6.1/kernel"})
        b.directory(path);
    b.file("usr/lib/modules/6.1/kernel/b.ko", "x").trailer();
    CHECK(survey(b).places == Paths{"kernel/a.ko"});
    CHECK(survey(b).unlisted == Paths{"usr/lib/modules/6.1/kernel/b.ko"});
}

TEST_CASE("a module outside kernel/ stands where modules.order has its name") {
    NewcBuilder b;
    add_modules(b, {})
        .directory(directory + "/updates")
        .file(directory + "/updates/igb.ko", "x")
        .file(directory + "/updates/other.ko", "x")
        .file(directory + "/modules.dep", "updates/igb.ko:\nupdates/other.ko:\n")
        .file(directory + "/modules.order", "kernel/drivers/net/ethernet/intel/igb/igb.ko\n")
        .trailer();
    CHECK(survey(b).places == Paths{"kernel/drivers/net/ethernet/intel/igb/igb.ko", "other.ko"});
}
