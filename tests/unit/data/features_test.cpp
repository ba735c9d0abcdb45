// SPDX-License-Identifier: MIT
// The data that the program ships: lists and profiles, as they lie in the source tree.
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "elf_module.hpp"
#include "kernel_tree.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/generator/features/feature_resolver.hpp"
#include "mkpxerd/generator/files/file_collector.hpp"
#include "mkpxerd/generator/modules/module_resolver.hpp"
#include "mkpxerd/generator/request/settings.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

const std::filesystem::path source_dir = MKPXERD_SOURCE_DIR;

// Every list, by file name.
std::map<std::string, std::string> lists() {
    std::map<std::string, std::string> all;
    for (const auto& item : std::filesystem::directory_iterator(source_dir / "features.d"))
        all[item.path().filename()] = read_file(item.path()).value();
    return all;
}

std::set<std::string> feature_names() {
    std::set<std::string> names;
    for (const auto& [file, text] : lists())
        names.insert(file.substr(0, file.rfind('.')));
    return names;
}

bool has_required_line(const std::string& file) {
    const auto all = lists();
    const auto found = all.find(file);
    if (found == all.end()) return false;
    for (const Pattern& pattern : parse_feature_list(found->second, "f", file))
        if (!pattern.optional) return true;
    return false;
}

} // namespace

TEST_CASE("every feature and every profile has a description that fits beside its name") {
    const FeatureResolver features({source_dir / "features.d"});
    for (const std::string& name : feature_names()) {
        const std::string description = features.description(name);
        INFO(name << ": " << description);
        CHECK_FALSE(description.empty());
        CHECK(description.size() <= 100);
    }
    for (const auto& item : std::filesystem::directory_iterator(source_dir / "profiles")) {
        INFO(item.path());
        CHECK_FALSE(parse_profile(read_file(item.path()).value(), "")->description.empty());
    }
}

TEST_CASE("every feature of mkinitfs exists") {
    const std::set<std::string> names = feature_names();
    for (const char* name :
         {"9p",       "aoe",        "ata",      "base",     "bootchart", "btrfs",    "cdrom", "cramfs",
          "cryptkey", "cryptsetup", "dasd_mod", "dhcp",     "ena",       "ext2",     "ext3",  "ext4",
          "f2fs",     "floppy",     "gfs2",     "https",    "jfs",       "keymap",   "kms",   "lvm",
          "lvm-thin", "memdisk",    "mmc",      "nbd",      "network",   "nfit",     "nvme",  "ocfs2",
          "phy",      "qeth",       "raid",     "reiserfs", "scsi",      "squashfs", "ubifs", "usb",
          "virtio",   "wireguard",  "xenpci",   "xfs",      "zfcp",      "zfs",      "nfs",   "apk",
          "rescue",   "overlay"}) {
        INFO(name);
        CHECK(names.contains(name));
    }
}

TEST_CASE("every list is made of patterns that its readers know, each group under a comment") {
    for (const auto& [file, text] : lists()) {
        INFO(file);
        CHECK((file.ends_with(".modules") || file.ends_with(".files")));
        CHECK(text.starts_with("# "));
        CHECK(text.ends_with("\n"));
        const auto patterns = parse_feature_list(text, "f", file);
        CHECK_FALSE(patterns.empty());
        for (const Pattern& pattern : patterns) {
            INFO(pattern.glob);
            CHECK(pattern.glob.find("**") == std::string::npos); // has no meaning
            CHECK(pattern.glob.find(' ') == std::string::npos);
            CHECK_FALSE(pattern.glob.ends_with('/'));
            if (file.ends_with(".modules"))
                CHECK((pattern.glob.starts_with("kernel/") || pattern.glob.starts_with("extra/") ||
                       pattern.glob.starts_with("updates/")));
        }
    }
}

TEST_CASE("no list names a thing twice") {
    for (const auto& [file, text] : lists()) {
        std::set<std::string> seen;
        for (const Pattern& pattern : parse_feature_list(text, "f", file)) {
            INFO(file << ": " << pattern.glob);
            CHECK(seen.insert(pattern.glob).second);
        }
    }
}

TEST_CASE("the files of each feature come from a system that has them") {
    struct Row {
        std::string feature;
        std::vector<std::string> files; // all that come, by path
        std::vector<std::string> required;
    };
    const std::string key = "alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub";
    const std::string crt = "etc/ssl/certs/ca-certificates.crt";
    // As Alpine lays them. Written by hand: what the lists say must not prove itself.
    const std::vector<Row> table = {
        {"apk",
         {"etc/apk/arch", "etc/apk/keys/" + key, "sbin/apk", "usr/share/apk/keys/aarch64/" + key},
         {"sbin/apk"}},
        {"base",
         {"etc/apk/keys/" + key, "etc/modprobe.d/blacklist.conf", "lib/modprobe.d/aliases.conf",
          "run/modprobe.d/now.conf", "usr/lib/modprobe.d/package.conf", "usr/local/lib/modprobe.d/site.conf"},
         {}},
        {"bootchart",
         {"sbin/bootchartd", "usr/bin/ac", "usr/bin/last", "usr/bin/lastcomm", "usr/sbin/accton",
          "usr/sbin/dump-acct", "usr/sbin/dump-utmp", "usr/sbin/sa"},
         {"sbin/bootchartd"}},
        {"btrfs", {"sbin/btrfs"}, {}},
        {"cryptkey", {"crypto_keyfile.bin"}, {"crypto_keyfile.bin"}},
        {"cryptsetup", {"sbin/cryptsetup"}, {"sbin/cryptsetup"}},
        {"https", {"etc/ssl/cert.pem", crt}, {crt}},
        {"keymap", {"etc/keymap/de-latin1.bmap.gz"}, {}},
        {"lvm", {"etc/lvm/lvm.conf", "sbin/lvm"}, {"sbin/lvm"}},
        {"lvm-thin", {"usr/sbin/thin_check"}, {"usr/sbin/thin_check"}},
        {"memdisk", {"usr/bin/memdiskfind"}, {"usr/bin/memdiskfind"}},
        {"nbd", {"usr/sbin/nbd-client"}, {"usr/sbin/nbd-client"}},
        {"raid", {"etc/mdadm.conf", "sbin/mdadm"}, {}},
        {"rescue", {"bin/busybox"}, {"bin/busybox"}},
        {"wireguard", {"etc/wireguard/initrd.conf", "usr/bin/wg"}, {"usr/bin/wg"}},
        {"xfs", {"sbin/xfs_repair"}, {}},
        {"zfs",
         {"etc/hostid", "etc/zfs/zpool.cache", "usr/sbin/zfs", "usr/sbin/zpool"},
         {"usr/sbin/zfs", "usr/sbin/zpool"}},
    };
    const test::TempDir system;
    const test::TempDir bare;
    for (const Row& row : table)
        for (const std::string& path : row.files)
            system.write(path, path);
    system.write("usr/bin/of-no-feature", "x");
    system.write("etc/modprobe.d/README", "x");

    std::set<std::string> covered;
    for (const Row& row : table) {
        INFO(row.feature);
        covered.insert(row.feature + ".files");
        const auto features = FeatureResolver({source_dir / "features.d"}).resolve({{row.feature, {}}});
        REQUIRE(features);
        const Sysroot basedir(system.path());
        const auto found = FileCollector(basedir).collect(features->files);
        REQUIRE(found);
        std::vector<std::string> files;
        for (const File& file : found->files)
            if (file.kind != File::Kind::Directory) files.push_back(file.path);
        CHECK(files == row.files);
        // A system without any of them: an error for each that is required, and for no other.
        const Sysroot nothing(bare.path());
        const auto missed = FileCollector(nothing).collect(features->files);
        std::vector<std::string> errors;
        if (!missed)
            for (const Problem& problem : missed.error().problems())
                errors.push_back(problem.text);
        std::vector<std::string> expected;
        for (const std::string& path : row.required)
            expected.push_back("'/" + path + "' matches nothing in " + bare.path().string());
        CHECK(errors == expected);
    }
    std::set<std::string> shipped;
    for (const auto& [file, text] : lists())
        if (file.ends_with(".files")) shipped.insert(file);
    CHECK(covered == shipped);
}

TEST_CASE("modules that a Debian kernel lacks come from a kernel that has them") {
    struct Row {
        std::string feature;
        std::vector<std::string> modules; // all that come, by path
        bool required;                    // a kernel without them is an error
    };
    // Literal names, as tests/cli/feature_modules.txt has them for what Debian's kernel holds.
    const std::vector<Row> table = {
        // Alpine, and kernels from before 6.16.
        {"base",
         {"kernel/crypto/crc32c-cryptoapi.ko", "kernel/drivers/block/loop.ko",
          "kernel/drivers/gpu/drm/sysfb/simpledrm.ko", "kernel/fs/overlayfs/overlay.ko"},
         false},
        {"base",
         {"kernel/arch/arm64/crypto/crc32c-neon.ko", "kernel/crypto/crc32c_generic.ko",
          "kernel/drivers/gpu/drm/tiny/simpledrm.ko", "kernel/drivers/pci/controller/pcie-brcmstb.ko"},
         false},
        {"cramfs", {"kernel/drivers/block/loop.ko", "kernel/fs/cramfs/cramfs.ko"}, true},
        {"dasd_mod",
         {"kernel/drivers/s390/block/dasd_diag_mod.ko", "kernel/drivers/s390/block/dasd_eckd_mod.ko",
          "kernel/drivers/s390/block/dasd_fba_mod.ko", "kernel/drivers/s390/block/dasd_mod.ko"},
         true},
        {"dhcp", {"kernel/net/packet/af_packet.ko"}, true},
        {"ext2", {"kernel/fs/ext2/ext2.ko", "kernel/fs/ext4/ext4.ko"}, true},
        {"ext4", {"kernel/fs/ext4/ext4.ko", "kernel/fs/unicode/utf8data.ko"}, true},
        {"mmc",
         {"kernel/drivers/mmc/core/mmc_block.ko", "kernel/drivers/mmc/host/bcm2835-sdhost.ko",
          "kernel/drivers/regulator/fixed.ko"},
         true},
        // Boards whose cards and USB adapters hang on controllers and transceivers of the SoC.
        {"network",
         {"kernel/drivers/net/ethernet/stmicro/stmmac/dwmac-starfive.ko",
          "kernel/drivers/phy/rockchip/phy-rockchip-snps-pcie3.ko",
          "kernel/drivers/phy/starfive/phy-jh7110-usb.ko", "kernel/drivers/usb/cdns3/cdns3-starfive.ko",
          "kernel/drivers/usb/chipidea/ci_hdrc.ko", "kernel/drivers/usb/dwc2/dwc2.ko",
          "kernel/drivers/usb/dwc3/dwc3.ko", "kernel/drivers/usb/isp1760/isp1760.ko",
          "kernel/drivers/usb/mtu3/mtu3.ko", "kernel/drivers/usb/musb/musb_hdrc.ko",
          "kernel/drivers/usb/renesas_usbhs/renesas_usbhs.ko"},
         true},
        {"usb",
         {"kernel/drivers/usb/cdns3/cdns3-starfive.ko", "kernel/drivers/usb/chipidea/ci_hdrc.ko",
          "kernel/drivers/usb/dwc2/dwc2.ko", "kernel/drivers/usb/dwc3/dwc3.ko",
          "kernel/drivers/usb/host/xhci-plat-hcd.ko", "kernel/drivers/usb/isp1760/isp1760.ko",
          "kernel/drivers/usb/mtu3/mtu3.ko", "kernel/drivers/usb/musb/musb_hdrc.ko",
          "kernel/drivers/usb/renesas_usbhs/renesas_usbhs.ko", "kernel/drivers/usb/storage/usb-storage.ko"},
         true},
        {"phy",
         {"kernel/drivers/phy/broadcom/phy-brcm-usb-dvr.ko",
          "kernel/drivers/phy/rockchip/phy-rockchip-pcie.ko"},
         true},
        {"qeth",
         {"kernel/drivers/s390/net/qeth.ko", "kernel/drivers/s390/net/qeth_l2.ko",
          "kernel/drivers/s390/net/qeth_l3.ko"},
         true},
        {"zfcp", {"kernel/drivers/s390/scsi/zfcp.ko"}, true},
        // Alpine up to 2.1 and since, DKMS, Ubuntu.
        {"zfs",
         {"extra/avl/zavl.ko", "extra/icp/icp.ko", "extra/lua/zlua.ko", "extra/nvpair/znvpair.ko",
          "extra/spl/spl.ko", "extra/unicode/zunicode.ko", "extra/zcommon/zcommon.ko", "extra/zfs/zfs.ko",
          "extra/zstd/zzstd.ko"},
         false},
        {"zfs", {"extra/spl.ko", "extra/zfs.ko"}, false},
        {"zfs", {"updates/dkms/spl.ko", "updates/dkms/zfs.ko"}, false},
        {"zfs", {"kernel/zfs/spl.ko", "kernel/zfs/zfs.ko"}, false},
    };
    const std::string bytes = test::ElfModule{.modinfo = {"license=GPL"}}.build();
    for (const Row& row : table) {
        INFO(row.feature << ' ' << row.modules[0]);
        const auto features = FeatureResolver({source_dir / "features.d"}).resolve({{row.feature, {}}});
        REQUIRE(features);
        const auto resolve = [&](const std::vector<std::string>& paths) {
            test::KernelTree kernel;
            for (const char* other : {"kernel/drivers/s390/block/dcssblk.ko",
                                      "kernel/drivers/s390/net/lcs.ko", "extra/other/other.ko"})
                kernel.module(other, bytes);
            for (const std::string& path : paths)
                kernel.module(path, bytes);
            kernel.depmod();
            const Sysroot root(kernel.dir().path());
            const auto kernel_lists = read_kernel_lists(kernel.directory()).value();
            return ModuleResolver(root, kernel.version(), "lib/modules/" + kernel.version(), kernel_lists)
                .resolve(features->modules);
        };
        const auto found = resolve(row.modules);
        REQUIRE(found);
        std::vector<std::string> modules;
        for (const ReadModule& module : found->modules)
            modules.push_back(module.path);
        CHECK(modules == row.modules);
        CHECK(resolve({}).has_value() != row.required);
    }
}

TEST_CASE("the list of undeclared firmware that ships is read") {
    const auto list = read_file(source_dir / "firmware.d/undeclared.list");
    REQUIRE(list);
    const auto undeclared = parse_undeclared_firmware(*list, "undeclared.list");
    REQUIRE(undeclared);
    CHECK(undeclared->count("cxgb4") == 5);
    CHECK(undeclared->find("tg3")->second == "tigon/tg357766.bin");
}

TEST_CASE("the stock feature list of Alpine needs no optional tool") {
    for (const char* name :
         {"ata", "base", "cdrom", "ext4", "keymap", "kms", "mmc", "nvme", "raid", "scsi", "usb", "virtio"}) {
        INFO(name);
        CHECK_FALSE(has_required_line(std::string(name) + ".files"));
    }
}

TEST_CASE("every profile has its sentence, known features, and options that the init serves") {
    const std::set<std::string> names = feature_names();
    std::set<std::string> profiles;
    for (const auto& item : std::filesystem::directory_iterator(source_dir / "profiles")) {
        INFO(item.path());
        const auto profile = parse_profile(read_file(item.path()).value(), item.path().string());
        REQUIRE(profile);
        profiles.insert(item.path().stem());
        CHECK(profile->description.ends_with('.'));
        REQUIRE(profile->settings.contains("features"));
        for (const auto feature : split_words(profile->settings.at("features").value)) {
            INFO(feature);
            CHECK(names.contains(std::string(feature)));
        }
        if (!profile->settings.contains("cmdline")) continue;
        for (const auto& word : split_command_line(profile->settings.at("cmdline").value).words) {
            INFO(word.name);
            REQUIRE(find_boot_option(word.name) != nullptr);
            CHECK(find_boot_option(word.name)->support == BootOption::Support::Supported);
        }
    }
    CHECK(profiles ==
          std::set<std::string>{"diskless-alpine", "live", "minimal-virtio", "network", "nfs-root"});
}

TEST_CASE("what must not be in a netboot image is not asked for") {
    for (const char* file :
         {"base.modules", "network.modules", "nfs.modules", "virtio.modules", "9p.modules"})
        for (const Pattern& pattern : parse_feature_list(lists().at(file), "f", file)) {
            INFO(file << ": " << pattern.glob);
            CHECK(pattern.glob.find("infiniband") == std::string::npos);
            CHECK(pattern.glob.find("wireless") == std::string::npos);
            CHECK(pattern.glob.find("rdma") == std::string::npos);
        }
}

TEST_CASE("the manual names every profile and every setting of one") {
    const std::string profiles = read_file(source_dir / "docs/man/mkpxerd.yaml.5").value();
    for (const auto& item : std::filesystem::directory_iterator(source_dir / "profiles")) {
        INFO(item.path());
        const auto profile = parse_profile(read_file(item.path()).value(), item.path().string());
        CHECK(profiles.find(".It Cm " + item.path().stem().string() + "\n" + profile->description) !=
              std::string::npos);
    }
    for (const std::string& key : setting_keys()) {
        INFO(key);
        CHECK(profiles.find(key) != std::string::npos);
    }
}
