// SPDX-License-Identifier: MIT
#include "mkpxerd/image/command_line_check.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "linted_image.hpp"
#include "mkpxerd/contract/boot_plan.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;

// Each line was judged differently by lint and the init, or is near to one that was.
TEST_CASE("lint fails exactly when the init would refuse the line") {
    const std::string line = GENERATE(
        "", "quiet", "root=/dev/sda1", "root=/dev/sda1 pkgs=a", "apkovl=http://h/x root=/dev/sda1",
        "apkovl=http://h/x root=/dev/sda1 overlaytmpfs", "apkovl=http://h/x ovl_dev=sda1", "overlaytmpfs",
        "overlaytmpfs root=nfs:h:/r", "modloop=boot/x", "modloop=boot/x alpine_dev=sda1", "apkovl=x.tar.gz",
        "ip=224.0.0.1", "ip=127.0.0.1", "ip=10.0.0.5/24:::255.255.0.0", "ip=10.0.0.5/24:::255.255.255.0",
        "ip=10.0.0.5:::24:bad_host!:eth0", "ip=10.0.0.5:::24:host:averylongdevicename",
        "ip=10.0.0.5:::24::a/b", "ip=10.0.0.5::::::::::x", "ip=10.0.0.010", "ip=10.0.0.5", "ip=eth0:dhcp6",
        "ip=dhcp:eth0", "ip=", "ip=off apkovl=http://h/x", "ip=off ip=eth0:dhcp apkovl=http://h/x",
        "ip=off root=/dev/sda1", "mkpxerd.onfail=shell:x",
        "mkpxerd.onfail=reboot:", "mkpxerd.onfail=reboot:-1", "mkpxerd.optional=modloop,x",
        "modules=a modules=b", "blacklist=nfs root=nfs:h:/r", "usbdelay=", "usbdelay=4294967296",
        "usbdelay=3600", "usbdelay=3601", "mkpxerd.timeout=0", "mkpxerd.timeout=86401", "panic=99999999999",
        "uevent_buf_size=16m", "panic=-1", "panic=x", "resume_offset=x", "init=init",
        "fetch=http://h/x root=/dev/sda1", "fetch=http://h/x", "boot=live fetch=http://h/x", "boot=live",
        "vlan=eth0.1", "roothash=1", "root=/dev/mapper/x", "root=nfs", "root=nfs nfsroot=h:/r",
        "root=http://h:0/x", "root=root.squashfs", "root=/dev/x.img", "root=http://{MAC/x",
        "root=http://h/{X}", "root=http://h:x/{MAC}", "root=http://h/a|tftp://h/b",
        "rootfstype=nfs root=/dev/sda1", "alpine_dev=http://h/x", "alpine_repo=tftp://h/x",
        "alpine_repo=http://h:x/", "ssh_key=smb://h/x", "ssh_key=http://h:0/x", "mkpxerd.proxy=cache:3128",
        "mkpxerd.report=ftps://h/x", "cryptroot=/dev/sda1", "BOOTIF=x", "apkovl=\"http://h/x quiet",
        "nonsense", "mkpxerd.nonsense=1", "modlop=x");
    INFO(line);
    const std::vector<CmdlineSource> sources = {{"command line", line}};
    const auto options = parse_boot_options(sources);
    const bool is_accepted = options && make_boot_plan(*options, {.has_apk = true});
    const auto findings = check_command_line(line, nullptr);
    CHECK(is_accepted == std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
              return finding.severity == Finding::Severity::Error;
          }));
}

TEST_CASE("a line at the kernel's limit is an error") {
    const auto longest = check_command_line("BOOT_IMAGE=" + std::string(2036, 'y'), nullptr);
    REQUIRE(longest.size() == 1);
    CHECK(longest[0].severity == Finding::Severity::Warning);
    CHECK(longest[0].text == "2047 characters long: many kernels cut it off");
    const auto findings = check_command_line("BOOT_IMAGE=" + std::string(2037, 'y'), nullptr);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].severity == Finding::Severity::Error);
    CHECK(findings[0].text == "2048 bytes: the kernel keeps the first 2047 and drops the rest");
}

TEST_CASE("baked-in options are judged by themselves, and what a command line can add is not missed") {
    const auto [text, object] = GENERATE(table<std::string, std::string>({
        {"mkpxerd.onfail=shel", "cmdline: mkpxerd.onfail=shel"},
        {"quiet ip=dchp", "cmdline: ip=dchp"},
        {"root=/dev/mapper/x", "cmdline: root=/dev/mapper/x"},
        {"vlan=eth0.1", "cmdline: vlan"},
        {"root=tftp://h/x", "cmdline: root=tftp://h/x"},
    }));
    const auto refused = check_baked_options({"cmdline", text});
    INFO(text);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().problems().front().object == object);
    for (const char* fine : {"", "quiet", "overlaytmpfs", "modloop=boot/x", "nfsroot=/srv", "root=/dev/nfs",
                             "pkgs=nano", "ip=dhcp console=ttyS0,115200"}) {
        const auto accepted = check_baked_options({"cmdline", fine});
        INFO(fine);
        REQUIRE(accepted.has_value());
        CHECK(accepted->empty());
    }
}

TEST_CASE("misspelt and unknown words of baked-in options are warnings") {
    const auto warnings = check_baked_options({"cmdline", "overlaytmpf consol=ttyS0 xyzzy"});
    REQUIRE(warnings.has_value());
    REQUIRE(warnings->size() == 3);
    CHECK(std::ranges::all_of(*warnings,
                              [](const Problem& each) { return each.object.starts_with("cmdline: "); }));
}

TEST_CASE("options in files of the image are linted with the line, which overrides them") {
    const ImageFacts facts = test::facts_of(
        {.modules = test::network_modules,
         .settings = {{"10-site.conf", "# ours\nip=dhcp panic=soon\nxyzzy root=nfs:10.0.0.1:/r\n"},
                      {"20-last.conf", "modlop=x"},
                      {"README", "consol=ttyS0"}}});
    CHECK(test::text_of(check_command_line("quiet", &facts)) ==
          "error: panic=soon: is not a number (/etc/mkpxerd.d/10-site.conf) (see docs/cmdline.md)\n"
          "warning: modlop: unknown option (did you mean modloop?)\n"
          "warning: xyzzy: is unknown to this init and to the kernel (only a program of the booted system "
          "could read it)\n");
    CHECK(test::text_of(check_command_line("panic=5", &facts)).find("panic") == std::string::npos);
}
