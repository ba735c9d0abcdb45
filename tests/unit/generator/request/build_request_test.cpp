// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/request/build_request.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include "mkpxerd/generator/request/settings.hpp"
#include "temp_dir.hpp"
#include "unprivileged.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {
struct Setup {
    test::TempDir dir;
    CommandOptions command;
    Setup() {
        command.basedir = dir / "root";
        std::filesystem::create_directory(command.basedir);
        command.data_dir = dir / "data";
        dir.write("data/profiles/network.yaml", "description: d\nfeatures: [base, network]\n");
    }
    std::string features() const {
        const auto request = load_request(command);
        if (!request) return request.error().text();
        std::string names;
        for (const auto& feature : request->features)
            names += feature.name + ' ';
        return names;
    }
};
} // namespace

TEST_CASE("without profile and configuration the network profile is built") {
    CHECK(Setup().features() == "base network ");
}

TEST_CASE("the command line is stronger than the configuration, which is stronger than the profile") {
    Setup setup;
    setup.dir.write("root/etc/mkinitfs/mkinitfs.conf", "features='conf'\ninitfscomp=zstd\n");
    CHECK(setup.features() == "conf ");
    setup.command.settings = {{"features", "cli"}};
    CHECK(setup.features() == "cli ");
    CHECK(load_request(setup.command)->compression.format == wrap::Format::Zstd);
}

TEST_CASE("a named profile stands in for the system's configuration, -c brings one in") {
    Setup setup;
    setup.dir.write("root/etc/mkinitfs/mkinitfs.conf", "features='conf'\n");
    setup.command.profile = "network";
    CHECK(setup.features() == "base network ");
    setup.command.config = setup.dir / "root/etc/mkinitfs/mkinitfs.conf";
    CHECK(setup.features() == "conf ");
}

TEST_CASE("a profile extends another and overrides it") {
    Setup setup;
    setup.dir.write("root/etc/mkpxerd/profiles/site.yaml",
                    "extends: network\ncompression: xz\nlevel: 3\ncmdline: ip=dhcp\n");
    setup.command.profile = "site";
    const auto request = load_request(setup.command);
    REQUIRE(request);
    CHECK(request->features.size() == 2);
    CHECK(request->compression.format == wrap::Format::Xz);
    CHECK(request->compression.level == 3);
    CHECK(request->cmdline == "ip=dhcp");
}

TEST_CASE("bad profiles are refused with file and line") {
    Setup setup;
    const auto error = [&](const std::string& text) {
        setup.command.profile = setup.dir.write("p.yaml", text).string();
        std::string message = setup.features();
        const auto at = message.find("p.yaml");
        return at == std::string::npos ? message : message.substr(at);
    };
    CHECK(error("features: [base]\nfeatrues: [x]\n") ==
          "p.yaml:2: unknown key 'featrues' (did you mean 'features'?)");
    CHECK(error("features: {a: b}\n") ==
          "p.yaml:1: the value of 'features' must be a text or a list of texts");
    CHECK(error("- a\n") == "p.yaml: a profile must be a list of 'key: value' lines");
    CHECK(error("features: [a\n").find("p.yaml:") == 0);
    CHECK(error("features: [a]\nfeatures: [b]\n") == "p.yaml:2: 'features' is set twice");
    CHECK(error("extends: " + (setup.dir / "p.yaml").string() + "\n").find("extends itself") !=
          std::string::npos);
    CHECK(error("features: [a]\ncompression: brotli\n").find("p.yaml:2: unknown compression 'brotli'") == 0);
    CHECK(error(std::string(5000, '[')) == "p.yaml: is nested too deeply for a profile");
}

TEST_CASE("an unknown profile says what was meant") {
    Setup setup;
    setup.command.profile = "netwrok";
    CHECK(setup.features() == "--profile: unknown profile 'netwrok' (did you mean 'network'?)");
    setup.command.profile = "work"; // a part of the name
    CHECK(setup.features() == "--profile: unknown profile 'work' (did you mean 'network'?)");
    const std::string unknown = "--profile: unknown profile '";
    setup.command.profile = "xyz";
    CHECK(setup.features().starts_with(unknown + "xyz' (there are "));
    CHECK(setup.features().find("network") != std::string::npos);
    CHECK(setup.features().ends_with("; mkpxerd -L describes all)"));
    setup.command.profile = "linux-lts";
    CHECK(setup.features().ends_with("; a preset of mkinitcpio is --profile and -o here)"));
}

TEST_CASE("features are searched in the last -P first, the installed ones last") {
    Setup setup;
    std::filesystem::create_directory(setup.dir / "first");
    std::filesystem::create_directory(setup.dir / "last");
    setup.command.feature_dirs = {setup.dir / "first", setup.dir / "last"};
    const auto request = load_request(setup.command);
    REQUIRE(request);
    const auto& root = setup.command.basedir;
    CHECK(request->feature_dirs == std::vector<TreePath>{setup.dir / "last", setup.dir / "first",
                                                         TreePath(root, "etc/mkinitfs/features.d"),
                                                         TreePath(root, "etc/mkpxerd/features.d"),
                                                         setup.command.data_dir / "features.d"});
    setup.command.feature_dirs.push_back(setup.dir / "none");
    CHECK(load_request(setup.command).error().text() ==
          "--feature-dir: " + (setup.dir / "none").string() + " is not a directory");
}

TEST_CASE("SOURCE_DATE_EPOCH must fit into cpio") {
    Setup setup;
    setup.command.source_date_epoch = "1700000000";
    CHECK(load_request(setup.command)->epoch == 1700000000);
    setup.command.source_date_epoch = "4294967296";
    CHECK_FALSE(load_request(setup.command));
    setup.command.source_date_epoch = "yesterday";
    CHECK_FALSE(load_request(setup.command));
}

TEST_CASE("a configuration or profile that is there and cannot be read makes no room for the default") {
    Setup setup;
    const auto file = setup.dir.write("root/etc/mkinitfs/mkinitfs.conf", "features='conf'\n");
    REQUIRE(::chmod(setup.dir.path().c_str(), 0755) == 0);
    REQUIRE(::chmod(file.parent_path().c_str(), 0) == 0);
    {
        const test::Unprivileged user;
        CHECK(setup.features() == file.string() + ": cannot be examined: Permission denied");
    }
    REQUIRE(::chmod(file.parent_path().c_str(), 0755) == 0);
    std::filesystem::remove(file);
    std::filesystem::create_symlink("gone", file);
    CHECK(setup.features() == file.string() + ": cannot open: No such file or directory");
    std::filesystem::remove(file);
    CHECK(setup.features() == "base network ");

    std::filesystem::create_directories(setup.dir / "root/etc/mkpxerd/profiles");
    const auto profile = setup.dir / "root/etc/mkpxerd/profiles/network.yaml";
    std::filesystem::create_symlink("gone", profile);
    CHECK(setup.features() == profile.string() + ": cannot open: No such file or directory");
}

TEST_CASE("trees that are not there are told with where they were named") {
    Setup setup;
    setup.command.basedir = setup.dir / "none";
    CHECK(setup.features() == "--basedir: " + (setup.dir / "none").string() + " is not a directory");
    setup.command.basedir = setup.dir.write("file", "x");
    CHECK(setup.features() == "--basedir: " + (setup.dir / "file").string() + " is not a directory");
    setup.command.basedir = setup.dir / "root";
    setup.command.settings = {{"kernel-root", (setup.dir / "none").string()}};
    CHECK(setup.features() == "--kernel-root: " + (setup.dir / "none").string() + " is not a directory");
    setup.command.settings.clear();
    setup.command.config = setup.dir.write("my.conf", "features=base\nbasedir=/none/such\n");
    CHECK(setup.features() == (setup.dir / "my.conf").string() + ":2: /none/such is not a directory");
}

TEST_CASE("an extra file keeps its permissions, but for its owner's") {
    Setup setup;
    const auto fstab = setup.dir.write("fstab", "none /mnt tmpfs\n");
    setup.command.settings = {{"fstab", fstab.string()}};
    const auto mode = [&](unsigned of_source) {
        REQUIRE(::chmod(fstab.c_str(), of_source) == 0);
        return load_request(setup.command)->extra_files.at(0).mode;
    };
    CHECK(mode(0644) == 0644);
    CHECK(mode(0600) == 0600);
    CHECK(mode(0440) == 0640);
    CHECK(mode(04755) == 0755);
}

TEST_CASE("a path in a list may hold blanks, from the command line and from a profile") {
    Setup setup;
    setup.dir.write("my ca.pem", "-----BEGIN CERTIFICATE-----\nx\n");
    setup.dir.write("my apkovl", "");
    const std::string authority = (setup.dir / "my ca.pem").string();
    const std::string object = (setup.dir / "my apkovl").string();
    using Paths = std::vector<TreePath>;

    setup.command.settings = {{"ca", authority},        {"append", "/a b"},          {"append", "/c"},
                              {"prepend", "/d e.cpio"}, {"pin", "apkovl=" + object}, {"hardware", "/f g"}};
    const auto given = load_request(setup.command);
    REQUIRE(given);
    CHECK(given->append == Paths{"/a b", "/c"});
    CHECK(given->prepend == Paths{"/d e.cpio"});
    CHECK(given->hardware == Paths{"/f g"});
    CHECK(given->authorities.starts_with("-----BEGIN CERTIFICATE-----"));
    CHECK(given->pins.contains("apkovl"));

    setup.command.settings = {};
    setup.command.profile = "listed";
    setup.dir.write("data/profiles/listed.yaml",
                    "extends: network\nappend: [/a b, /c]\nprepend: /d /e\nhardware:\n- /f g\n"
                    "ca: [\"" +
                        authority + "\"]\npin: [\"apkovl=" + object + "\"]\n");
    const auto listed = load_request(setup.command);
    REQUIRE(listed);
    CHECK(listed->append == Paths{"/a b", "/c"});
    CHECK(listed->prepend == Paths{"/d", "/e"}); // one text: at its blanks
    CHECK(listed->hardware == Paths{"/f g"});
    CHECK(listed->authorities == given->authorities);
    CHECK(listed->pins == given->pins);
}

TEST_CASE("public keys go into the directory of keys, each under its name") {
    Setup setup;
    setup.dir.write("site.pub", "a key");
    setup.dir.write("other/b c.pub", "another key");
    setup.dir.write("other/site.pub", "of the same name");
    const std::string first = (setup.dir / "site.pub").string();
    setup.command.settings = {{"key", first}, {"key", (setup.dir / "other/b c.pub").string()}};
    const auto request = load_request(setup.command);
    REQUIRE(request);
    REQUIRE(request->extra_files.size() == 2);
    CHECK(request->extra_files[0].path == "etc/mkpxerd/keys/site.pub");
    CHECK(request->extra_files[0].source == TreePath(first));
    CHECK(request->extra_files[1].path == "etc/mkpxerd/keys/b c.pub");

    setup.command.settings = {{"key", first}, {"key", (setup.dir / "other/site.pub").string()}};
    const auto twice = load_request(setup.command);
    REQUIRE_FALSE(twice);
    CHECK(twice.error().text() == "--key: two keys have the name 'site.pub' (rename one of them)");
    setup.command.settings = {{"key", (setup.dir / "none").string()}};
    CHECK_FALSE(load_request(setup.command));
}

TEST_CASE("a request names the profile in effect, also the default one") {
    Setup setup;
    CHECK(load_request(setup.command)->profile == "network");
    setup.command.settings = {{"features", "base"}};
    CHECK(load_request(setup.command)->profile.empty());
    setup.command.profile = "network";
    CHECK(load_request(setup.command)->profile == "network");
}
