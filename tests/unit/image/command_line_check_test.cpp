// SPDX-License-Identifier: MIT
#include "mkpxerd/image/command_line_check.hpp"

#include <catch2/catch.hpp>

#include "compressed.hpp"
#include "elf_module.hpp"
#include "image_file.hpp"
#include "mkpxerd/contract/boot_plan.hpp"

using namespace mkpxerd;
using namespace mkpxerd::image;
using namespace mkpxerd::test;

namespace {

std::string text_of(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings)
        text += (finding.severity == Finding::Severity::Error ? "error: " : "warning: ") +
                to_text({.object = finding.option, .text = finding.text, .hint = finding.hint}) + "\n";
    return text;
}

// An image whose kernel has the builtin modules given, with these files and modules.
struct ImageSpec {
    std::vector<std::string> modules = {};
    std::vector<std::string> builtin = {"kernel/net/packet/af_packet.ko", "kernel/drivers/ata/ata_piix.ko"};
    std::vector<std::string> files = {};
    std::vector<std::pair<std::string, std::string>> contents = {}; // modules with a content of their own
    std::string order = {};                                         // modules.order
    std::string cmdline = {};
    std::string pins = {}; // lines of boot.conf
    bool says_builtin = true;
    bool is_ours = true;
    bool tls = true;
};

ImageFacts facts_of(const ImageSpec& spec) {
    NewcBuilder b;
    b.file("init", "x", 0755);
    for (const char* directory :
         {"etc", "etc/mkpxerd", "etc/ssl", "etc/ssl/certs", "sbin", "lib", "lib/modules", "lib/modules/6.1"})
        b.directory(directory);
    if (spec.is_ours)
        b.file("etc/mkpxerd/boot.conf",
               "mkpxerd=0\nkernel=6.1\nepoch=0\nentries=9\nfeatures=\ncmdline=" + spec.cmdline +
                   (spec.tls ? "\ntls=yes\n" : "\ntls=no\n") + spec.pins);
    for (const auto& file : spec.files) {
        if (file.starts_with("etc/mkpxerd/keys/")) b.directory("etc/mkpxerd/keys");
        b.file(file, "x");
    }
    std::set<std::string> directories;
    std::vector<std::pair<std::string, std::string>> modules = spec.contents;
    for (const auto& module : spec.modules)
        modules.emplace_back(module, "x");
    for (const auto& [module, content] : modules) {
        for (auto slash = module.find('/'); slash != std::string::npos; slash = module.find('/', slash + 1))
            if (directories.insert(module.substr(0, slash)).second)
                b.directory("lib/modules/6.1/" + module.substr(0, slash));
        b.file("lib/modules/6.1/" + module, content);
    }
    if (!spec.order.empty()) b.file("lib/modules/6.1/modules.order", spec.order);
    std::string builtin;
    for (const auto& module : spec.builtin)
        builtin += module + "\n";
    if (spec.says_builtin) b.file("lib/modules/6.1/modules.builtin", builtin);
    b.trailer();
    const TempDir dir;
    return *ImageFacts::read(dir.write("x.img", b.text()));
}

const std::vector<std::string> network_modules = {"kernel/drivers/net/ethernet/intel/e1000/e1000.ko",
                                                  "kernel/fs/nfs/nfs.ko",
                                                  "kernel/fs/nfs/nfsv4.ko",
                                                  "kernel/fs/squashfs/squashfs.ko",
                                                  "kernel/drivers/block/loop.ko",
                                                  "kernel/fs/overlayfs/overlay.ko"};

} // namespace

TEST_CASE("what a command line alone tells") {
    const auto [line, expected] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"ip=dhcp alpine_dev=nfs:10.0.0.1:/srv/nfs modloop=http://10.0.0.1/modloop quiet "
         "console=ttyS0,115200",
         ""},
        {"BOOT_IMAGE=vmlinuz initrd=pxerd ip=10.0.0.5::10.0.0.1:255.255.255.0::eth0 root=nfs:10.0.0.1:/r ro",
         ""},
        {"ip=dhcp ovl_dev=\"http://h/{MAC}.apkovl.tar.gz\" alpine_repo=http://h/main,http://h/community", ""},
        {"acpi_backlight=vendor i915.modeset=0 noquiet rootwait some_module.param=1", ""},
        {"ip=dhcp modlop=http://h/x", "warning: modlop: unknown option (did you mean modloop?)\n"},
        {"mkpxerd.colour=red", "warning: mkpxerd.colour: unknown option\n"},
        {"mkpxerd.timout=9", "warning: mkpxerd.timout: unknown option (did you mean mkpxerd.timeout?)\n"},
        {"ip=dhcp nfsroot=10.0.0.1:/r", ""},
        {"rd.break", "warning: rd.break: is not used by this init (write single)\n"},
        {"vlan=eth0.5:eth0 root=/dev/sda1", "error: vlan: asks for a network in a way that is not supported "
                                            "(command line) (name the interface in ip=: "
                                            "ip=:::::eth0:dhcp)\n"},
        {"ip=10.0.0.5:10.0.0.1::24 root=/dev/nfs nfsroot=/r",
         "warning: root: '/dev/nfs' is read as nfs:10.0.0.1:/r\n"},
        {"splash", "warning: splash: known from mkinitfs, not supported by this init yet\n"},
        {"cryptroot=/dev/sda1 root=/dev/sda2",
         "warning: cryptroot: known from mkinitfs, not supported by this init yet\n"},
        {"root=/dev/sda1 root=/dev/sda2", "warning: root: is given more than once: '/dev/sda2' counts\n"},
        {"modules=a modules=b", "warning: modules: is given more than once: 'b' counts\n"},
        {"console=tty0 console=ttyS0", ""},
        {"panic=soon", "error: panic=soon: is not a number (command line) (see docs/cmdline.md)\n"},
        {"mkpxerd.timeout=99999999", "error: mkpxerd.timeout=99999999: is not within 1 to 86400 seconds "
                                     "(command line) (see docs/cmdline.md)\n"},
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
                               "retry (command line) (see docs/cmdline.md)\n"},
        {"mkpxerd.optional=root", "error: mkpxerd.optional=root: 'root' cannot be optional; apkovl, modloop, "
                                  "packages can (command line) (see docs/cmdline.md)\n"},
        {"init=sbin/init",
         "error: init=sbin/init: is not an absolute path (command line) (see docs/cmdline.md)\n"},
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
        "root=http://h:0/x", "root=http://{MAC/x", "root=http://h/{X}", "root=http://h:x/{MAC}",
        "root=http://h/a|tftp://h/b", "rootfstype=nfs root=/dev/sda1", "alpine_dev=http://h/x",
        "alpine_repo=tftp://h/x", "alpine_repo=http://h:x/", "ssh_key=smb://h/x", "ssh_key=http://h:0/x",
        "mkpxerd.proxy=cache:3128", "mkpxerd.report=ftps://h/x", "cryptroot=/dev/sda1", "BOOTIF=x",
        "apkovl=\"http://h/x quiet", "nonsense", "mkpxerd.nonsense=1", "modlop=x");
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
    const auto longest = check_command_line("x=" + std::string(2045, 'y'), nullptr);
    REQUIRE(longest.size() == 1);
    CHECK(longest[0].severity == Finding::Severity::Warning);
    CHECK(longest[0].text == "2047 characters long: many kernels cut it off");
    const auto findings = check_command_line("x=" + std::string(2046, 'y'), nullptr);
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].severity == Finding::Severity::Error);
    CHECK(findings[0].text == "2048 bytes: the kernel keeps the first 2047 and drops the rest");
}

TEST_CASE("an unknown placeholder names the known ones") {
    const auto findings = check_command_line("apkovl=http://h/{FOO}", nullptr);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].hint.find("{MAC} {MAC-} {UUID}") != std::string::npos);
}

TEST_CASE("an image that holds everything has no findings") {
    const ImageFacts facts =
        facts_of({.modules = network_modules, .files = {"sbin/apk", "etc/ssl/certs/ca-certificates.crt"}});
    for (const char* line : {"ip=dhcp root=nfs:10.0.0.1:/r",
                             "ip=dhcp alpine_dev=nfs:h:/p modloop=https://h/m alpine_repo=https://h/r pkgs=a",
                             "root=https://h/live.squashfs overlaytmpfs modules=loop,squashfs"}) {
        INFO(line);
        CHECK(text_of(check_command_line(line, &facts)).empty());
    }
}

TEST_CASE("what an image lacks for a command line") {
    const auto [line, spec, expected] = GENERATE(table<std::string, ImageSpec, std::string>({
        {"root=nfs:h:/r",
         {.modules = {network_modules[0]}},
         "error: root: needs NFS: the image has no module nfs (build with feature nfs)\n"
         "error: root: needs a version of NFS: the image has no module nfsv3 (build with feature nfs)\n"},
        {"root=nfs:h:/r",
         {.modules = {network_modules[1], network_modules[2]}},
         "error: root: needs the network: the image has no driver of a network card (build with feature "
         "network or virtio)\n"},
        {"ip=dhcp root=/dev/sda1",
         {.modules = network_modules, .builtin = {"kernel/drivers/ata/ahci.ko"}},
         "error: ip: needs packet sockets for DHCP: the image has no module af_packet (build with feature "
         "dhcp)\n"},
        {"ip=10.0.0.5::10.0.0.1:255.255.255.0 root=/dev/sda1",
         {.modules = network_modules, .builtin = {"kernel/drivers/ata/ahci.ko"}},
         ""},
        {"modloop=https://h/m apkovl=http://h/a",
         {.modules = network_modules},
         "error: modloop: uses https, but the image has no certificate authorities (build with "
         "feature https, "
         "or --ca FILE)\n"},
        {"modloop=https://h/m apkovl=http://h/a",
         {.modules = network_modules, .files = {"etc/mkpxerd/ca.pem"}},
         ""},
        {"modloop=https://h/m apkovl=http://h/a",
         {.modules = network_modules, .files = {"etc/mkpxerd/ca.pem"}, .tls = false},
         "error: modloop: uses https, but the image's /init was built without TLS (build with feature "
         "https, "
         "or --ca FILE)\n"},
        {"modloop=http://h/m apkovl=http://h/a",
         {.modules = {network_modules[0]}},
         "error: modloop: needs squashfs: the image has no module squashfs (build with feature squashfs)\n"
         "error: modloop: needs a loop device: the image has no module loop (build with feature squashfs)\n"},
        {"modloop=none apkovl=http://h/a", {.modules = {network_modules[0]}}, ""},
        {"root=/dev/sda1 overlaytmpfs rootfstype=xfs",
         {},
         "error: overlaytmpfs: needs a writable layer: the image has no module overlay (build with feature "
         "overlay)\n"
         "error: rootfstype: needs the file system xfs: the image has no module xfs (build with feature "
         "xfs)\n"},
        {"root=http://h/root.tar.gz", {.modules = {network_modules[0]}}, ""},
        {"root=http://h/live.erofs?v=1",
         {.modules = network_modules},
         "error: root: needs erofs: the image has no module erofs (build with feature erofs)\n"},
        {"pkgs=nano apkovl=sda1:x.apkovl.tar.gz",
         {},
         "error: pkgs: needs apk, which the image does not have (build the image with feature apk)\n"},
        {"ssh_key=AAAA apkovl=sda1:x.apkovl.tar.gz",
         {},
         "warning: ssh_key: does nothing: the image has no apk (build with feature apk)\n"},
        {"quiet",
         {},
         "error: command line: asks for nothing to boot: it has no root=, apkovl=, ovl_dev= or alpine_dev=, "
         "and the image has no apk to fill a diskless root (give root=, or apkovl= with a URL)\n"},
        {"root=/dev/sda1 modules=ahci", {}, "warning: modules: the image has no module ahci\n"},
        {"root=nfs:h:/r blacklist=nfs", {.modules = network_modules}, ""},
        {"quiet", {.cmdline = "root=/dev/sda1"}, ""},
        {"root=/dev/sda1",
         {.modules = {"kernel/drivers/scsi/sd_mod.ko", "kernel/drivers/ata/libata.ko"}, .builtin = {}},
         "error: root: needs a driver of disks named sd*: the image has none (build with feature ata, scsi "
         "or usb)\n"},
        {"root=/dev/sda1", {.modules = {"kernel/drivers/usb/storage/uas.ko"}, .builtin = {}}, ""},
        {"root=/dev/nvme0n1p1",
         {},
         "error: root: needs a driver of disks named nvme*: the image has none (build with feature nvme)\n"},
        {"root=/dev/nvme0n1p1", {.builtin = {"kernel/drivers/nvme/host/nvme.ko"}}, ""},
        {"root=/dev/vda1",
         {},
         "error: root: needs a driver of disks named vd*: the image has none (build with feature virtio)\n"},
        {"root=/dev/vda1", {.modules = {"kernel/drivers/block/virtio_blk.ko.xz"}}, ""},
        {"root=/dev/mmcblk0p2",
         {.modules = {"kernel/drivers/mmc/core/mmc_block.ko"}},
         "error: root: needs a driver of disks named mmcblk*: the image has none (build with feature mmc)\n"},
        {"root=UUID=0-1", {}, ""},
        {"root=LABEL=root",
         {.builtin = {}},
         "warning: root: needs a driver of disks: the image has none (build with the feature of the "
         "controller: ata, "
         "scsi, nvme, usb, mmc, virtio)\n"},
        {"root=/dev/sda1",
         {.says_builtin = false},
         "warning: root: needs a driver of disks named sd*: the image has none, and does not say what "
         "is built into the kernel (build with feature ata, scsi or usb)\n"},
        {"root=/dev/sda1",
         {.is_ours = false},
         "warning: X was not made by mkpxerd: its init may read the line differently\n"},
        {"root=nfs:h:/r",
         {.modules = {network_modules[0], network_modules[2]}, .says_builtin = false},
         "warning: root: needs packet sockets for DHCP: the image has no module af_packet, and does "
         "not say whether it is built into the kernel (build with feature dhcp)\n"
         "warning: root: needs NFS: the image has no module nfs, and does not say whether it is built into "
         "the kernel (build with feature nfs)\n"},
    }));
    const ImageFacts facts = facts_of(spec);
    std::string text = text_of(check_command_line(line, &facts));
    if (const auto at = text.find(facts.name()); at != std::string::npos)
        text.replace(at, facts.name().size(), "X");
    INFO(line);
    CHECK(text == expected);
}

TEST_CASE("a root that an image with keys, or with a pin, would refuse is an error of the line") {
    const std::string key = "etc/mkpxerd/keys/site.pub";
    const auto told = [&](const char* line, const std::string& pins, bool has_key) {
        std::vector<std::string> files = {"sbin/apk"};
        if (has_key) files.push_back(key);
        const ImageFacts facts = facts_of({.modules = network_modules, .files = files, .pins = pins});
        return text_of(check_command_line(line, &facts));
    };
    const std::string sum(64, 'a');
    const std::string hint = " (give root= with a URL, or build with --pin root=any)\n";
    for (const char* line : {"ip=dhcp root=nfs:10.0.0.1:/r", "root=/dev/sda1"}) {
        INFO(line);
        CHECK(told(line, "", false).empty());
        CHECK(told(line, "", true) ==
              "error: root: cannot be verified, and the image has keys: what it boots must "
              "be signed (MPX-FETCH-13)" +
                  hint);
        CHECK(told(line, "pin.root=" + sum + "\n", false) ==
              "error: root: cannot be verified, and the image pins its root (MPX-FETCH-13)" + hint);
        CHECK(told(line, "pin.root=any\n", true).empty());
    }
    CHECK(told("root=/dev/nfs nfsroot=10.0.0.1:/r ip=dhcp", "", true)
              .find("\nerror: root: cannot be verified") != std::string::npos);
    const char* url = "ip=dhcp root=http://10.0.0.1/r.tar.gz";
    CHECK(told(url, "pin.root=" + sum + "\n", true).empty());
    CHECK(told("root=/dev/sda1 resume=/dev/sda2", "", true).find("error: resume: cannot be verified") !=
          std::string::npos);
    CHECK(told("ip=dhcp apkovl=http://10.0.0.1/x.tar.gz pkgs=a", "pin.root=" + sum + "\n", false) ==
          "error: root: is pinned in the image, but not in the line (MPX-FETCH-14) (give root=, or build "
          "without "
          "--pin root=)\n");
}

TEST_CASE("an empty list of authorities is none") {
    const TempDir dir;
    NewcBuilder b;
    b.file("init", "x", 0755);
    for (const char* directory : {"etc", "etc/ssl", "etc/ssl/certs"})
        b.directory(directory);
    b.file("etc/ssl/certs/ca-certificates.crt", "").trailer();
    CHECK_FALSE(ImageFacts::read(dir.write("x.img", b.text()))->has_certificates());
}

TEST_CASE("entries that the kernel loses are warnings") {
    const TempDir dir;
    const auto facts =
        ImageFacts::read(dir.write("x.img", NewcBuilder().file("no/directory", "x").trailer().text()));
    REQUIRE(facts);
    const std::string text = text_of(check_command_line("root=/dev/sda1", &*facts));
    CHECK(text.find("error: the image has no /init") != std::string::npos);
    CHECK(text.find("the kernel cannot unpack 'no/directory': its directory does not exist") !=
          std::string::npos);
}

TEST_CASE("drivers outside kernel/ are known by modules.order, or by what they register") {
    const std::string no_card = "needs the network: the image has no driver of a network card";
    const auto said = [](const ImageSpec& spec) {
        const ImageFacts facts = facts_of(spec);
        return text_of(
            check_command_line("ip=10.0.0.5::10.0.0.1:255.255.255.0::eth0 root=/dev/sda1", &facts));
    };
    ImageSpec spec;
    spec.builtin = {"kernel/net/packet/af_packet.ko"};
    spec.modules = {"updates/dkms/igb.ko", "extra/mpt3sas.ko"};
    CHECK(said(spec).find(no_card) != std::string::npos);
    CHECK(said(spec).find("a driver of disks") != std::string::npos);
    spec.order = "kernel/drivers/net/ethernet/intel/igb/igb.ko\nkernel/drivers/scsi/mpt3sas/mpt3sas.ko\n";
    CHECK(said(spec).find(no_card) == std::string::npos);
    CHECK(said(spec).find("a driver of disks") == std::string::npos);
    // An image of another generator, and a driver that no kernel has.
    ElfModule driver;
    driver.imports = {"kfree", "alloc_etherdev_mqs"};
    spec.contents = {{"updates/r8125.ko", driver.build()}};
    spec.modules = {};
    spec.order = {};
    CHECK(said(spec).find(no_card) == std::string::npos);
    spec.contents = {{"updates/r8125.ko.zst", compressed(driver.build(), wrap::Format::Zstd)}};
    CHECK(said(spec).find(no_card) == std::string::npos);
    driver.imports = {"kfree", "drm_dev_alloc"};
    spec.contents = {{"updates/card.ko", driver.build()},
                     {"updates/broken.ko", driver.build().substr(0, 100)}};
    CHECK(said(spec).find(no_card) != std::string::npos);
}
