// SPDX-License-Identifier: MIT
#include "mkpxerd/image/secret_check.hpp"

#include <catch2/catch.hpp>

#include "newc_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

const std::string key = "-----BEGIN PRIVATE KEY-----\nMII\n";

std::string found(const NewcBuilder& builder) {
    const std::string image = builder.text();
    const auto secrets = find_secrets(std::as_bytes(std::span(image)), "x.img");
    if (!secrets) return secrets.error().text();
    std::string all;
    for (const Problem& secret : *secrets)
        all += to_text(secret) + '\n';
    return all;
}

} // namespace

TEST_CASE("an image tells its secrets by path, each once, programs and modules none") {
    NewcBuilder b;
    b.file("etc/key", key)
        .file("etc/key", key)
        .file("etc/hosts", "127.0.0.1 localhost\n")
        .file("empty", "", 0600);
    b.file("etc/late", std::string(10000, 'a') + "\n" + key).file("lib/modules/6.1/kernel/x.ko", key);
    b.file("bin/tool", "\x7f"
                       "ELF" +
                           key)
        .file("etc/private", "text", 0640)
        .trailer();
    CHECK(found(b) == "etc/key: contains a private key\netc/late: contains a private key\n"
                      "etc/private: others may not read it\n");
}

TEST_CASE("the key of a disk in an image is known by crypttab, wherever that stands") {
    NewcBuilder b;
    b.file("boot/key", std::string(64, '\x81'))
        .file("etc/crypttab", "a /dev/sda2 /boot/key luks\n")
        .trailer();
    CHECK(found(b) == "boot/key: is the key of an encrypted disk\n");
}

TEST_CASE("a secret that a later entry covers can be read out of the image all the same") {
    NewcBuilder b;
    b.file("etc/file", key).file("etc/file", "public").trailer();
    CHECK(found(b) == "etc/file: contains a private key\n");
}

TEST_CASE("archives around an image are named with what they hold, and streams are left alone") {
    const TempDir dir;
    const auto archive = dir.write("more.cpio", NewcBuilder().file("etc/key", key).trailer().text());
    const auto broken = dir.write("broken.cpio", "070701 no archive");
    const auto secrets = find_archive_secrets({broken, dir / "none"}, {archive, "/dev/null"});
    REQUIRE(secrets.size() == 1);
    CHECK(secrets[0].object == archive.string() + ": etc/key");
}
