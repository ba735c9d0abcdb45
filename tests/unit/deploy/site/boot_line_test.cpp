// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/boot_line.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using deploy::SiteOptions;

namespace {

const std::string url = "http://10.0.0.1";

std::string line_of(const std::string& cmdline) {
    SiteOptions options;
    options.with_modloop = false;
    options.cmdline = cmdline;
    return deploy::make_boot_line(options, url);
}
std::string error_of(const std::string& line, const std::string& at = url) {
    Problems problems;
    deploy::check_boot_line(line, at, problems);
    const auto done = problems.finish();
    return done ? "no error" : done.error().text();
}

} // namespace

TEST_CASE("the line has what was asked for, in the init's words, and the hashes of the bundle's files") {
    SiteOptions options;
    options.alpine_dev = "nfs:10.0.0.1:/srv/depot";
    options.repository = "http://mirror/v3.20/main";
    options.root = "nfs:10.0.0.1:/srv/root";
    options.cmdline = "console=ttyS0 quiet";
    options.apkovl = "http://10.0.0.1/{MAC}.apkovl.tar.gz";
    const std::string aa(64, 'a');
    const std::string bb(64, 'b');
    options.pins = {{"modloop", aa}, {"root.squashfs", bb}, {"lab.apkovl.tar.gz", bb}};
    CHECK(deploy::make_boot_line(options, url) ==
          "ip=dhcp alpine_dev=nfs:10.0.0.1:/srv/depot alpine_repo=http://mirror/v3.20/main "
          "root=nfs:10.0.0.1:/srv/root apkovl=http://10.0.0.1/{MAC}.apkovl.tar.gz "
          "modloop=http://10.0.0.1/modloop#sha256=" +
              aa + " console=ttyS0 quiet");
    options.own_apkovl = "lab.apkovl.tar.gz";
    options.own_root = "root.squashfs";
    options.alpine_dev = options.repository = "";
    options.cmdline = "ip=10.0.0.7::10.0.0.1:255.255.255.0";
    options.with_modloop = false;
    CHECK(deploy::make_boot_line(options, url) == "root=http://10.0.0.1/root.squashfs#sha256=" + bb +
                                                      " apkovl=http://10.0.0.1/lab.apkovl.tar.gz#sha256=" +
                                                      bb + " ip=10.0.0.7::10.0.0.1:255.255.255.0");
}

TEST_CASE("whitespace between words is one space, inside quotes it stays") {
    CHECK(line_of("  a\t\tb   c=\"d  e\"  ") == "ip=dhcp a b c=\"d  e\"");
    CHECK(line_of("") == "ip=dhcp");
}

TEST_CASE("iPXE gets words that would end its command behind a setting that is empty") {
    CHECK(deploy::for_ipxe("a || b && c ; #d e#f ;x a||b", url) ==
          "a ${empty}|| b ${empty}&& c ${empty}; ${empty}#d e#f ;x a||b");
    CHECK(deploy::for_ipxe("a=\"b   c\" d", url) == "a=\"b ${empty} ${empty} c\" d");
}

TEST_CASE("iPXE gets URLs of the bundle relative to where it found its script, and other URLs as they are") {
    CHECK(
        deploy::for_ipxe("apkovl=http://10.0.0.1/{MAC}.tar.gz x=http://10.0.0.10/a y=http://10.0.0.1:8080/b",
                         url) == "apkovl=${base}/{MAC}.tar.gz x=http://10.0.0.10/a y=http://10.0.0.1:8080/b");
    CHECK(
        deploy::for_ipxe("alpine_repo=http://10.0.0.1/main,http://10.0.0.1/community \"a=http://10.0.0.1/b\"",
                         url) == "alpine_repo=${base}/main,${base}/community \"a=${base}/b\"");
    CHECK(deploy::for_ipxe("proxy=http://p/?u=xhttp://10.0.0.1/", url) ==
          "proxy=http://p/?u=xhttp://10.0.0.1/");
    CHECK(deploy::for_ipxe("modloop=http://10.0.0.1/modloop", {}) == "modloop=http://10.0.0.1/modloop");
}

TEST_CASE("GRUB gets one quoted word each, without the kernel's quotes, which it writes itself") {
    CHECK(deploy::for_grub("ip=dhcp a=\"b  c\" \"d=e f\" $x ; # -- single") ==
          "'ip=dhcp' 'a=b  c' 'd=e f' '$x' ';' '#' '--' 'single'");
}

TEST_CASE("a single snippet is refused only what its own loader cannot pass") {
    const auto error = [](const std::string& line, std::string_view snippet) {
        Problems problems;
        deploy::check_boot_line(line, url, problems, snippet);
        return problems.finish() ? "" : "refused";
    };
    CHECK(error("a=it's", "boot.ipxe") == std::string());
    CHECK(error("a=it's", "grub.cfg") == std::string("refused"));
    CHECK(error("a=${b}", "boot.ipxe") == std::string("refused"));
    CHECK(error("a=${b}", "gpxe-script") == std::string("refused"));
    CHECK(error("a=${b}", "pxelinux") == std::string());
    const std::string line(1970, 'x');
    CHECK(error(line, "boot.ipxe") == std::string());
    CHECK(error(line, "lpxelinux") == std::string("refused"));
    CHECK(error("a=\"b", "dhcpd.conf") == std::string("refused"));
}

TEST_CASE("what a loader cannot pass is refused, by name") {
    const std::string hint = " (/etc/mkpxerd.d/*.conf of an appended archive can have any character)";
    CHECK(error_of("a=it's") == "kernel options: have ' in a=it's, which GRUB changes" + hint);
    CHECK(error_of("a=b\\c") == "kernel options: have \\ in a=b\\c, which GRUB changes" + hint);
    CHECK(error_of("a=b\"c\"") == "kernel options: have \" in a=b\"c\", which GRUB changes" + hint);
    CHECK(error_of("a=\"b\tc\"") == "kernel options: have a tab in a=b\\x09c, which GRUB changes" + hint);
    CHECK(error_of("a=b\\x20c") == "no error"); // GRUB lets hexadecimal escapes pass
    CHECK(error_of("hostname=${uuid}") ==
          "kernel options: have ${, which iPXE replaces and other loaders do not (in URLs "
          "{MAC} and {UUID} are replaced by the init)");
    CHECK(error_of("rd.initrd=x") ==
          "kernel options: have initrd=, which is the loader's (mkpxerd --append FILE adds "
          "an archive to the image)");
    CHECK(error_of("a=\"b") == "kernel options: have a line break or an open quote");
    CHECK(error_of("a\nboot evil") == "kernel options: have a line break or an open quote");
    CHECK(error_of("a=\x1b[2J") == "kernel options: have a control character or invalid UTF-8");
    CHECK(error_of("report=http://10.0.0.1/{UUID}?a||b&&c x=$y || && ; #z a=\"b  c\"") == "no error");
}

TEST_CASE("a line is as long as a loader can pass it with its own words, and no longer") {
    // "BOOT_IMAGE=http://10.0.0.1/vmlinuz ", " initrd=http://10.0.0.1/pxerd BOOTIF=01-" and a hardware
    // address
    constexpr std::size_t added = 11 + 23 + 1 + 8 + 21 + 1 + 10 + 17;
    CHECK(error_of(std::string(2046 - added, 'x')) == "no error");
    CHECK(error_of(std::string(2047 - added, 'x')) ==
          "kernel options: are 1955 bytes long, 2047 with what lpxelinux adds: at most 2046 are possible "
          "(options can "
          "also be put into /etc/mkpxerd.d/*.conf of an appended archive)");
}
