// SPDX-License-Identifier: MIT
#include "mkpxerd/image/foreign_formats.hpp"

#include <catch2/catch.hpp>

#include "compressed.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "newc_builder.hpp"
#include "tar_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using test::bytes_of;

namespace {

std::string error_of(const std::string& file) {
    const auto read = read_entries(bytes_of(file), "f");
    CHECK_FALSE(may_be_image(bytes_of(file)));
    return read ? "" : read.error().text();
}

std::string at(std::size_t place, std::string_view magic) {
    return std::string(place, '\0') + std::string(magic) + std::string(100, '\0');
}

} // namespace

TEST_CASE("what is no initrd is named by its first bytes") {
    CHECK(error_of("\xd0\x0d\xfe\xed....") ==
          "f: is a flattened image tree, not an initrd (take the RAM disk out of it: dumpimage -T flat_dt)");
    CHECK(error_of("ANDROID!....").starts_with("f: is a boot image of Android"));
    CHECK(error_of("hsqs....").starts_with("f: is a squashfs, not an initrd"));
    CHECK(error_of(read_file("/bin/true").value()) ==
          "f: is a program, library or module (ELF), not an initrd");
    const std::string tar = test::TarBuilder().file("a", "b").tar();
    CHECK(error_of(tar).starts_with("f: is a tar archive, not an initrd"));
    CHECK(error_of(at(0x202, "HdrS")) == "f: is a kernel, not an initrd (name its initrd)");
    CHECK(error_of(at(0x400, "\xe2\xe1\xf5\xe0")).starts_with("f: is an erofs"));
    CHECK(error_of(at(0x438, "\x53\xef")).starts_with("f: is a file system of the kind ext2"));
    CHECK(error_of(at(0x8001, "CD001")).starts_with("f: is an image of a CD"));
    CHECK(error_of("<html>not found</html>").starts_with("f: is a page of HTML or XML, not an initrd ("));
    CHECK(error_of("#!/bin/sh\n") == "f: is text, not an initrd");
    CHECK(error_of("\x01\x02\x03") == "f: neither an archive nor compressed data at byte 0");
}

TEST_CASE("so is what a compressed file unpacks to") {
    const auto error = [](const std::string& content) {
        const std::string file = test::compressed(content, wrap::Format::Gzip);
        CHECK(may_be_image(bytes_of(file))); // nothing was unpacked
        return read_entries(bytes_of(file), "f").error().text();
    };
    CHECK(error(test::TarBuilder().file("a", "b").tar()) ==
          "f: is not an initrd: it unpacks (gzip) to a tar archive (tar lists and unpacks it)");
    CHECK(error("\x7f"
                "ELF...") == "f: is not an initrd: it unpacks (gzip) to a program, library or module (ELF)");
    CHECK(error("\x01\x02").find("no cpio header at byte 0") != std::string::npos);
}

TEST_CASE("an initrd is never taken for something else") {
    const std::string archive =
        test::NewcBuilder().file("a", std::string(0x500, '\x53') + "\xef").trailer().text();
    for (const std::string& file :
         {archive, std::string(512, '\0') + archive, test::compressed(archive, wrap::Format::Zstd)}) {
        CHECK(may_be_image(bytes_of(file)));
        CHECK(read_entries(bytes_of(file), "f"));
        CHECK_FALSE(recognize_foreign(bytes_of(file)));
    }
}
