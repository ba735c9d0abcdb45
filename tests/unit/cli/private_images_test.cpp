// SPDX-License-Identifier: MIT
// Secrets and keys that come into an image, and the mode that it then has.
#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>

#include "failure_text.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd_program.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using test::Program;

TEST_CASE("a private key in the image makes it private, and a public mode is refused") {
    Program program;
    program.kernel.dir().write("share/mkpxerd/features.d/key.files", "/etc/key.pem\n");
    program.kernel.dir().write("etc/key.pem", "-----BEGIN RSA PRIVATE KEY-----\nabc\n");
    const std::vector<std::string> build = {"-b", program.root(), "-o", program.image(), "-F", "key"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), build.begin(), build.end());
        return more;
    };
    CHECK(program.run(build) == 0);
    CHECK(program.err.str().starts_with(
        "mkpxerd: note: etc/key.pem: contains a private key: the image has mode "
        "0600\nmkpxerd: note: a server"));
    CHECK((std::filesystem::status(program.image()).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK(program.run(with({"--mode", "0644"})) == 1);
    CHECK(program.run(with({"--mode", "0644", "--allow-secrets"})) == 0);
    CHECK(program.run(with({"--mode", "0999"})) == 1);
}

TEST_CASE("secrets in an archive beside the image keep it private") {
    Program program;
    test::NewcBuilder b;
    b.directory("etc").file("etc/key.pem", "-----BEGIN PRIVATE KEY-----\nMII\n").trailer();
    const auto archive = program.kernel.dir().write("more.cpio", b.text());
    std::filesystem::permissions(archive, std::filesystem::perms(0644));
    REQUIRE(program.run({"-b", program.root(), "-o", program.image(), "-F", "nfs", "--append",
                         archive.string()}) == 0);
    CHECK(program.err.str().find("note: " + archive.string() +
                                 ": etc/key.pem: contains a private key: the image") != std::string::npos);
    CHECK(std::filesystem::status(program.image()).permissions() == std::filesystem::perms(0600));
}

TEST_CASE("an archive beside the image brings no file that is no key among the keys") {
    Program program;
    test::NewcBuilder b;
    b.directory("etc/mkpxerd/keys").file("etc/mkpxerd/keys/site.pem", "text").trailer();
    const auto archive = program.kernel.dir().write("more.cpio", b.text());
    const std::vector<std::string> rest = {"-b", program.root(), "-o",       program.image(),
                                           "-F", "nfs",          "--append", archive.string()};
    program.kernel.dir().write("image", "old");
    CHECK(program.run(rest) == 1);
    const std::string told = archive.string() + ": /etc/mkpxerd/keys/site.pem: ";
    CHECK(program.err.str().find("mkpxerd: " + told) != std::string::npos);
    CHECK(read_file(program.image()).value() == "old");
    std::vector<std::string> lint = {"lint", "quiet"};
    std::ranges::copy_if(rest, std::back_inserter(lint),
                         [&](const std::string& word) { return word != "-o" && word != program.image(); });
    CHECK(program.run(lint) == 1);
    CHECK(program.out.str().find("error: " + told) != std::string::npos);
    // As a finished image, too.
    CHECK(program.run({"lint", "quiet", archive.string()}) == 1);
    CHECK(program.out.str().find("error: /etc/mkpxerd/keys/site.pem: ") != std::string::npos);
}

TEST_CASE("a key that an archive brings asks for an init with TLS, and is an error in an image without one") {
    Program program;
    program.kernel.dir().write("lib/mkpxerd/init-plain", "without");
    test::NewcBuilder b;
    // RFC 8032 7.1, test 3.
    b.directory("etc/mkpxerd").directory("etc/mkpxerd/keys");
    b.file("etc/mkpxerd/keys/site", "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=\n").trailer();
    const auto archive = program.kernel.dir().write("key.cpio", b.text());
    const auto init_of = [&](std::vector<std::string> more) {
        more.insert(more.end(), {"-b", program.root(), "-o", program.image(), "-F", "nfs", "-C", "none"});
        REQUIRE(program.run(more) == 0);
        REQUIRE(program.run({"cat", program.image(), "init"}) == 0);
        return program.out.str();
    };
    CHECK(init_of({"--append", archive.string()}) == "init");
    CHECK(init_of({"--prepend", archive.string()}) == "init");
    CHECK(init_of({}) == "without");
    // Appended by hand, it comes too late.
    const std::string image = read_file(program.image()).value();
    const auto longer = program.kernel.dir().write("longer", image + b.text());
    CHECK(program.run({"lint", "--cmdline", "quiet", longer.string()}) == 1);
    CHECK(program.out.str().find("error: /etc/mkpxerd/keys: the image's /init was built without TLS") !=
          std::string::npos);
}

TEST_CASE("whatever way a secret takes into the image, others may not read the image") {
    Program program;
    const auto [name, arguments] = GENERATE(table<std::string, std::vector<std::string>>({
        {"etc/shadow", {"-F", "shadow"}},
        {"own/fstab", {"-F", "nfs", "-f", "@own/fstab"}},
        {"", {"-F", "nfs", "--cmdline", "apkovl=https://me:pass@10.0.0.1/x.apkovl.tar.gz"}},
    }));
    program.kernel.dir().write("share/mkpxerd/features.d/shadow.files", "/etc/shadow\n");
    std::vector<std::string> build = {"-b", program.root(), "-o", program.image()};
    for (std::string argument : arguments)
        build.push_back(argument.starts_with('@') ? program.root() + '/' + argument.substr(1) : argument);
    if (!name.empty())
        std::filesystem::permissions(program.kernel.dir().write(name, "root:x"),
                                     std::filesystem::perms(0640));
    INFO(name);
    CHECK(program.run(build) == 0);
    CHECK(program.err.str().find(": the image has mode 0600\n") != std::string::npos);
    CHECK(program.err.str().find("pass@") == std::string::npos);
    CHECK(std::filesystem::status(program.image()).permissions() == std::filesystem::perms(0600));
    build.insert(build.end(), {"--mode", "0644"});
    CHECK(program.run(build) == 1);
}
