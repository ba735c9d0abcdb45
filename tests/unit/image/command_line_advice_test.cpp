// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "linted_image.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

TEST_CASE("what a command line alone tells") {
    const auto [line, expected] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"ip=dhcp alpine_dev=nfs:10.0.0.1:/srv/nfs modloop=http://10.0.0.1/modloop quiet "
         "console=ttyS0,115200",
         ""},
        {"BOOT_IMAGE=vmlinuz initrd=pxerd ip=10.0.0.5::10.0.0.1:255.255.255.0::eth0 root=nfs:10.0.0.1:/r ro",
         ""},
        {"ip=dhcp ovl_dev=\"http://h/{MAC}.apkovl.tar.gz\" alpine_repo=http://h/main,http://h/community", ""},
        {"acpi_backlight=vendor i915.modeset=0 noquiet rootwait e1000.debug=1", ""},
        {"ip=dhcp modlop=http://h/x", "warning: modlop: unknown option (did you mean modloop?)\n"},
        {"mkpxerd.colour=red", "warning: mkpxerd.colour: unknown option\n"},
        {"mkpxerd.timout=9", "warning: mkpxerd.timout: unknown option (did you mean mkpxerd.timeout?)\n"},
        {"ip=dhcp nfsroot=10.0.0.1:/r", ""},
        {"boot=live fetch=http://h/live/filesystem.squashfs", ""},
        {"root=live:http://h/x.squashfs rd.live.image",
         "warning: root: 'live:http://h/x.squashfs' is read as http://h/x.squashfs\n"},
        {"boot=live netboot=nfs nfsroot=10.0.0.1:/srv/live",
         "error: boot: asks for a root in a way that is not supported (leave it out: nfsroot= alone names "
         "the root)\n"
         "error: netboot: asks for a root in a way that is not supported (leave it out: nfsroot= alone names "
         "the root)\n"},
        {"fetch=10.0.0.1/live/x", "error: fetch=10.0.0.1/live/x: is not a URL: write "
                                  "fetch=http://10.0.0.1/live/x (see docs/cmdline.md)\n"},
        {"root=http://h/x mkpxerd.proxy=proxy.example:3128",
         "error: mkpxerd.proxy=proxy.example:3128: is not a URL (write mkpxerd.proxy=http://host:port)\n"},
        {"rd.break", "warning: rd.break: is not used by this init (write single)\n"},
        {"vlan=eth0.5:eth0 root=/dev/sda1",
         "error: vlan: asks for a network in a way that is not supported "
         "(this init makes no VLANs, bonds, bridges or teams: the switch's port must do without)\n"},
        {"ip=10.0.0.5:10.0.0.1::24 root=/dev/nfs nfsroot=/r",
         "warning: root: '/dev/nfs' is read as nfs:10.0.0.1:/r\n"},
        {"chart", "warning: chart: known from mkinitfs, not supported by this init yet\n"},
        {"cryptroot=/dev/sda1 root=/dev/sda2",
         "warning: cryptroot: known from mkinitfs, not supported by this init yet\n"},
        {"root=/dev/sda1 root=/dev/sda2", "warning: root: is given more than once: '/dev/sda2' counts\n"},
        {"modules=a modules=b", "warning: modules: is given more than once: 'b' counts\n"},
        {"console=tty0 console=ttyS0", ""},
        {"panic=soon", "error: panic=soon: is not a number (see docs/cmdline.md)\n"},
        {"mkpxerd.timeout=99999999", "error: mkpxerd.timeout=99999999: is not within 1 to 86400 seconds "
                                     "(see docs/cmdline.md)\n"},
        {"apkovl", "warning: apkovl: has no value and changes nothing (write apkovl=...)\n"},
        {"pkgs=", "warning: pkgs: has an empty value and changes nothing\n"},
        {"overlaytmpfs=maybe root=/dev/sda1",
         "warning: overlaytmpfs: is a flag: 'maybe' is neither yes nor no\n"},
        {"debug_init quiet", ""},
        {"debug_init=dhcp,fetch", ""},
        {"nodebug_init", ""},
        {"debug_init=dhcp,dsn",
         "warning: debug_init: unknown subject 'dsn' (the subjects are stages, options, modules, devices, "
         "network, dhcp, fetch, mount, packages)\n"},
        {"ip=eth0", "error: ip=eth0: 'eth0' is not a method (use dhcp, on, any, off or none)\n"},
        {"ip=:::::eth0:bootp", "error: ip=:::::eth0:bootp: the method 'bootp' is not supported (use dhcp or "
                               "fixed addresses)\n"},
        {"ip=eth0:dhcp panic=-1 modules=loop:max_loop=8 mkpxerd.onfail=reboot:5 "
         "mkpxerd.optional=apkovl,packages",
         ""},
        {"ip=10.0.0.5/24::10.0.0.1:::eth0", ""},
        {"ip=:::::enp3s0:dhcp",
         "warning: ip: 'enp3s0' is a name from udev; the init has only the kernel's names "
         "(write eth0, or BOOTIF= and the hardware address)\n"},
        {"ip=enP2p1s0f0np0:dhcp",
         "warning: ip: 'enP2p1s0f0np0' is a name from udev; the init has "
         "only the kernel's names (write eth0, or BOOTIF= and the hardware address)\n"},
        {"ip=end:dhcp", ""},
        {"mkpxerd.onfail=cry", "error: mkpxerd.onfail=cry: must be shell, reboot[:seconds], poweroff or "
                               "retry (see docs/cmdline.md)\n"},
        {"mkpxerd.optional=root", "error: mkpxerd.optional=root: 'root' cannot be optional; apkovl, modloop, "
                                  "packages can (see docs/cmdline.md)\n"},
        {"init=sbin/init", "error: init=sbin/init: is not an absolute path (see docs/cmdline.md)\n"},
        {"ip=10.0.0.5::10.0.0.1:::eth0",
         "warning: ip: has no netmask: /8, from the address class, is used\n"},
        {"ip=:::::eth0:dhcp", ""},
        {"BOOTIF=eth0", "warning: BOOTIF: 'eth0' is not a hardware address (write it like pxelinux and iPXE: "
                        "01-52-54-00-12-34-56)\n"},
        {"ip=off apkovl=http://h/x.apkovl.tar.gz",
         "error: ip=off: the network is switched off, but apkovl needs it (give ip=dhcp)\n"},
        {"apkovl=http://h/x.apkovl.tar.gz ovl_dev=sda1",
         "error: ovl_dev: excludes apkovl= (see docs/cmdline.md)\n"},
        {"apkovl=http://h/{mac}.apkovl.tar.gz",
         "warning: apkovl: '{mac}' is not a placeholder and stays unchanged (write {MAC})\n"},
        {"apkovl=tftp://h/x",
         "error: apkovl=tftp://h/x: tftp:// cannot be fetched (use http, https or ftp)\n"},
        {"modloop=http:///x", "error: modloop=http:///x: 'http:///x' has no host (see docs/cmdline.md)\n"},
        {"root=nfs://h/r", "warning: root: 'nfs://h/r' is read as nfs:h:/r\n"},
        {"alpine_dev=nfs:10.0.0.1", "error: alpine_dev=nfs:10.0.0.1: is not nfs:server:/path (write "
                                    "nfs:server:/path, with mount options after a comma)\n"},
        {"root=sda1 ip=off", ""},
        {"root=alpine ip=off",
         "error: root=alpine: no driver of the kernel gives a disk the name 'alpine' (for a file on a "
         "server write its URL, for a disk that does have this name /dev/alpine)\n"},
        {"root=images/alpine ip=off",
         "error: root=images/alpine: is a path, not a device (see docs/cmdline.md)\n"},
        {"root=live:http://h/x.squashfs",
         "warning: root: 'live:http://h/x.squashfs' is read as http://h/x.squashfs\n"},
        {"root=iscsi:@10.0.0.1::3260::iqn",
         "error: root=iscsi:@10.0.0.1::3260::iqn: 'iscsi' is not a supported form (a device, "
         "UUID=, LABEL=, nfs:server:/path, or an http, https or ftp URL)\n"},
        {"root=/dev/sda1 pkgs=nano",
         "error: pkgs: is for a diskless boot, and root= was given (see docs/cmdline.md)\n"},
        {"root=/dev/sda1 keep_apk_new",
         "warning: keep_apk_new: is for a diskless boot and does nothing with root=\n"},
        {"overlaytmpfs", "error: overlaytmpfs: needs root=: a diskless root is in memory already (see "
                         "docs/cmdline.md)\n"},
        {"modloop=boot/modloop-lts", "error: modloop=boot/modloop-lts: is a path on alpine_dev, which is not "
                                     "given (see docs/cmdline.md)\n"},
        {"apkovl=\"http://h/x quiet",
         "error: http://h/x quiet: contains a space or a control character (write %20 for a space)\n"
         "warning: command line: a quote is not closed (the line was cut off, or the quote mistyped)\n"},
        {"quiet -- modlop=x", ""},
        {"ip=10.0.0.300::10.0.0.1:255.255.255.0", "error: ip=10.0.0.300::10.0.0.1:255.255.255.0: the client "
                                                  "address '10.0.0.300' is not an IPv4 address\n"},
        {"ip=1.2.3", "error: ip=1.2.3: '1.2.3' is not a method (use dhcp, on, any, off or none)\n"},
        {"ip=10.0.0.5::10.0.0.1:255.0.255.0",
         "error: ip=10.0.0.5::10.0.0.1:255.0.255.0: '255.0.255.0' is not a netmask\n"},
        {"ip=10.0.0.5/99", "error: ip=10.0.0.5/99: '/99' is not a netmask\n"},
        {"ip=10.0.0.5:10.0.0.2:10.0.0.1:24::eth0:off:10.0.0.1:10.0.0.2:10.0.0.3", ""},
        {"ip=10.0.0.5::10.0.0.1:24::eth0:none:1400:02-00-00-00-00-01",
         "error: ip=10.0.0.5::10.0.0.1:24::eth0:none:1400:02-00-00-00-00-01: setting a MAC address is not "
         "supported\n"},
        {"apkovl=http://h/a b.tar.gz",
         "warning: 'b.tar.gz' is not an option (quote values with spaces: name=\"one two\")\n"},
        {"modloop=http://h/my files/modloop",
         "warning: 'files/modloop' is not an option (quote values with spaces: name=\"one two\")\n"},
        {"apkovl=http://h/a.apkovl usbcore.nousb", ""},
    }));
    INFO(line);
    CHECK(text_of(check_command_line(line, nullptr)) == expected);
}

TEST_CASE("an unknown placeholder names the known ones") {
    const auto findings = check_command_line("apkovl=http://h/{FOO}", nullptr);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].hint.find("{MAC} {MAC-} {UUID}") != std::string::npos);
}
