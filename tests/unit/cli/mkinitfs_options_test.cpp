// SPDX-License-Identifier: MIT
// What a user of mkinitfs types and writes keeps its meaning: the rows of docs/from-mkinitfs.md.
#include <catch2/catch.hpp>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/request/settings.hpp"
#include "mkpxerd/image/image_reader.hpp"
#include "mkpxerd_program.hpp"

using namespace mkpxerd;

namespace {

struct System : test::Program {
    System() {
        kernel.dir().write("own/fstab", "none /mnt tmpfs\n");
        kernel.dir().write("own/init", "#!/own init");
        kernel.dir().write("own/modloop.sig", "signature");
        kernel.dir().write("own/mkinitfs.conf", "features=\"nfs\"\n");
        kernel.dir().write("own/features.d/mine.files", "/own/fstab\n");
    }
    // "@own/init" stands for that file of this system.
    int run(std::vector<std::string> arguments, const std::string& epoch = {}) {
        for (std::string& argument : arguments)
            if (argument.starts_with('@')) argument = path(argument.substr(1));
        arguments.insert(arguments.end(), {"-b", path(""), "-o", image()});
        return Program::run(arguments, epoch);
    }
    std::string content(const std::string& name) const {
        const auto image = image::Image::open(path("image"), {name});
        REQUIRE(image);
        return image->kept(name) == nullptr ? "(not in the image)" : *image->kept(name);
    }
};

} // namespace

TEST_CASE("a table of mkinitfs' options is accepted") {
    System system;
    const auto [arguments, name, content] =
        GENERATE(table<std::vector<std::string>, std::string, std::string>({
            {{"-F", "nfs", "-f", "@own/fstab"}, "etc/fstab", "none /mnt tmpfs\n"},
            {{"-F", "nfs", "-i", "@own/init"}, "init", "#!/own init"},
            {{"-F", "nfs", "-s", "@own/modloop.sig"}, "var/cache/misc/modloop.sig", "signature"},
            {{"-F", "mine", "-P", "@own/features.d"}, "own/fstab", "none /mnt tmpfs\n"},
            {{"-c", "@own/mkinitfs.conf"}, "init", "init"},
            {{"-F", "nfs", "-K", "-k", "-q", "-t", "/nowhere", "-C", "none"}, "init", "init"},
            {{"-F", "nfs", "-n"}, "lib/modules/6.1-test/modules.dep", "(not in the image)"},
            {{"-F", "nfs", "-C", "zstd", "6.1-test"}, "init", "init"},
        }));
    INFO(name);
    CHECK(system.run(arguments) == 0);
    CHECK(system.err.str().empty());
    CHECK(system.content(name) == content);
}

TEST_CASE("without -f no fstab is in the image, not that of the system either") {
    System system;
    system.kernel.dir().write("etc/fstab", "/dev/sda1 / ext4\n");
    CHECK(system.run({"-q", "-F", "nfs"}) == 0);
    CHECK(system.content("etc/fstab") == "(not in the image)");
    CHECK(system.run({"-q", "-F", "nfs", "-f", "@etc/fstab"}) == 0);
    CHECK(system.content("etc/fstab") == "/dev/sda1 / ext4\n");
}

TEST_CASE("without SOURCE_DATE_EPOCH all times are 0, with it they are that") {
    System system;
    for (const auto& [epoch, seconds] :
         {std::pair<const char*, std::uint32_t>{"", 0}, {"1700000000", 1700000000}}) {
        INFO(epoch);
        CHECK(system.run({"-q", "-F", "mine", "-P", "@own/features.d"}, epoch) == 0);
        const auto image = image::Image::open(system.path("image"));
        REQUIRE(image);
        REQUIRE(image->entries().size() > 3);
        for (const image::Entry& entry : image->entries()) {
            INFO(entry.path);
            CHECK(entry.mtime == seconds);
        }
    }
}

TEST_CASE("the keys of the system are in every image, whatever list stands for base") {
    System system;
    system.kernel.dir().write("etc/apk/keys/site.rsa.pub", "key");
    system.kernel.dir().write("etc/mkinitfs/features.d/base.files", "/own/fstab\n");
    system.kernel.dir().write("share/mkpxerd/features.d/base.files", "?etc/apk/keys/*\n");
    for (const char* features : {"base", "nfs"}) {
        INFO(features);
        CHECK(system.run({"-q", "-F", features}) == 0);
        CHECK(system.content("etc/apk/keys/site.rsa.pub") == "key");
    }
    CHECK(system.Program::run({"why", "etc/apk/keys/site.rsa.pub", "-F", "nfs", "-b", system.path("")}) == 0);
    CHECK(system.out.str().find("etc/apk/keys/site.rsa.pub <- every image\n") != std::string::npos);
}

TEST_CASE("a stock list of mkinitfs that names what is not there leads to --lenient") {
    System system;
    system.kernel.dir().write("etc/mkinitfs/features.d/lvm.files", "/sbin/lvm\n");
    CHECK(system.run({"-q", "-F", "lvm"}) == 1);
    CHECK(system.err.str().ends_with("(put '?' before the pattern if it may be absent, or use --lenient: "
                                     "these lists of mkinitfs name files that not every system has)\n"));
    CHECK(system.run({"-q", "-F", "lvm", "--lenient"}) == 0);
}

TEST_CASE("a table of mkinitfs' settings is understood") {
    const auto [line, key, value] = GENERATE(table<const char*, const char*, const char*>({
        {"features=\"ata base\"", "features", "ata base"},
        {"kernel=6.1-lts", "kernel", "6.1-lts"},
        {"basedir=/mnt", "basedir", "/mnt"},
        {"initfscomp=zstd", "compression", "zstd"},
        {"complevel_gzip=-9", "level-gzip", "-9"},
        {"complevel_xz=-6", "level-xz", "-6"},
        {"complevel_zstd=19", "level-zstd", "19"},
        {"complevel_lz4='-12'", "level-lz4", "-12"},
        {"custom_files=\"/etc/a /etc/b\"", "files", "/etc/a /etc/b"},
        {"hostkeys=1", "hostkeys", "1"},
        {"init=/own/init", "init", "/own/init"},
        {"fstab=/own/fstab", "fstab", "/own/fstab"},
        {"modloop_sig=/x.sig", "modloop-signature", "/x.sig"},
        {"outfile=/boot/x", "output", "/boot/x"},
        {"nokernel=1", "no-kernel", "1"},
    }));
    INFO(line);
    const auto settings = generator::parse_mkinitfs_conf(line, "mkinitfs.conf");
    REQUIRE(settings);
    REQUIRE(settings->contains(key));
    CHECK(settings->at(key).value == value);
}

TEST_CASE("settings that would be lost are refused with their line") {
    CHECK(generator::parse_mkinitfs_conf("disable_trigger=yes\nquiet=1\n", "mkinitfs.conf"));
    for (const char* line : {"passwd=/x", "group=/x", "tmpdir=/x", "datadir=/x", "features_dir=/x"}) {
        INFO(line);
        const auto settings =
            generator::parse_mkinitfs_conf(std::string("features=base\n") + line + "\n", "m.conf");
        REQUIRE_FALSE(settings);
        CHECK(settings.error().first().object == "m.conf:2");
    }
}
