// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/secret_finder.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "temp_dir.hpp"
#include "unprivileged.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

struct Setup {
    test::TempDir dir;
    ImageTree tree;
    BuildRequest request;

    ImageEntry& add(const std::string& path, std::string_view text, unsigned mode, unsigned in_image) {
        const auto source = dir.write("source/" + path, text);
        REQUIRE(::chmod(source.c_str(), mode) == 0);
        ImageEntry entry;
        entry.path = path;
        entry.mode = S_IFREG | in_image;
        entry.size = text.size();
        entry.content = TreePath(source);
        tree.entries.push_back(entry);
        return tree.entries.back();
    }
    std::string found() const {
        const auto secrets = find_secrets(tree, request);
        if (!secrets) return secrets.error().text();
        std::string all;
        for (const Problem& secret : *secrets)
            all += to_text(secret) + '\n';
        return all;
    }
};
std::string with_mode(unsigned mode, unsigned in_image) {
    Setup setup;
    setup.add("etc/file", "text", mode, in_image);
    return setup.found();
}
std::string with_text(const std::string& path, const std::string& text) {
    Setup setup;
    setup.add(path, text, 0644, 0644);
    return setup.found();
}
std::string with_cmdline(const std::string& cmdline) {
    Setup setup;
    setup.tree.config.cmdline = cmdline;
    return setup.found();
}

} // namespace

TEST_CASE("a file that others cannot read is a secret, whoever else can") {
    for (const unsigned mode : {0600U, 0640U, 0660U, 0750U, 0711U, 04711U, 0400U}) {
        INFO(mode);
        CHECK(with_mode(mode, mode) == "etc/file: others may not read it\n");
        CHECK(with_mode(mode, 0644) ==
              "etc/file: others may not read it\n"); // firmware has one mode in images
    }
    for (const unsigned mode : {0644U, 0755U, 0444U, 0604U, 04755U}) {
        INFO(mode);
        CHECK(with_mode(mode, mode).empty());
    }
}

TEST_CASE("directories and links hold no secret of their own, an empty file none at all") {
    Setup setup;
    setup.add("root", "x", 0600, 0600).mode = S_IFDIR | 0700;
    setup.add("link", "x", 0600, 0600).mode = S_IFLNK | 0770;
    setup.add("empty", "", 0600, 0600);
    CHECK(setup.found().empty());
}

TEST_CASE("the own init is no secret, one that the user names may be") {
    Setup setup;
    setup.add("init", "init", 0700, 0755);
    CHECK(setup.found() == "init: others may not read it\n");
    setup.request.plain_init_program = setup.dir / "init-plain";
    CHECK(setup.found().empty());
}

TEST_CASE("keys are known by their words") {
    const std::string pem = "-----BEGIN RSA PRIVATE KEY-----\nabc\n";
    CHECK(with_text("etc/key", "text\n" + pem) == "etc/key: contains a private key\n");
    CHECK(with_text("bin/tool", "\x7f"
                                "ELF" +
                                    pem)
              .empty());
    CHECK(with_text("etc/key", "-----BEGIN CERTIFICATE-----\nabc\n").empty());

    const std::string wireguard = "etc/wireguard/initrd.conf: contains a key of WireGuard\n";
    const std::string interface = "[Interface]\nAddress = 10.0.0.2/24\n";
    CHECK(with_text("etc/wireguard/initrd.conf", interface + "PrivateKey = aGVsbG8=\n") == wireguard);
    CHECK(with_text("etc/wireguard/initrd.conf", interface + "  privatekey=aGVsbG8=\r\n") == wireguard);
    CHECK(with_text("etc/wireguard/initrd.conf", "[Peer]\nPresharedKey = aGVsbG8=\n") == wireguard);
    CHECK(with_text("etc/wireguard/initrd.conf", interface + "# PrivateKey = x\nPublicKey = y\n").empty());
    CHECK(with_text("etc/wireguard/initrd.conf", interface + "PrivateKey =\n").empty());
    CHECK(with_text("usr/share/doc/wg.txt", "PrivateKey = aGVsbG8=\n").empty());

    Setup setup; // a text that mkpxerd put together, such as all of --ca
    setup.add("etc/mkpxerd/ca.pem", "x", 0644, 0644).content = pem;
    CHECK(setup.found() == "etc/mkpxerd/ca.pem: contains a private key\n");
}

TEST_CASE("the key of a disk is known by crypttab, or by the option that names it") {
    Setup setup;
    const std::string random(512, '\x81');
    setup.add("etc/keys/root", random, 0644, 0644);
    setup.add("etc/keys/home", random, 0644, 0644);
    CHECK(setup.found().empty());
    setup.tree.config.cmdline = "rd.luks.key=5c9f=/etc/keys/home:UUID=1";
    CHECK(setup.found() == "etc/keys/home: is the key of an encrypted disk\n");
    setup.tree.config.cmdline = "";
    setup.add("etc/crypttab", "root /dev/sda2 /etc/keys/root luks\n", 0644, 0644);
    CHECK(setup.found() == "etc/keys/root: is the key of an encrypted disk\n");
}

TEST_CASE("a file that only root reaches is a secret, and looking for one is no error") {
    Setup setup;
    setup.add("etc/closed/file", "text", 0644, 0644);
    REQUIRE(::chmod((setup.dir / "source/etc/closed").c_str(), 0700) == 0);
    REQUIRE(::chmod(setup.dir.path().c_str(), 0755) == 0);
    CHECK(setup.found().empty());
    const test::Unprivileged user;
    if (::access((setup.dir / "source/etc/closed").c_str(), X_OK) != 0 && ::getuid() == 0)
        CHECK(setup.found() == "etc/closed/file: others may not read it\n");
}

TEST_CASE("a user in a URL of the baked-in options is a secret, which is not repeated") {
    const std::string secret = "etc/mkpxerd/boot.conf: has a URL with user and password\n";
    CHECK(with_cmdline("quiet apkovl=https://me:pass@10.0.0.1/x.apkovl.tar.gz ip=dhcp") == secret);
    CHECK(with_cmdline("modloop=http://a/b apkovl=https://token@host/x") == secret);
    CHECK(with_cmdline("apkovl=https://host/a@b?mail=c@d").empty());
    CHECK(with_cmdline("apkovl=https://host/x mail=me@host://").empty());
    CHECK(with_cmdline("apkovl=https://@host/x").empty());
}

TEST_CASE("an archive beside the image is as public as its file was") {
    Setup setup;
    const auto archive = setup.dir.write("more.cpio", "x");
    setup.request.append = {archive};
    CHECK(setup.found().empty());
    REQUIRE(::chmod(archive.c_str(), 0640) == 0);
    CHECK(setup.found() == archive.string() + ": others may not read it\n");
}
