// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/foreign_options.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <set>

#include "mkpxerd/base/file.hpp"

using namespace mkpxerd;

namespace {

// "refused", "named" or "" for the last word of a line.
std::string judged(std::string_view text) {
    const CommandLine line = split_command_line(text);
    const auto finding = judge_foreign_option(line.words.back(), line.words);
    return !finding ? "" : finding->refused ? "refused" : "named";
}

} // namespace

TEST_CASE("options of other programs stand in their table once, and none is an option of ours") {
    std::set<std::string_view> names;
    for (const ForeignOption& option : foreign_options()) {
        INFO(option.name);
        CHECK(names.insert(option.name).second);
        CHECK_FALSE(option.instead.empty());
        CHECK(find_boot_option(option.name) == nullptr);
        CHECK(option.name.find_first_of("_ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos);
    }
    for (const BootOption& option : boot_options()) {
        INFO(option.name);
        CHECK(judged(fmt::format("{}=x", option.name)).empty());
    }
}

TEST_CASE("docs/cmdline.md and the manual name every option of other programs") {
    for (const char* file : {"docs/cmdline.md", "docs/man/pxerd-cmdline.7"}) {
        const std::string document = read_file(fmt::format("{}/{}", MKPXERD_SOURCE_DIR, file)).value();
        for (const ForeignOption& option : foreign_options()) {
            INFO(file << " " << option.name);
            CHECK(document.find(option.name) != std::string::npos);
        }
    }
}

TEST_CASE("whatever promises verification is refused, in every spelling, unless it is taken back") {
    for (const char* word : {"roothash=00",
                             "usrhash=00",
                             "RootHash=00",
                             "roothash",
                             "systemd.verity",
                             "systemd.verity=1",
                             "systemd.verity_root_data=/dev/sda",
                             "systemd.verity_usr_hash=/dev/sda",
                             "rd.systemd.verity=1",
                             "rd.verity.x=1",
                             "verity.x=y",
                             "veritysetup=x",
                             "systemd.image_policy=x",
                             "integrity-check",
                             "rd.integrity=1",
                             "verify-checksums",
                             "verify_checksums=MD5SUMS",
                             "verify=y",
                             "checksum=y",
                             "rd.live.check=1",
                             "dm-mod.create=x",
                             "dm_mod.create=x",
                             "dm=x",
                             "dm-verity-root-hash=x:00",
                             "cms_verify=y",
                             "composefs=00"}) {
        INFO(word);
        CHECK(judged(word) == "refused");
    }
    for (const char* word : {"systemd.verity=no", "rd.live.check=0", "verify=n", "checksum=off",
                             "dm_verity.x=1", "verbose", "systemd.unit=x", "dm_crypt.max_read_size=1"}) {
        INFO(word);
        CHECK(judged(word).empty());
    }
}

TEST_CASE("another root or network is refused, what changes little is named") {
    for (const char* word : {"netboot=nfs",
                             "boot=casper",
                             "boot=live",
                             "archiso_http_srv=http://h/",
                             "httpfs=http://h/",
                             "netroot=x",
                             "overlayroot=tmpfs",
                             "rd.iscsi.initiator=x",
                             "iscsi_target=x",
                             "ostree=/x",
                             "vlan=a:b",
                             "bond=x",
                             "bridge=x",
                             "team=x",
                             "ifname=a:b",
                             "rd.route=x",
                             "bootdev=eth0",
                             "VLAN=a",
                             "url=http://h/x.iso",
                             "live-netdev=eth0",
                             "rd.nvmf.discover=x",
                             "nbdroot=h:1",
                             "nfsaddrs=10.0.0.2::10.0.0.1:24",
                             "cifsroot=//h/x",
                             "img_label=ARCH",
                             "rd_ZNET=qeth",
                             "loop=/x"})
        CHECK(judged(word) == "refused");
    for (const char* word : {"rd.shell",
                             "rd.break=pre-mount",
                             "rd.live.image",
                             "rd.live.overlay.overlayfs=1",
                             "nameserver=10.0.0.1",
                             "rd.net.timeout.carrier=9",
                             "break=premount",
                             "http_proxy=http://h:1/",
                             "overlay",
                             "rd.luks.uuid=1",
                             "rd.anything",
                             "toram",
                             "booster.log=debug",
                             "cryptdevice=/dev/sda2:root",
                             "preseed/url=http://h/x",
                             "splash",
                             "auto=true",
                             "priority=critical",
                             "locale=de_DE",
                             "nfsoverlay=h:/x",
                             "rd_NO_LUKS",
                             "rd_LVM_LV=a/b",
                             "rdshell",
                             "crypto=::::",
                             "lvm=a/b",
                             "KEYTABLE=us",
                             "keymap=de",
                             "rd.vconsole.keymap=de",
                             "pkgsel/update-policy=none"})
        CHECK(judged(word) == "named");
    for (const char* word :
         {"boot=local", "boot=nfs", "fetch=http://h/x boot=live", "rd.neednet=0", "rd.luks=0", "foo"})
        CHECK(judged(word).empty());
}

TEST_CASE("a word is of another program whatever its value is") {
    for (const char* name : {"rd.luks", "verify", "HTTP_PROXY", "boot"})
        CHECK(is_foreign_option(name));
    CHECK_FALSE(is_foreign_option("quiet"));
    CHECK_FALSE(is_foreign_option("dm_verity.x"));
}

TEST_CASE("what is to be written instead is an option of ours") {
    std::size_t seen = 0;
    for (const ForeignOption& option : foreign_options()) {
        constexpr std::string_view write = "write ";
        if (!option.instead.starts_with(write)) continue;
        const std::string_view rest = option.instead.substr(write.size());
        const std::string_view word = rest.substr(0, rest.find_first_of("= ,"));
        const bool is_option = word.size() == rest.size() || rest[word.size()] == '=';
        if (!is_option) continue; // "write the options after a comma"
        INFO(option.name << ": " << option.instead);
        const BootOption* ours = find_boot_option(word);
        REQUIRE(ours != nullptr);
        CHECK(ours->support == BootOption::Support::Supported);
        ++seen;
    }
    CHECK(seen > 40);
}
