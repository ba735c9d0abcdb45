// SPDX-License-Identifier: MIT
// The data that the program ships: lists and profiles, as they lie in the source tree.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/boot_options.hpp"
#include "mkpxerd/generator/feature_resolver.hpp"
#include "mkpxerd/generator/file_collector.hpp"
#include "mkpxerd/generator/settings.hpp"
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
    for (const auto& [file, text] : lists()) {
        if (!file.ends_with(".files")) continue;
        INFO(file);
        const auto patterns = parse_feature_list(text, "f", file);
        const test::TempDir system;
        for (const Pattern& pattern : patterns) {
            std::string path = pattern.glob;
            for (auto star = path.find('*'); star != std::string::npos; star = path.find('*'))
                path.replace(star, 1, "some");
            system.write(path, path);
        }
        const Sysroot basedir(system.path());
        const auto files = FileCollector(basedir).collect(patterns);
        REQUIRE(files);
        CHECK(files->files.size() >= patterns.size());
        // Without them, exactly the lines that are not optional are missed.
        const test::TempDir empty;
        const Sysroot nothing(empty.path());
        const auto missed = FileCollector(nothing).collect(patterns);
        const auto required =
            std::count_if(patterns.begin(), patterns.end(), [](const Pattern& p) { return !p.optional; });
        CHECK(missed.has_value() == (required == 0));
        if (!missed) CHECK(missed.error().problems().size() == static_cast<std::size_t>(required));
    }
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
            CHECK(find_boot_option(word.name)->support == BootOption::Support::Served);
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

TEST_CASE("the manual names every option that the init serves or knows, and every profile") {
    const std::string options = read_file(source_dir / "docs/man/pxerd-cmdline.7").value();
    for (const BootOption& option : boot_options()) {
        if (option.support != BootOption::Support::Served && option.support != BootOption::Support::Named)
            continue;
        INFO(option.name);
        CHECK(options.find(option.name) != std::string::npos);
    }
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
