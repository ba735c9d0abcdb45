// SPDX-License-Identifier: MIT
// `mkpxerd bundle` and `mkpxerd snippet` as whole command lines, with a packer that keeps the archive as it
// comes.
#include "mkpxerd/cli/bundle/bundle_command.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "bundle_program.hpp"
#include "failure_text.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/deploy/bundle/bundle_directory.hpp"
#include "mkpxerd/deploy/site/loaders.hpp"
#include "tar_builder.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

namespace {

bool has(const std::string& text, const std::string& part) {
    INFO(text);
    INFO(part);
    return text.find(part) != std::string::npos;
}

std::string overlay() {
    return test::TarBuilder().file("etc/hostname", "lab\n").gzip();
}

using Program = test::BundleProgram;

} // namespace

TEST_CASE("a bundle has all that machines load, and sums and hashes that fit") {
    Program program;
    const auto apkovl = program.dir.write("lab.apkovl.tar.gz", overlay());
    REQUIRE(program.make({"--apkovl", apkovl.string()}) == 0);
    CHECK(program.text("vmlinuz") == "kernel");
    CHECK(program.text("lab.apkovl.tar.gz") == overlay());
    CHECK(fs::file_size(program.dir / "bundle/pxerd") > 0);
    const auto sums = deploy::read_sums(program.bundle()).value();
    for (const char* name : {"vmlinuz", "pxerd", "modloop", "lab.apkovl.tar.gz", "boot.ipxe",
                             "pxelinux.cfg/default", "grub/grub.cfg", "snippets/dhcpd.conf"}) {
        INFO(name);
        REQUIRE(sums.contains(name));
        CHECK(sums.at(name) == deploy::file_sha256(program.dir / "bundle" / name).value());
    }
    for (const char* name : {"boot.ipxe", "gpxe-script", "pxelinux.cfg/default",
                             "lpxelinux/pxelinux.cfg/default", "grub/grub.cfg"}) {
        CHECK(has(program.text(name), "/modloop#sha256=" + sums.at("modloop")));
        CHECK(has(program.text(name), "/lab.apkovl.tar.gz#sha256=" + sums.at("lab.apkovl.tar.gz")));
    }
    CHECK(has(program.out.str(), program.bundle() + ": kernel 6.1-test, image "));
    CHECK(has(program.out.str(), "mkpxerd try " + program.bundle()));
}

TEST_CASE("a private apkovl is private in the bundle, and said to be, unless that is allowed") {
    Program program;
    const auto apkovl = program.dir.write("lab.apkovl.tar.gz", overlay());
    const auto mode = [&](const char* name) {
        return fs::status(program.dir / "bundle" / name).permissions();
    };
    fs::permissions(apkovl, fs::perms(0644));
    REQUIRE(program.make({"--apkovl", apkovl.string()}) == 0);
    CHECK(mode("lab.apkovl.tar.gz") == fs::perms(0644));
    fs::permissions(apkovl, fs::perms(0640));
    REQUIRE(program.make({"--apkovl", apkovl.string()}) == 0);
    CHECK(mode("lab.apkovl.tar.gz") == fs::perms(0600));
    CHECK(has(program.err.str(),
              "mkpxerd: warning: " + apkovl.string() +
                  ": others may not read it: lab.apkovl.tar.gz has mode 0600 in the bundle (give "
                  "it to the web server by chown, or use --allow-secrets)\n"));
    CHECK(program.make({"--apkovl", apkovl.string(), "--mode", "0644"}) == 1);
    CHECK(has(program.err.str(), "others may not read it, but mode 0644 lets others read it"));
    REQUIRE(program.make({"--apkovl", apkovl.string(), "--mode", "0644", "--allow-secrets"}) == 0);
    CHECK(mode("lab.apkovl.tar.gz") == fs::perms(0644));

    const auto kernel = program.dir.write("vmlinuz", "kernel");
    fs::permissions(kernel, fs::perms(0600));
    REQUIRE(program.make({"--kernel", kernel.string()}) == 0);
    CHECK(mode("vmlinuz") == fs::perms(0600));
    fs::permissions(program.kernel.dir() / "boot/vmlinuz-6.1-test", fs::perms(0600)); // as Ubuntu has its own
    REQUIRE(program.make() == 0);
    CHECK(mode("vmlinuz") == fs::perms(0644));
    CHECK(has(program.err.str(), "vmlinuz-6.1-test: others may not read it, but in the bundle they may\n"));
}

TEST_CASE("secrets that a bundle gives to everybody are named") {
    Program program;
    const auto apkovl = program.dir.write(
        "lab.apkovl.tar.gz",
        test::TarBuilder().file("etc/key.pem", "-----BEGIN PRIVATE KEY-----\nMII\n").gzip());
    fs::permissions(apkovl, fs::perms(0644));
    REQUIRE(program.make({"--apkovl", apkovl.string(), "--cmdline", "modloop=http://me:pass@host/x"}) == 0);
    CHECK(has(program.err.str(),
              ": etc/key.pem: contains a private key (anybody who reaches the server can read it)\n"));
    CHECK(has(program.err.str(),
              "boot.ipxe: has a URL with user and password (anybody who reaches the server can read it)"));
}

TEST_CASE("the same input gives the same bundle, byte for byte") {
    Program program;
    REQUIRE(program.make() == 0);
    const std::string sums = program.text("SHA256SUMS");
    REQUIRE(program.make() == 0);
    CHECK(program.text("SHA256SUMS") == sums);
}

TEST_CASE("modules are compressed again only when they changed, or the modloop did") {
    Program program;
    const std::string record = (program.dir / "compressed").string();
    const test::FakeProgram packer("mksquashfs", "cat >\"$2\"; echo x >>'" + record + "'");
    const auto compressed = [&] { return read_file(record).value_or("").size() / 2; };
    REQUIRE(program.make() == 0);
    CHECK(compressed() == 1);
    const std::string sums = program.text("SHA256SUMS");
    REQUIRE(program.make() == 0);
    CHECK(compressed() == 1);
    CHECK(program.text("SHA256SUMS") == sums);
    program.dir.write("bundle/modloop", "half of it");
    REQUIRE(program.make() == 0);
    CHECK(compressed() == 2);
    CHECK(program.text("SHA256SUMS") == sums);
    program.kernel.module("kernel/fs/nfs/more.ko");
    program.kernel.depmod();
    REQUIRE(program.make() == 0);
    CHECK(compressed() == 3);
    CHECK(program.text("SHA256SUMS") != sums);
}

TEST_CASE("a snippet alone is what the bundle has, hashes included") {
    Program program;
    const auto apkovl = program.dir.write("lab.apkovl.tar.gz", overlay()).string();
    const bool has_grub = bool(deploy::check_loaders(deploy::find_loaders("/"), {"grub"}));
    const std::string loader = has_grub ? "grub" : "ipxe"; // what is not installed is refused
    if (!has_grub && !deploy::check_loaders(deploy::find_loaders("/"), {"ipxe"})) return;
    REQUIRE(program.make({"--apkovl", apkovl, "--gateway", "10.0.0.254", "--loader", loader}) == 0);
    for (const auto& [name, place] :
         {std::pair("dhcpd.conf", "snippets/dhcpd.conf"), std::pair("grub.cfg", "grub/grub.cfg"),
          std::pair("pxelinux", "pxelinux.cfg/default")}) {
        REQUIRE(program.run({"snippet", name, "--server", "10.0.0.1", "-o", program.bundle(), "--apkovl",
                             apkovl, "--gateway", "10.0.0.254", "--loader", loader}) == 0);
        CHECK(program.out.str() == program.text(place));
    }
    // Without the sum of its modloop the line would have it unchecked.
    program.dir.write("bundle/SHA256SUMS", "x  modloop\n");
    CHECK(program.run({"snippet", "pxelinux", "--server", "10.0.0.1", "-o", program.bundle()}) == 1);
    CHECK(has(program.err.str(), "SHA256SUMS:1: is not the SHA-256 sum"));
    CHECK(program.run({"snippet", "exports", "--server", "10.0.0.1", "--root", "nfs:10.0.0.1:/srv/root"}) ==
          0);
    CHECK(has(program.out.str(), "/srv/root 10.0.0.0/24(ro,"));
}

TEST_CASE("a loader's script warns of what the init refuses or overlooks in its line") {
    Program program;
    const auto said = [&](const std::string& name, const std::string& option) {
        CHECK(program.run({"snippet", name, "--server", "10.0.0.1", "--cmdline", option}) == 0);
        return program.err.str();
    };
    for (const char* name : {"boot.ipxe", "gpxe-script", "pxelinux", "lpxelinux", "grub.cfg"}) {
        CHECK(said(name, "rot=x") ==
              "mkpxerd: warning: command line: rot: unknown option (did you mean root?)\n");
        CHECK(has(said(name, "root=nsf:10.0.0.1:/x"),
                  "mkpxerd: warning: command line: root=nsf:10.0.0.1:/x: is a path"));
        CHECK(said(name, "quiet").empty());
    }
    CHECK(said("nginx.conf", "rot=x").empty());
}

TEST_CASE("snippets without a name, and --list, list them") {
    Program program;
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"snippet"}, {"snippet", "--list"}, {"snippet", "nginx.conf", "--list"}}) {
        CHECK(program.run(arguments) == 0);
        CHECK(has(program.out.str(), "dhcpd.conf "));
        const std::string list = program.out.str();
        CHECK(std::count(list.begin(), list.end(), '\n') == 13);
    }
}

TEST_CASE("bad input of a bundle is a clear error, and the old bundle stays as it was") {
    Program program;
    REQUIRE(program.make() == 0);
    program.dir.write("bundle/mac/52-54-00-12-34-56.ipxe", "theirs");
    const std::string sums = program.text("SHA256SUMS");
    program.dir.write("x.apkovl.tar.gz.txt", "overlay");
    program.dir.write("a b.tar.gz", "overlay");
    program.dir.write("cut.tar.gz", overlay().substr(0, overlay().size() - 8));
    struct Case {
        std::vector<std::string> arguments;
        int code;
        std::string said;
    };
    const std::vector<Case> cases = {
        {{"--server", "10.0.0"}, 1, "mkpxerd: --server: 10.0.0 is neither an IPv4 address nor"},
        {{"--loader", "lilo"},
         1,
         "mkpxerd: --loader lilo: is not one of ipxe, snponly, pxelinux, lpxelinux, grub"},
        {{"--kernel", "/nonexistent"}, 1, "mkpxerd: /nonexistent: is not a file"},
        {{"--cmdline", "a=it's"}, 1, "mkpxerd: kernel options: have ' in a=it's, which GRUB changes"},
        {{"--root", "nfs:10.0.0.1:/srv/my root"}, 1, "mkpxerd: --root nfs:10.0.0.1:/srv/my root: has a char"},
        {{"--cmdline", "a=\"b"}, 1, "mkpxerd: kernel options: have a line break or an open quote"},
        {{"--apkovl", "/nonexistent.tar.gz"},
         1,
         "mkpxerd: /nonexistent.tar.gz: is neither a file of this machine nor a URL"},
        {{"--apkovl", "nonexistent.tar.gz"},
         1,
         "mkpxerd: nonexistent.tar.gz: is neither a file of this machine nor a URL"},
        {{"--apkovl", (program.dir / "x.apkovl.tar.gz.txt").string()}, 1, "its name does not end in .tar.gz"},
        {{"--apkovl", (program.dir / "a b.tar.gz").string()}, 1, "its name cannot be part of a URL"},
        {{"--apkovl", (program.dir / "cut.tar.gz").string()}, 1, "cut.tar.gz: "},
        {{"-F", "none"}, 1, "none"},
        {{"9.9-none"}, 1, "9.9-none"},
        {{"--max-size", "1"}, 1, " over the limit of 1"},
        {{"--bogus"}, 2, "--bogus"},
    };
    for (const Case& bad : cases) {
        INFO(bad.said);
        std::vector<std::string> arguments = {"bundle", "-o", program.bundle(), "-b",
                                              program.kernel.dir().path().string()};
        if (bad.arguments.front() != "--server") arguments.insert(arguments.end(), {"--server", "10.0.0.1"});
        if (bad.arguments.front() != "-F") arguments.insert(arguments.end(), {"-p", "network"});
        arguments.insert(arguments.end(), bad.arguments.begin(), bad.arguments.end());
        CHECK(program.run(arguments) == bad.code);
        CHECK(has(program.err.str(), bad.said));
        CHECK(program.text("SHA256SUMS") == sums);
        CHECK(deploy::file_sha256(program.dir / "bundle/pxerd").value() ==
              deploy::read_sums(program.bundle()).value().at("pxerd"));
        for (const auto& item : fs::directory_iterator(program.bundle()))
            CHECK_FALSE(item.path().filename().string().starts_with(".mkpxerd-bundle."));
    }
    CHECK(program.run({"bundle"}) == 2);
    CHECK(has(program.err.str(), "--output is required"));
}

TEST_CASE("a packer that is missing or fails: the old bundle stays") {
    Program program;
    REQUIRE(program.make() == 0);
    const std::string sums = program.text("SHA256SUMS");
    const test::FakeProgram broken("mksquashfs", "echo disk full; exit 1");
    program.kernel.module("kernel/fs/nfs/more.ko");
    program.kernel.depmod();
    CHECK(program.make() == 1);
    CHECK(has(program.err.str(), "mkpxerd: mksquashfs: failed with 1: disk full"));
    CHECK(program.text("SHA256SUMS") == sums);
    REQUIRE(program.make({"--no-modloop"}) == 0);
    CHECK_FALSE(fs::exists(program.dir / "bundle/modloop"));
    CHECK_FALSE(has(program.text("boot.ipxe"), "modloop="));
}

TEST_CASE("a directory that is no bundle is not touched") {
    Program program;
    program.dir.write("bundle/letter", "mine");
    CHECK(program.make() == 1);
    CHECK(
        has(program.err.str(), "exists and is not a bundle, so it is not replaced (name another directory)"));
    CHECK(program.text("letter") == "mine");
    CHECK(std::distance(fs::directory_iterator(program.bundle()), fs::directory_iterator()) == 1);
}

TEST_CASE("a directory with sums of somebody else is not touched either") {
    Program program;
    program.dir.write("bundle/SHA256SUMS", "00  vmlinuz\n");
    program.dir.write("bundle/vmlinuz", "mine");
    CHECK(program.make() == 1);
    CHECK(
        has(program.err.str(), "exists and is not a bundle, so it is not replaced (name another directory)"));
    CHECK(program.text("vmlinuz") == "mine");
    CHECK(std::distance(fs::directory_iterator(program.bundle()), fs::directory_iterator()) == 2);
}

TEST_CASE("an apkovl of the user's in the bundle's own directory outlives a run that names another") {
    Program program;
    REQUIRE(program.make() == 0);
    const auto mine = program.dir.write("bundle/mine.apkovl.tar.gz", overlay()).string();
    const auto other = program.dir.write("other.apkovl.tar.gz", overlay()).string();
    REQUIRE(program.make({"--apkovl", mine}) == 0);
    CHECK(has(program.text("boot.ipxe"), "/mine.apkovl.tar.gz#sha256="));
    REQUIRE(program.make({"--apkovl", other}) == 0);
    CHECK(program.text("mine.apkovl.tar.gz") == overlay());
    REQUIRE(program.make() == 0);
    CHECK_FALSE(fs::exists(program.dir / "bundle/other.apkovl.tar.gz"));
    CHECK(program.text("mine.apkovl.tar.gz") == overlay());
}

TEST_CASE("an apkovl of /etc alone and an image without apk: a word about it, and only then") {
    Program program;
    const auto archive = [&](const std::string& name, const test::TarBuilder& tar) {
        return program.dir.write(name, tar.gzip()).string();
    };
    const auto etc = archive("etc.apkovl.tar.gz", test::TarBuilder().file("etc/hostname", "pxe"));
    const auto whole = archive("whole.apkovl.tar.gz", test::TarBuilder().file("./sbin/init", "program"));
    const auto merged =
        archive("merged.apkovl.tar.gz", test::TarBuilder().symlink("usr/sbin/init", "busybox"));
    const std::string said = etc + ": has no /sbin/init, and the image has no apk to install one: it will "
                                   "not boot (--profile diskless-alpine with -b ALPINE_TREE and --repo or "
                                   "--alpine-dev)";
    REQUIRE(program.make({"--apkovl", etc}) == 0);
    CHECK(has(program.err.str(), said));
    for (const std::vector<std::string>& quiet :
         std::vector<std::vector<std::string>>{{"--apkovl", whole},
                                               {"--apkovl", merged},
                                               {"--apkovl", etc, "--cmdline", "init=/etc/hostname"},
                                               {"--apkovl", etc, "--root", "http://10.0.0.1/root.squashfs"},
                                               {"--apkovl", "http://10.0.0.1/{MAC}.apkovl.tar.gz"}}) {
        REQUIRE(program.make(quiet) == 0);
        CHECK_FALSE(has(program.err.str(), "will not boot"));
    }
    REQUIRE(program.make({"--apkovl", whole, "--cmdline", "init=/bin/other"}) == 0);
    CHECK(has(program.err.str(), "has no /bin/other"));
    program.kernel.dir().write("share/mkpxerd/features.d/apk.files", "sbin/apk\n");
    program.kernel.dir().write("sbin/apk", "#!/bin/sh\n");
    fs::create_directory(program.kernel.dir() / "bin");
    fs::create_symlink("/bin/true", program.kernel.dir() / "bin/sh");
    REQUIRE(program.make({"--apkovl", etc, "-F", "nfs apk"}) == 0);
    CHECK_FALSE(has(program.err.str(), "will not boot"));
}

TEST_CASE("a trial of a bundle takes no other kernel") {
    Program program;
    REQUIRE(program.make() == 0);
    CHECK(program.run({"try", program.bundle(), "--append", "quiet", "--cmdline", "quiet"}) ==
          2); // one option
    CHECK(has(program.err.str(), "--append: is the old name of --cmdline: give one of them"));
    CHECK(program.run({"try", program.bundle(), "--kernel", "/boot/vmlinuz"}) == 2);
    CHECK(
        has(program.err.str(), "mkpxerd: --kernel is for an image; the bundle " + program.bundle() + " has"));
}
