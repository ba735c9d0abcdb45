// SPDX-License-Identifier: MIT
// A tree that is not ours commands nothing: whatever its configuration and its profiles name lies in it.
#include "mkpxerd/generator/request/setting_sources.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include "mkpxerd/generator/request/build_request.hpp"
#include "mkpxerd/generator/request/tree_files.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;
namespace fs = std::filesystem;

namespace {

constexpr const char* authority = "-----BEGIN CERTIFICATE-----\nprecious\n";
constexpr const char* conf = "root/etc/mkinitfs/mkinitfs.conf";
constexpr const char* profile = "root/etc/mkpxerd/profiles/site.yaml";

// A tree of somebody else, and files of this machine that it must not get at.
struct Setup {
    test::TempDir dir;
    CommandOptions command;
    Setup() {
        command.basedir = dir / "root";
        command.data_dir = dir / "data";
        command.init_program = dir / "init";
        dir.write("root/etc/motd", "motd");
        dir.write("data/profiles/network.yaml", "features: [base]\n");
        dir.write("host/private", authority);
        dir.write("host/site.yaml", "features: [precious]\n");
    }
    std::string host(const std::string& name) const { return (dir / ("host/" + name)).string(); }
    Result<BuildRequest> load() const { return load_request(command); }
    // What is wrong; "" for nothing.
    std::string failure() const {
        const auto request = load();
        return request ? "" : request.error().text();
    }
    // By a profile.
    void say(const std::string& key, const std::string& value) const {
        dir.write(profile, fmt::format("features: [base]\n{}: \"{}\"\n", key, value));
    }
    std::string failure_of_profile(const std::string& name = "site") {
        command.profile = name;
        const std::string text = failure();
        command.profile.clear();
        return text;
    }
};

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the configuration of a tree names no file of this machine") {
    Setup setup;
    fs::create_symlink(setup.host("private"), setup.dir / "root/link");
    fs::create_symlink("../host", setup.dir / "root/directory");
    for (const char* key : {"init", "fstab", "modloop_sig"})
        for (const std::string& value :
             {setup.host("private"), std::string("../host/private"), std::string("link"),
              std::string("/directory/private"), std::string("/etc/passwd"), std::string("/etc")}) {
            INFO(key << '=' << value);
            setup.dir.write(conf, fmt::format("features=base\nd=\"{}\"\n{}=\"${{d}}\"\n", value, key));
            CHECK(holds(setup.failure(), "mkinitfs.conf:3: " + value + " is not a file in "));
            CHECK_FALSE(holds(setup.failure(), "precious"));
        }
}

TEST_CASE("a profile of a tree names no file of this machine") {
    Setup setup;
    fs::create_symlink(setup.host("private"), setup.dir / "root/link");
    setup.dir.write("root/etc/mkpxerd/profiles/below.yaml", "extends: site\n");
    for (const std::string key :
         {"append", "ca", "fstab", "hardware", "init", "key", "modloop-signature", "pin", "prepend"})
        for (const std::string& value : {setup.host("private"), std::string("../host/private"),
                                         std::string("link"), std::string("/etc/passwd")}) {
            INFO(key << ": " << value);
            setup.say(key, (key == "pin" ? "root=" : "") + value);
            const std::string said = "site.yaml:2: " + value + " is not a file in ";
            CHECK(holds(setup.failure_of_profile(), said));
            CHECK(holds(setup.failure_of_profile("below"), said));
        }
}

TEST_CASE("a tree does not turn the build to another one") {
    Setup setup;
    fs::create_directories(setup.dir / "root/below");
    fs::create_symlink(setup.host(""), setup.dir / "root/link");
    const std::string said = ":2: a tree cannot ask for another tree (give --";
    for (const std::string& value :
         {setup.host(""), std::string("../host"), std::string("link"), std::string("/below"),
          setup.command.basedir.string(), std::string("/etc")}) {
        INFO(value);
        setup.dir.write(conf, "features=base\nbasedir=" + value + "\n");
        CHECK(holds(setup.failure(), said));
        for (const char* key : {"basedir", "kernel-root"}) {
            setup.say(key, value);
            CHECK(holds(setup.failure_of_profile(), said));
        }
    }
    setup.say("kernel-root", "/");
    CHECK(setup.failure_of_profile().empty());
    setup.dir.write(conf, "features=base\nbasedir=/\n"); // as its owner has it, in a chroot
    REQUIRE(setup.load());
    CHECK(setup.load()->basedir == setup.command.basedir);
    CHECK(setup.load()->kernel_root == setup.command.basedir);
}

TEST_CASE("what a tree names is found in it, links and all") {
    Setup setup;
    setup.dir.write("root/srv/real/file", authority);
    setup.dir.write("root/srv/real/program", "#!/bin/sh\n");
    fs::create_symlink("/srv/real", setup.dir / "root/srv/link");
    const std::string named = "/srv/link/file";
    const TreePath real(setup.command.basedir, "srv/real/file");
    setup.dir.write(
        conf,
        fmt::format("features=base\nfstab={0}\ninit=/srv/link/program\nmodloop_sig=srv/link/file\n", named));
    const auto configured = setup.load();
    REQUIRE(configured);
    CHECK(configured->init_program == TreePath(setup.command.basedir, "srv/real/program"));
    CHECK(configured->plain_init_program.empty());
    REQUIRE(configured->extra_files.size() == 2);
    CHECK(configured->extra_files[0].source == real);
    CHECK(configured->extra_files[1].source == real);
    CHECK(configured->extra_files[1].path == "var/cache/misc/file");

    setup.dir.write(profile, fmt::format("features: [base]\nappend: {0}\nprepend: {0}\nhardware: [\"{0}\"]\n"
                                         "ca: {0}\npin: \"root={0}\"\n",
                                         named));
    setup.command.profile = "site";
    const auto profiled = setup.load();
    REQUIRE(profiled);
    CHECK(profiled->append == std::vector{real});
    CHECK(profiled->prepend == std::vector{real});
    CHECK(profiled->hardware == std::vector{real});
    CHECK(profiled->authorities == authority);
    CHECK(profiled->pins.at("root").size() == 64);
}

TEST_CASE("the configuration of a tree decides what it may: features, compression, options of the image") {
    Setup setup;
    setup.dir.write(conf, "features=\"base nfs\"\ninitfscomp=xz\ncomplevel_xz=3\nkernel=6.1-lts\n"
                          "custom_files=\"/etc/motd /etc/../../x\"\nnokernel=1\n");
    const auto configured = setup.load();
    REQUIRE(configured);
    CHECK(configured->features.size() == 2);
    CHECK(configured->compression.format == wrap::Format::Xz);
    CHECK(configured->compression.level == 3);
    CHECK(configured->kernel_version == "6.1-lts");
    CHECK(configured->custom_files.at(0).glob == "etc/motd");
    CHECK(configured->custom_files.at(1).glob == "x");
    CHECK_FALSE(configured->with_kernel);
    CHECK(configured->output.empty());

    setup.dir.write(profile, "extends: network\ncmdline: ip=dhcp\nlenient: yes\nmax-size: 20M\nmode: 0600\n"
                             "hostkeys: no\nallow-secrets: no\n");
    setup.command.profile = "site";
    const auto profiled = setup.load();
    REQUIRE(profiled);
    CHECK(profiled->cmdline == "ip=dhcp");
    CHECK(profiled->lenient);
    CHECK(profiled->mode == 0600U);
}

TEST_CASE("a tree asks for nothing that is not its own to give") {
    Setup setup;
    const auto [key, value, what, option] =
        GENERATE(table<const char*, const char*, const char*, const char*>({
            {"allow-secrets", "yes", "an image that lets others read secrets", "--allow-secrets"},
            {"hostkeys", "yes", "the keys of this machine", "-K"},
            {"mode", "0666", "more than mode 0644", "--mode"},
            {"mode", "0755", "more than mode 0644", "--mode"},
        }));
    INFO(key);
    setup.say(key, value);
    CHECK(setup.failure_of_profile() ==
          fmt::format("{}:2: a tree cannot ask for {} (give {} on the command line if you mean it)",
                      (setup.dir / profile).string(), what, option));
    setup.dir.write(conf, "features=base\nhostkeys=1\n");
    CHECK(holds(setup.failure(), "mkinitfs.conf:2: a tree cannot ask for the keys of this machine"));
    setup.command.settings = {{key, value}};
    CHECK(setup.failure_of_profile().empty());
}

TEST_CASE("the image of a tree's own choice lies in the tree, and any other choice is stronger") {
    Setup setup;
    setup.dir.write(conf, "features=base\noutfile=" + setup.host("private") + "\n");
    auto request = setup.load();
    REQUIRE(request);
    CHECK(request->output.empty());
    REQUIRE(request->output_of_tree);
    CHECK(*request->output_of_tree ==
          TreeOutput{setup.command.basedir, setup.host("private"), {(setup.dir / conf).string(), 2}});
    setup.command.settings = {{"output", "/elsewhere"}};
    request = setup.load();
    REQUIRE(request);
    CHECK(request->output == "/elsewhere");
    CHECK_FALSE(request->output_of_tree);
}

TEST_CASE(
    "paths of this machine count from options, from -c, and from profiles that are named or installed") {
    Setup setup;
    const std::string file = setup.host("private");
    const auto fstab = [&] {
        const auto request = setup.load();
        return request && request->extra_files.size() == 1 ? request->extra_files[0].source.string()
                                                           : setup.failure();
    };
    setup.command.settings = {{"features", "base"}, {"fstab", file}};
    CHECK(fstab() == file);
    setup.command.settings.clear();
    setup.command.config = setup.dir.write("my.conf", "features=base\nfstab=" + file + "\n");
    CHECK(fstab() == file);
    setup.command.config.reset();
    setup.command.profile = setup.dir.write("my.yaml", "features: [base]\nfstab: " + file + "\n").string();
    CHECK(fstab() == file);
    setup.dir.write("data/profiles/lab.yaml", "features: [base]\nfstab: " + file + "\n");
    setup.command.profile = "lab";
    CHECK(fstab() == file);
    setup.dir.write(profile, "extends: lab\n"); // a tree that builds on an installed profile
    setup.command.profile = "site";
    CHECK(fstab() == file);
    // The same configuration, now said by the user.
    setup.dir.write(conf, "features=base\nfstab=" + file + "\n");
    setup.command.profile.clear();
    setup.command.config = setup.dir / conf;
    CHECK(fstab() == file);
}

TEST_CASE(
    "a profile of a tree extends profiles of the tree and of the installation, no file of this machine") {
    Setup setup;
    const auto extends = [&](const std::string& name) {
        setup.dir.write(profile, "extends: " + name + "\n");
        setup.command.profile = "site";
        const auto request = setup.load();
        if (!request) return request.error().text();
        std::string names;
        for (const FeatureName& feature : request->features)
            names += feature.name + ' ';
        return names;
    };
    CHECK(extends("network") == "base ");
    setup.dir.write("root/etc/mkpxerd/profiles/own.yaml", "features: [own]\n");
    CHECK(extends("own") == "own ");
    CHECK(extends("/etc/mkpxerd/profiles/own.yaml") == "own ");
    CHECK(extends("etc/mkpxerd/profiles/own.yaml") == "own ");
    fs::create_symlink(setup.host("site.yaml"), setup.dir / "root/link.yaml");
    for (const std::string& name :
         {setup.host("site.yaml"), std::string("../host/site.yaml"), std::string("../../host/site.yaml"),
          std::string("link.yaml"), std::string("./link.yaml")}) {
        INFO(name);
        CHECK(holds(extends(name), "site.yaml:1: " + name + " is not a file in "));
    }
    // A name of the command line is the user's, what that profile says is the tree's.
    setup.dir.write("root/etc/mkpxerd/profiles/network.yaml", "extends: " + setup.host("site.yaml") + "\n");
    setup.command.profile = "network";
    CHECK(holds(setup.failure(), " is not a file in "));
    setup.command.profile = setup.host("site.yaml");
    CHECK(setup.failure().empty());
}

TEST_CASE("the configuration and the profiles of a tree are read inside it") {
    Setup setup;
    setup.dir.write("host/shadow", "root:precious:1\n");
    setup.dir.write("host/conf/mkinitfs.conf", "precious\n");
    setup.dir.write("host/profiles/site.yaml", "precious\n");
    const auto check = [&] {
        for (const char* name : {"", "site"}) {
            setup.command.profile = name;
            CHECK_FALSE(holds(setup.failure(), "precious"));
        }
    };
    fs::create_directories(setup.dir / "root/etc/mkinitfs");
    fs::create_directories(setup.dir / "root/etc/mkpxerd/profiles");
    for (const std::string& target : {setup.host("shadow"), std::string("../../../host/shadow")}) {
        fs::create_symlink(target, setup.dir / conf);
        fs::create_symlink(target, setup.dir / profile);
        check();
        fs::remove(setup.dir / conf);
        fs::remove(setup.dir / profile);
    }
    fs::remove_all(setup.dir / "root/etc/mkinitfs");
    fs::remove_all(setup.dir / "root/etc/mkpxerd");
    fs::create_symlink(setup.host("conf"), setup.dir / "root/etc/mkinitfs");
    fs::create_directories(setup.dir / "root/etc/mkpxerd");
    fs::create_symlink(setup.host("profiles"), setup.dir / "root/etc/mkpxerd/profiles");
    check();
    // Nor are they listed.
    for (const auto& [name, file] : known_profiles(setup.command))
        CHECK(name == "network");
    // An absolute link that is right within the tree.
    fs::remove(setup.dir / "root/etc/mkinitfs");
    fs::create_symlink("/usr/lib/mkinitfs", setup.dir / "root/etc/mkinitfs");
    setup.dir.write("root/usr/lib/mkinitfs/mkinitfs.conf", "features=own\n");
    setup.command.profile.clear();
    REQUIRE(setup.load());
    CHECK(setup.load()->features.at(0).name == "own");
}

TEST_CASE("pipes of a tree do not hold up the settings") {
    Setup setup;
    const auto make = [&](const char* name) {
        fs::create_directories((setup.dir / name).parent_path());
        REQUIRE(::mkfifo((setup.dir / name).c_str(), 0644) == 0);
    };
    make(conf);
    CHECK(setup.failure() == (setup.dir / conf).string() + ": is not a regular file");
    fs::remove(setup.dir / conf);
    make(profile);
    CHECK(setup.failure_of_profile() == (setup.dir / profile).string() + ": is not a regular file");
    fs::remove(setup.dir / profile);
    make("root/pipe");
    for (const char* key :
         {"append", "ca", "fstab", "hardware", "init", "modloop-signature", "prepend", "extends"}) {
        INFO(key);
        setup.say(key, "/pipe");
        CHECK(holds(setup.failure_of_profile(), "site.yaml:2: /pipe is not a file in "));
    }
    setup.say("pin", "root=/pipe");
    CHECK(holds(setup.failure_of_profile(), "site.yaml:2: /pipe is not a file in "));
}

TEST_CASE("a tree names each file once, so that no list of names outgrows its bytes") {
    Setup setup;
    setup.dir.write("root/big", authority);
    setup.dir.write(profile, "features: [base]\nappend: [/big, /big]\n");
    CHECK(holds(setup.failure_of_profile(), "site.yaml:2: '/big' is named twice"));
    std::string many = "features: [base]\nprepend:\n";
    for (unsigned i = 0; i < 101; ++i)
        many += "- /none\n";
    setup.dir.write(profile, many);
    CHECK(holds(setup.failure_of_profile(), "site.yaml:2: 101 files, more than 100"));
    setup.dir.write(profile, "features: [base]\nca: [/big, etc/../big]\n");
    CHECK(holds(setup.failure_of_profile(), "site.yaml:2: 'etc/../big' is named twice"));
}

TEST_CASE("settings have no zero bytes, and not thousands of features") {
    Setup setup;
    setup.dir.write(profile, "features: [base]\nfstab: \"/etc/motd\\0x\"\n");
    CHECK(holds(setup.failure_of_profile(), "site.yaml:2: the value of 'fstab' contains a zero byte"));
    std::string many = "features='";
    for (unsigned i = 0; i < 1001; ++i)
        many += "x ";
    setup.dir.write(conf, many + "'\n");
    CHECK(holds(setup.failure(), "mkinitfs.conf:1: 1001 features, more than 1000"));
}

TEST_CASE("names with + and add-features join the features of weaker sources") {
    Setup setup;
    setup.dir.write("data/profiles/lab.yaml", "extends: network\nadd-features: [rescue, usb]\n");
    setup.dir.write("data/profiles/own.yaml", "extends: lab\nfeatures: [own]\nadd-features: more\n");
    const auto features = [&](const std::string& name, const std::vector<std::string>& lists = {}) {
        setup.command.profile = name;
        setup.command.settings.clear();
        for (const std::string& list : lists)
            setup.command.settings.emplace_back("features", list);
        const auto request = setup.load();
        if (!request) return request.error().text();
        std::string text;
        for (const FeatureName& feature : request->features)
            text += feature.name + ' ';
        for (const Problem& warning : request->warnings)
            text += "| " + to_text(warning);
        return text;
    };
    CHECK(features("network", {"+rescue"}) == "base rescue ");
    CHECK(features("", {"+rescue"}) == "base rescue ");
    CHECK(features("lab") == "base rescue usb ");
    CHECK(features("lab", {"+nfs +dhcp"}) == "base rescue usb nfs dhcp ");
    CHECK(features("own") == "own more ");
    // A list without + replaces, and says what is left out.
    const std::string left_out =
        "| --features: replaces the features of profile lab: rescue usb are left out "
        "(-F +NAME adds to them)";
    CHECK(features("lab", {"base nfs"}) == "base nfs " + left_out);
    CHECK(features("lab", {"base usb rescue nfs"}) == "base usb rescue nfs ");
    CHECK(features("lab", {"base", "+usb +rescue"}) == "base usb rescue ");
    CHECK(features("lab", {"+usb nfs"}) ==
          "--features: '+usb' adds, but the other names replace (write + before all names of -F, or "
          "add-features: in a profile)");
    // Each name has its source.
    setup.command.profile = "lab";
    setup.command.settings = {{"features", "+nfs"}};
    const auto request = setup.load();
    REQUIRE(request->features.size() == 4);
    CHECK(request->features[1].origin.text().ends_with("lab.yaml:2"));
    CHECK(request->features[3].origin.text() == "--features");
    // A configuration is stronger than a profile, and weaker than the command line.
    setup.dir.write("own.conf", "features=\"conf\"\n");
    setup.command.config = setup.dir / "own.conf";
    CHECK(features("lab", {"+nfs"}).starts_with("conf nfs | "));
}
