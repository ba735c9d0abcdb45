// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/bundle/bundle_lines.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/deploy/site/boot_line.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::deploy;

namespace {

const std::string url = "http://10.0.0.1/prov";

// Scripts as the snippets write them.
struct Bundle {
    test::TempDir dir;
    explicit Bundle(const std::string& line) {
        dir.write("boot.ipxe",
                  "#!ipxe\nisset ${base} || set base " + url +
                      "\n:boot\nkernel ${base}/vmlinuz initrd=pxerd BOOTIF=01-${netX/mac:hexhyp} " +
                      for_ipxe(line, url) + " ${more} || goto failed\n");
        dir.write("pxelinux.cfg/default",
                  "DEFAULT mkpxerd\nLABEL mkpxerd\n  LINUX vmlinuz\n  APPEND initrd=pxerd " + line +
                      "\n  SYSAPPEND 2\n");
        dir.write("grub/grub.cfg",
                  "linux /vmlinuz BOOTIF=01-$net_default_mac " + for_grub(line) + "\ninitrd /pxerd\nboot\n");
    }
};

} // namespace

TEST_CASE("all loaders of a bundle hand out one line, whatever their languages make of it") {
    const std::string line =
        GENERATE(as<std::string>(), "ip=dhcp root=" + url + "/live.squashfs#sha256=00 console=ttyS0",
                 "dyndbg=\"file a +p\" quiet", "a=||b ; #c || d", "ip=dhcp -- single 3");
    INFO(line);
    const Bundle bundle(line);
    const auto lines = read_bundle_lines(bundle.dir.path());
    REQUIRE(lines);
    REQUIRE(lines->size() == 1);
    CHECK(lines->front().script == "boot.ipxe");
    CHECK(lines->front().text == "BOOTIF=01-52-54-00-12-34-56 " + line);
}

TEST_CASE("a script with other words is named") {
    const Bundle bundle("ip=dhcp quiet");
    bundle.dir.write("grub/grub.cfg", "linux /vmlinuz BOOTIF=01-$net_default_mac 'ip=dhcp' vlan=5\n");
    const auto lines = read_bundle_lines(bundle.dir.path());
    REQUIRE(lines);
    REQUIRE(lines->size() == 2);
    CHECK((*lines)[1].script == "grub/grub.cfg");
    CHECK((*lines)[1].text == "BOOTIF=01-52:54:00:12:34:56 ip=dhcp vlan=5");
}

TEST_CASE("the script of a machine adds to the line, or has its own") {
    const Bundle bundle("ip=dhcp root=" + url + "/live.squashfs");
    bundle.dir.write("mac/52-54-00-00-00-01.ipxe", "#!ipxe\nset more single modloop=${base}/m\n");
    bundle.dir.write("mac/52-54-00-00-00-02.ipxe",
                     "#!ipxe\nkernel ${base}/other initrd=x root=${base}/other.squashfs\nboot\n");
    bundle.dir.write("mac/52-54-00-00-00-03.ipxe", "#!ipxe\nsanboot http://h/x\n");
    bundle.dir.write("mac/README", "set more nothing\n");
    bundle.dir.write("mac/old.ipxe/52-54-00-00-00-01.ipxe", "#!ipxe\nset more old\n");
    REQUIRE(::mkfifo((bundle.dir / "mac/pipe.ipxe").c_str(), 0644) == 0);
    const auto lines = read_bundle_lines(bundle.dir.path());
    REQUIRE(lines);
    REQUIRE(lines->size() == 3);
    CHECK_FALSE(lines->front().is_of_machine);
    CHECK((*lines)[1].script == "mac/52-54-00-00-00-01.ipxe");
    CHECK((*lines)[1].is_of_machine);
    CHECK((*lines)[1].text ==
          "BOOTIF=01-52-54-00-12-34-56 ip=dhcp root=" + url + "/live.squashfs single modloop=" + url + "/m");
    CHECK((*lines)[2].text == "root=" + url + "/other.squashfs");
}

TEST_CASE("a command of an iPXE script may follow a condition, but is not in a comment or a text") {
    const std::string script =
        "#!ipxe\n# so: set base nowhere\necho loads the kernel now\n"
        "isset ${base} || set base http://h/x\n  kernel  ${base}/k a b || goto failed\n";
    CHECK(rest_of_command(script, "set base ") == "http://h/x");
    CHECK_FALSE(rest_of_command(script, "set more "));
    CHECK(kernel_options(script) == " a b");
    CHECK(kernel_options("kernel k\n") == "");
    CHECK_FALSE(kernel_options("#!ipxe\nshell\n"));
}

TEST_CASE("a comment in boot.ipxe does not say where the bundle is") {
    const Bundle bundle("ip=dhcp root=" + url + "/x");
    const std::string script = read_file(bundle.dir / "boot.ipxe").value();
    bundle.dir.write("boot.ipxe", "#!ipxe\n# or set base http://other\n" + script);
    CHECK(read_bundle_lines(bundle.dir.path())->front().text ==
          "BOOTIF=01-52-54-00-12-34-56 ip=dhcp root=" + url + "/x");
}

TEST_CASE("an archive that the script of a machine names and the bundle lacks is a problem") {
    const Bundle bundle("ip=dhcp");
    bundle.dir.write("host1", "archive");
    bundle.dir.write("mac/52-54-00-00-00-01.ipxe", "#!ipxe\nset more quiet\nset archive host1\n");
    bundle.dir.write("mac/52-54-00-00-00-03.ipxe", "#!ipxe\nset archive ${hostname}\n");
    bundle.dir.write("mac/52-54-00-00-00-04.ipxe",
                     "#!ipxe\nset archive own\nkernel ${base}/other initrd=own\nboot\n");
    CHECK(find_missing_archives(bundle.dir.path()).value().empty());
    bundle.dir.write("mac/52-54-00-00-00-02.ipxe", "#!ipxe\n  set archive host2 \n");
    const auto missing = find_missing_archives(bundle.dir.path()).value();
    REQUIRE(missing.size() == 1);
    CHECK(to_text(missing[0]) ==
          "mac/52-54-00-00-00-02.ipxe: the bundle has no archive host2, for which iPXE asks again and again "
          "(mkpxerd overlay -o " +
              (bundle.dir / "host2").string() + " DIRECTORY writes it)");
}

TEST_CASE("a machine's own configuration of PXELINUX is read as well, and an old hash in it is a problem") {
    const auto line = [](char digit) {
        return "root=" + url + "/live.squashfs#sha256=" + std::string(64, digit);
    };
    const Bundle bundle(line('b'));
    bundle.dir.write("SHA256SUMS", std::string(64, 'b') + "  live.squashfs\n");
    for (const char* directory : {"pxelinux.cfg", "lpxelinux/pxelinux.cfg"})
        bundle.dir.write(std::string(directory) + "/01-52-54-00-00-00-01",
                         "  append initrd=pxerd,host1 " + line('b') + "\n");
    CHECK(read_bundle_lines(bundle.dir.path())->size() == 1);
    CHECK(find_stale_pins(bundle.dir.path(), *read_bundle_lines(bundle.dir.path())).empty());
    bundle.dir.write("pxelinux.cfg/01-52-54-00-00-00-01",
                     "  append initrd=pxerd,host1 " + line('a') + " vlan=5\n");
    bundle.dir.write("pxelinux.cfg/old/default", "append quiet\n");
    const auto lines = read_bundle_lines(bundle.dir.path());
    REQUIRE(lines);
    REQUIRE(lines->size() == 2);
    CHECK((*lines)[1].script == "pxelinux.cfg/01-52-54-00-00-00-01");
    CHECK((*lines)[1].is_of_machine);
    CHECK((*lines)[1].text == line('a') + " vlan=5");
    const auto stale = find_stale_pins(bundle.dir.path(), *lines);
    REQUIRE(stale.size() == 1);
    CHECK(to_text(stale[0]) ==
          "root in pxelinux.cfg/01-52-54-00-00-00-01: has the hash of another live.squashfs, so "
          "the init refuses the file (it has changed: copy the hash from boot.ipxe)");
}

TEST_CASE("a directory without boot.ipxe is no bundle, and a script without a kernel is of no use") {
    const test::TempDir dir;
    CHECK_FALSE(is_bundle(dir.path()));
    const auto none = read_bundle_lines(dir.path());
    REQUIRE_FALSE(none);
    CHECK(none.error().text() ==
          dir.path().string() + ": is not a bundle: it has no boot.ipxe (mkpxerd bundle creates one)");
    dir.write("boot.ipxe", "#!ipxe\nshell\n");
    CHECK(is_bundle(dir.path()));
    const auto empty = read_bundle_lines(dir.path());
    REQUIRE_FALSE(empty);
    CHECK(empty.error().text().find("boot.ipxe: loads no kernel") != std::string::npos);
}
