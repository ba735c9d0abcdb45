// SPDX-License-Identifier: MIT
// What `bundle` checks, refuses and reports; bundle_command_test has the files of a bundle.
#include "mkpxerd/cli/bundle/bundle_maker.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "bundle_program.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/deploy/bundle/bundle_directory.hpp"
#include "tar_builder.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

namespace {

using Program = test::BundleProgram;

unsigned mode_of(const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
}

} // namespace

TEST_CASE("an error of lint is an error of bundle, and nothing is published") {
    Program program;
    CHECK(program.make({"--cmdline", "vlan=5 rd.shell"}) == 1);
    CHECK(program.said("mkpxerd: vlan: "));
    CHECK_FALSE(fs::exists(program.dir / "bundle"));
    // Options that are baked into the image count as well.
    program.kernel.dir().write("share/mkpxerd/profiles/live.yaml",
                               "extends: network\ncmdline: \"ip=dhcp overlaytmpfs\"\n");
    CHECK(program.make({"-p", "live"}) == 1);
    CHECK(program.said("asks for nothing to boot"));
    CHECK_FALSE(program.said("overlaytmpfs")); // it would have its root
    program.kernel.dir().write("share/mkpxerd/profiles/vlan.yaml", "extends: network\ncmdline: vlan=5\n");
    CHECK(program.make({"-p", "vlan"}) == 1);
    CHECK(program.said("profiles/vlan.yaml:2: vlan: ")); // found before there is an image
    CHECK_FALSE(program.said("/proc/"));
    REQUIRE(program.make({"-p", "live", "--root", "http://10.0.0.1/live.squashfs"}) == 0);
    CHECK(program.text("boot.ipxe").find("root=${base}/live.squashfs") != std::string::npos);
    REQUIRE(program.make({"--cmdline", "rd.shell"}) == 0);
    CHECK(program.said("mkpxerd: warning: rd.shell: is not used by this init"));
    CHECK(program.said("mkpxerd: warning: command line: asks for nothing to boot"));
}

TEST_CASE("lint of a bundle checks what its scripts hand out, with its image") {
    Program program;
    const std::string bundle = (program.dir / "bundle").string();
    REQUIRE(program.make({"--apkovl", "http://10.0.0.1/{MAC}.apkovl.tar.gz", "--cmdline", "quiet"}) == 0);
    CHECK(program.run({"lint", bundle}) == 0);
    CHECK(program.out.str() == "errors: 0, warnings: 0\n");
    program.dir.write("bundle/mac/52-54-00-00-00-01.ipxe", "#!ipxe\nset more bond=x\n");
    CHECK(program.run({"lint", bundle}) == 1);
    CHECK(program.out.str().starts_with("error: bond in mac/52-54-00-00-00-01.ipxe: asks for a network"));
    CHECK(program.out.str().find("hands out other options") == std::string::npos);
    program.dir.write("bundle/mac/52-54-00-00-00-01.ipxe",
                      "#!ipxe\nset more ip=10.0.0.7::10.0.0.254:24::eth0:off\n");
    CHECK(program.run({"lint", bundle}) == 0);
    CHECK(program.out.str() == "errors: 0, warnings: 0\n"); // it replaces options on purpose
    program.dir.write("bundle/mac/52-54-00-00-00-01.ipxe", "#!ipxe\nset archive host7\n");
    CHECK(program.run({"lint", bundle}) == 1);
    CHECK(
        program.out.str().starts_with("error: mac/52-54-00-00-00-01.ipxe: the bundle has no archive host7"));
    program.dir.write("bundle/mac/52-54-00-00-00-01.ipxe",
                      "#!ipxe\nset more modloop=${base}/pxerd#sha256=" + std::string(64, '0') + "\n");
    CHECK(program.run({"lint", bundle}) == 1);
    CHECK(program.out.str().find(
              "error: modloop in mac/52-54-00-00-00-01.ipxe: has the hash of another pxerd") !=
          std::string::npos);
    fs::remove_all(program.dir / "bundle/mac");
    // Somebody edits a script.
    const std::string script = program.text("boot.ipxe");
    std::string edited = script;
    edited.replace(edited.find("ip=dhcp"), 7, "ip=dhcp vlan=5 root=/dev/sda1");
    program.dir.write("bundle/boot.ipxe", edited);
    fs::remove_all(program.dir / "bundle/lpxelinux");
    fs::remove_all(program.dir / "bundle/pxelinux.cfg");
    program.dir.write("bundle/grub/grub.cfg", "linux /vmlinuz ip=dhcp bond=x vlan=5\n");
    fs::remove(program.dir / "bundle/gpxe-script");
    CHECK(program.run({"lint", bundle}) == 1);
    INFO(program.out.str());
    const auto said = [&](const std::string& text) {
        return program.out.str().find(text) != std::string::npos;
    };
    CHECK(said("error: vlan: asks for a network"));
    CHECK(said("error: root: needs a driver of disks named sd*"));
    CHECK(said("warning: grub/grub.cfg: hands out other options than boot.ipxe (ip=dhcp bond=x vlan=5)"));
    CHECK(said("error: bond in grub/grub.cfg: asks for a network"));
    CHECK_FALSE(said("vlan in"));
    // A line of its own, with the image of the bundle.
    CHECK(program.run({"lint", "root=/dev/sda1", bundle}) == 1);
    CHECK(said("error: root: needs a driver of disks named sd*"));
    CHECK_FALSE(said("vlan"));
    CHECK(program.run({"lint", bundle, "-F", "nfs"}) == 2);
    // Another directory.
    CHECK(program.run({"lint", program.dir.path().string()}) == 1);
    CHECK(program.said("is not a bundle: it has no boot.ipxe (mkpxerd bundle creates one)"));
}

TEST_CASE("a misspelt word in etc/mkpxerd.d is named once") {
    Program program;
    program.kernel.dir().write("share/mkpxerd/features.d/own.files", "/etc/mkpxerd.d/10.conf\n");
    program.kernel.dir().write("etc/mkpxerd.d/10.conf", "modlop=x\n");
    REQUIRE(program.make({"-F", "+own", "--apkovl", "http://10.0.0.1/x.tar.gz"}) == 0);
    const auto first = program.err.str().find("modlop: unknown option");
    CHECK(first != std::string::npos);
    CHECK(program.err.str().find("modlop: unknown option", first + 1) == std::string::npos);
}

TEST_CASE("site, line and image name their problems together") {
    Program program;
    program.kernel.dir().write("share/mkpxerd/features.d/own.files", "/no/such/file\n");
    CHECK(program.make({"-F", "+own", "--cmdline", "vlan=5"}) == 1);
    CHECK(program.said("/no/such/file"));
    CHECK(program.said("vlan: asks for a network"));
    program.kernel.dir().write("share/mkpxerd/profiles/live.yaml",
                               "extends: network\ncmdline: \"mkpxerd.timeout=never\"\n");
    CHECK(program.make({"-p", "live", "-F", "+own", "--cmdline", "vlan=5"}) == 1);
    CHECK(program.said("/no/such/file"));
    CHECK(program.said("profiles/live.yaml:2: mkpxerd.timeout=never: "));
    CHECK(program.said("vlan: asks for a network"));
    CHECK(program.make({"-p", "live", "--gateway", "10.9.9.9"}) == 1);
    CHECK(program.said("10.9.9.9"));
    CHECK(program.said("profiles/live.yaml:2: mkpxerd.timeout=never: "));
    CHECK_FALSE(fs::exists(program.dir / "bundle"));
}

TEST_CASE("a root that is a file goes into the bundle, pinned, and what it is decides what the image needs") {
    Program program;
    const auto root = program.dir.write("live.img", "hsqs" + std::string(96, '\0')).string();
    REQUIRE(program.make({"--root", root}) == 0);
    const std::string sum = deploy::file_sha256(root).value();
    CHECK(program.text("boot.ipxe").find("/live.img#sha256=" + sum) != std::string::npos);
    CHECK(deploy::file_sha256(program.dir / "bundle/live.img").value() == sum);
    CHECK(deploy::read_sums(program.dir / "bundle")->at("live.img") == sum);
    CHECK(program.out.str().find(", root, modloop\n") != std::string::npos);
    REQUIRE(program.run({"snippet", "pxelinux", "--server", "10.0.0.1", "-o",
                         (program.dir / "bundle").string(), "--root", root}) == 0);
    CHECK(program.out.str() == program.text("pxelinux.cfg/default"));
    // Neither the name nor the line says so, but the image lacks erofs.
    program.dir.write("live.img", std::string(1024, '\0') + "\xe2\xe1\xf5\xe0" + std::string(64, '\0'));
    CHECK(program.make({"--root", root}) == 1);
    CHECK(program.said("root: needs erofs"));
    CHECK(deploy::file_sha256(program.dir / "bundle/live.img").value() == sum);
    const auto archive =
        program.dir.write("system.tgz", test::TarBuilder().file("sbin/init", "program").gzip()).string();
    REQUIRE(program.make({"--root", archive}) == 0);
    CHECK_FALSE(fs::exists(program.dir / "bundle/live.img"));
    CHECK(program.make({"--root", program.dir.write("pxerd", "hsqs").string()}) == 1);
    CHECK(program.said("has the name of a file that every bundle contains (rename it)"));
}

TEST_CASE("an image that no web server can read is named, with the way out") {
    Program program;
    const std::string warning =
        (program.dir / "bundle/pxerd").string() +
        ": has mode 0600: only a server that runs as its owner can serve it (give it to that "
        "user by chown, or use --allow-secrets)\n";
    program.kernel.dir().write("share/mkpxerd/features.d/nfs.files", "etc/wg0.conf\n");
    program.kernel.dir().write("etc/wg0.conf", "PrivateKey = AAAA=\n");
    REQUIRE(program.make() == 0);
    CHECK(program.said(warning));
    CHECK(mode_of(program.dir / "bundle/pxerd") == 0600);
    REQUIRE(program.make({"--allow-secrets"}) == 0);
    CHECK_FALSE(program.said(warning));
    CHECK(mode_of(program.dir / "bundle/pxerd") == 0644);
    for (const auto& options :
         {std::vector<std::string>{"--mode", "0600"}, {"--mode", "600", "--allow-secrets"}}) {
        REQUIRE(program.make(options) == 0);
        CHECK(program.said("give it to that user by chown, or use --mode 0644)\n"));
    }
    REQUIRE(program.make({"--mode", "0640", "--allow-secrets"}) == 0);
    CHECK(program.said(": has mode 0640: only a server that runs as its owner or in its group can serve it"));
}

TEST_CASE("new parents of a bundle are open to servers, and a closed one is named") {
    Program program;
    const mode_t before = ::umask(077);
    const int code = program.make({}, "srv/deep/bundle");
    ::umask(before);
    REQUIRE(code == 0);
    for (const char* name : {"srv", "srv/deep", "srv/deep/bundle"})
        CHECK(mode_of(program.dir / name) == 0755);
    CHECK_FALSE(program.said("others may not pass it"));
    fs::permissions(program.dir / "srv/deep", fs::perms(0750));
    REQUIRE(program.make({}, "srv/deep/bundle") == 0);
    const std::string closed = fs::canonical(program.dir / "srv/deep").string();
    CHECK(program.said(
        "mkpxerd: warning: " + closed +
        ": others may not pass it: only a server that runs as its owner or in its group may serve the bundle "
        "(chmod o+x " +
        closed + ")\n"));
}

TEST_CASE("whatever the umask, a server of another user can read every file that is not private") {
    Program program;
    const auto apkovl =
        program.dir.write("host.apkovl.tar.gz", test::TarBuilder().file("sbin/init", "program").gzip());
    fs::permissions(apkovl, fs::perms(0644)); // others may read it
    fs::create_directory(program.dir / "existing");
    fs::permissions(program.dir / "existing", fs::perms(0755));
    for (const char* bundle : {"new", "existing", "existing"}) { // the last one is made again
        fs::remove_all(program.dir / bundle / "lpxelinux");
        const mode_t before = ::umask(077);
        const int code = program.make({"--apkovl", apkovl.string()}, bundle);
        ::umask(before);
        REQUIRE(code == 0);
        CHECK_FALSE(program.said("only a server"));
        std::size_t files = 0;
        for (const auto& entry : fs::recursive_directory_iterator(program.dir / bundle)) {
            if (entry.path().filename() == "modloop.input") continue; // for the next bundle alone
            INFO(entry.path());
            CHECK((mode_of(entry.path()) & 07U) == (entry.is_directory() ? 05U : 04U));
            ++files;
        }
        CHECK(files > 15);
    }
}

TEST_CASE("quiet is quiet, and JSON has what the text says") {
    Program program;
    REQUIRE(program.make({"-q", "--cmdline", "rd.shell"}) == 0);
    CHECK(program.err.str().empty());
    CHECK(program.out.str().empty());
    REQUIRE(program.make({"--json", "--cmdline", "rd.shell"}) == 0);
    CHECK(program.err.str().empty());
    const std::string json = program.out.str();
    INFO(json);
    for (const char* part : {"\"directory\": \"", "\"url\": \"http://10.0.0.1\"", "\"kernel\": \"6.1-test\"",
                             "\"cmdline\": \"ip=dhcp modloop=http://10.0.0.1/modloop#sha256=",
                             "\"mode\": \"0644\"", "\"modloop\": \"", "\"object\": \"rd.shell\""})
        CHECK(json.find(part) != std::string::npos);
    CHECK(program.make({"-v", "--cmdline", "vlan=5"}) == 1);
    CHECK(program.said("[cli/images/bundle_check.cpp:"));
}

TEST_CASE("names of 0.1 are still read, but not beside the new ones, and -o before the word is no bundle's") {
    Program program;
    const std::string bundle = (program.dir / "bundle").string();
    const std::vector<std::string> build = {
        "--server", "10.0.0.1", "-b", program.kernel.dir().path().string(), "-p", "network"};
    const auto run = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), build.begin(), build.end());
        return program.run(arguments);
    };
    REQUIRE(run({"bundle", "--out", bundle, "--kernel-options", "quiet"}) == 0);
    CHECK(program.text("boot.ipxe").find(" quiet ") != std::string::npos);
    CHECK(run({"bundle", "--out", bundle, "-o", bundle}) == 2);
    CHECK(run({"bundle", "-o", bundle, "--kernel-options", "quiet", "--cmdline", "quiet"}) == 2);
    CHECK(program.said("--kernel-options: is the old name of --cmdline"));
    CHECK(run({"bundle"}) == 2);
    CHECK(program.said("mkpxerd: bundle: --output is required\n"));
    CHECK(run({"-o", bundle, "bundle", "-o", bundle}) == 2);
    CHECK(program.said("mkpxerd: bundle: write -o after the word bundle\n"));
    CHECK(program.run({"bundle", "--help"}) == 0);
    CHECK(program.out.str().find("--out ") == std::string::npos);
    CHECK(program.out.str().find("--kernel-options") == std::string::npos);
    CHECK(program.run({"snippet", "nginx.conf", "--server", "10.0.0.1", "--json"}) == 0);
    CHECK(program.out.str().starts_with("{\n  \"name\": \"nginx.conf\",\n  \"text\": \""));
    CHECK(program.run({"snippet", "--json"}) == 0);
    CHECK(program.out.str().find("\"name\": \"exports\"") != std::string::npos);
}
