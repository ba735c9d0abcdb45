// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/bundle_root.hpp"

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
    CHECK(form("").error().first().text == "is empty");
    for (const std::string& other : {std::string("<html>404</html>"), std::string(1024, '\0'),
                                     erofs.substr(0, 1026), std::string("\x1f\x8b\x08 cut off")}) {
        const auto refused = form(other);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().first().text == "is neither a squashfs nor an erofs nor a tarball");
    }
    CHECK_FALSE(read_root_form(dir / "absent"));
}

TEST_CASE("a root that was cut off is not taken for a whole one") {
    const test::TempDir dir;
    const auto form = [&](std::string_view content) {
        return read_root_form(dir.write("root.img", content));
    };
    std::string cut = squashfs;
    cut[41] = '\1'; // 256 bytes used
    CHECK(to_text(form(cut).error().first()) == (dir / "root.img").string() +
                                                    ": is cut off: it has 100 of 256 "
                                                    "bytes (copy or download it again)");
    CHECK(form(cut + std::string(156, '\0')).value() == RootForm::Squashfs);
    cut = erofs;
    cut[1024 + 12] = 12;
    cut[1024 + 36] = 2; // two blocks of 4096 bytes
    CHECK(form(cut).error().first().text == "is cut off: it has 1152 of 8192 bytes");
    CHECK(form(cut + std::string(7040, '\0')).value() == RootForm::Erofs);
    std::string random; // does not get smaller
    for (unsigned value = 1; random.size() < 20000; value = value * 1103515245 + 12345)
        random += static_cast<char>(value >> 16);
    const std::string tar = test::TarBuilder().file("sbin/init", "program").file("large", random).gzip();
    CHECK(form(tar).value() == RootForm::Tarball);
    CHECK_FALSE(form(tar.substr(0, tar.size() / 2)));
}

TEST_CASE("what people have in place of a root is named, with the way to one") {
    const test::TempDir dir;
    const auto refused = [&](std::size_t at, std::string_view magic) {
        std::string content(40000, '\0');
        content.replace(at, magic.size(), magic);
        return read_root_form(dir.write("root.img", content)).error().first().text;
    };
    CHECK(refused(0x8001, "CD001") == "is an ISO 9660 image");
    CHECK(refused(0, "QFI\xfb") == "is a qcow2 disk image");
    CHECK(refused(0x438, "\x53\xef") == "is an ext2, ext3 or ext4 file system");
    CHECK(refused(0, "070701") == "is a cpio archive");
    CHECK(refused(0x1fe, "\x55\xaa") == "is a disk image or a kernel");
    CHECK(refused(0, "\x28\xb5\x2f\xfd").find("compressed with zstd") != std::string::npos);
}

TEST_CASE("a file of this machine becomes the bundle's own root, anything else is for the init") {
    const test::TempDir dir;
    const auto choose = [&](const std::string& root) {
        SiteOptions site;
        site.root = root;
        site.own_apkovl = "x.tar.gz";
        auto chosen = choose_own_root(site);
        if (chosen) CHECK(chosen->has_value() == !site.own_root.empty());
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
