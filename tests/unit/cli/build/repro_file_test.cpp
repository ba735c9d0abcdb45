// SPDX-License-Identifier: MIT
// `--repro`, by whole command lines in process.
#include "mkpxerd/cli/build/repro_file.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"
#include "mkpxerd_program.hpp"

using namespace mkpxerd;

namespace {

struct Program : test::Program {
    std::string repro() const { return path("repro.tar"); }
    std::string file(const std::string& name) const { return "files" + path(name); }

    // Name -> content, without the directory that all are in.
    std::map<std::string, std::string> members() const {
        std::map<std::string, std::string> members;
        auto reader = wrap::TarReader::open(repro()).value();
        while (const auto entry = reader.next().value()) {
            constexpr std::string_view directory = "mkpxerd-repro/";
            REQUIRE(entry->path.starts_with(directory));
            std::string& content = members[entry->path.substr(directory.size())];
            while (const auto block = reader.read().value())
                content.append(reinterpret_cast<const char*>(block->bytes.data()), block->bytes.size());
        }
        return members;
    }
};

} // namespace

TEST_CASE("all that a build read is in --repro, but neither modules nor files of the system") {
    Program program;
    program.kernel.dir().write("host.modalias", "pci:v00008086d00001533sv0sd0bc02sc00i00\n");
    program.kernel.dir().write("boot/config-6.1-test", "CONFIG_RD_GZIP=y\n");
    program.kernel.dir().write("etc/passwd", "root:x:0:0::/:/bin/sh\n");
    program.kernel.dir().write("share/mkpxerd/features.d/own.files", "/etc/passwd\n");
    REQUIRE(program.run({"-b", program.root(), "-o", program.image(), "--repro", program.repro(), "-F",
                         "nfs own", "--hardware", program.path("host.modalias")}) == 0);
    CHECK(program.err.str().find("repro.tar: has what this build read, without secrets\n") !=
          std::string::npos);
    const auto members = program.members();
    const std::string modules = "lib/modules/6.1-test/";
    for (const char* list :
         {"modules.dep", "modules.alias", "modules.softdep", "modules.builtin", "modules.builtin.modinfo",
          "modules.order", "modules.dep.bin", "modules.alias.bin"}) {
        INFO(list);
        REQUIRE(members.contains(program.file(modules + list)));
        CHECK(members.at(program.file(modules + list)) == read_file(program.path(modules + list)).value());
    }
    CHECK(members.at(program.file("host.modalias")).starts_with("pci:"));
    CHECK(members.at(program.file("share/mkpxerd/features.d/nfs.modules")) == "kernel/fs/nfs/*\n");
    CHECK(members.at(program.file("share/mkpxerd/features.d/own.files")) == "/etc/passwd\n");
    CHECK(members.at("kernel.config") == "CONFIG_RD_GZIP=y\n");
    CHECK(members.at("request.json").find("\"kernel\": \"6.1-test\"") != std::string::npos);
    CHECK(members.at("report.json").find("\"path\": \"lib/modules/6.1-test/kernel/fs/nfs/nfs.ko\"") !=
          std::string::npos);
    CHECK(members.at("README").find("profile.yaml") != std::string::npos);
    for (const auto& [name, content] : members) {
        INFO(name);
        CHECK_FALSE(name.ends_with(".ko"));
        CHECK(content.find("root:x:0:0") == std::string::npos);
    }
    struct stat st {};
    REQUIRE(::stat(program.repro().c_str(), &st) == 0);
    CHECK((st.st_mode & 0777U) == 0600);
}

TEST_CASE("the profile of --repro makes the same image") {
    Program program;
    program.kernel.dir().write("share/mkpxerd/profiles/site.yaml",
                               "extends: network\ncmdline: \"quiet ip=dhcp\"\ncompression: xz\nlevel: 1\n");
    REQUIRE(program.run({"-b", program.root(), "-o", program.image(), "-p", "site", "--repro",
                         program.repro()}) == 0);
    const auto members = program.members();
    CHECK(members.contains(program.file("share/mkpxerd/profiles/site.yaml")));
    CHECK(members.contains(program.file("share/mkpxerd/profiles/network.yaml")));
    program.kernel.dir().write("again.yaml", members.at("profile.yaml"));
    const std::string image = read_file(program.image()).value();
    REQUIRE(program.run({"-q", "-b", program.root(), "-o", program.path("again"), "-p",
                         program.path("again.yaml")}) == 0);
    CHECK(read_file(program.path("again")).value() == image);
}

TEST_CASE("a build that fails leaves its --repro all the same, with the errors") {
    Program program;
    program.kernel.dir().write("share/mkpxerd/features.d/bad.modules", "kernel/none.ko\n");
    CHECK(program.run(
              {"-b", program.root(), "-o", program.image(), "-F", "bad", "--repro", program.repro()}) == 1);
    auto members = program.members();
    CHECK(members.at(program.file("share/mkpxerd/features.d/bad.modules")) == "kernel/none.ko\n");
    CHECK(members.contains(program.file("lib/modules/6.1-test/modules.dep")));
    CHECK(members.at("report.json").find("matches no module") != std::string::npos);
    CHECK(members.at("report.json").find("\"place\": \"generator/") != std::string::npos);

    SECTION("because there is no such kernel") {
        CHECK(program.run({"-b", program.root(), "-o", program.image(), "--repro", program.repro(), "9.9"}) ==
              1);
        members = program.members();
        CHECK(members.at("request.json").find("\"kernelversion\": \"9.9\"") != std::string::npos);
        CHECK_FALSE(members.contains(program.file("lib/modules/6.1-test/modules.dep")));
    }
    SECTION("because its profile is not one") {
        program.kernel.dir().write("broken.yaml", "features: [nfs\nfirmwares: all\n");
        CHECK(program.run({"-b", program.root(), "-o", program.image(), "-p", program.path("broken.yaml"),
                           "--repro", program.repro()}) == 1);
        members = program.members();
        CHECK(members.at(program.file("broken.yaml")) == "features: [nfs\nfirmwares: all\n");
        CHECK(members.at("report.json").find("broken.yaml") != std::string::npos);
    }
}

TEST_CASE("no secret is in --repro, and it says what it lacks") {
    Program program;
    program.kernel.dir().write("ca.pem",
                               "-----BEGIN CERTIFICATE-----\nc3VwZXJzM2NyZXQ=\n-----END CERTIFICATE-----\n");
    program.kernel.dir().write("etc/mkinitfs/features.d/vpn.files",
                               "[Interface]\nPrivateKey = 2AtmB2FOH2pO1uDLmz5s1jqMSUdLiSCS6JLUUhd2Hns=\n");
    program.kernel.dir().write("etc/mkinitfs/mkinitfs.conf",
                               "features=\"nfs\"\n# cmdline=\"rd.password=s3cret\"\n");
    program.kernel.dir().write("site.apkovl.tar.gz", "s3cret");
    REQUIRE(program.run({"-b", program.root(), "-o", program.image(), "-c",
                         program.path("etc/mkinitfs/mkinitfs.conf"), "--ca", program.path("ca.pem"), "--pin",
                         "apkovl=" + program.path("site.apkovl.tar.gz"), "--cmdline",
                         "apkovl=http://u:s3cret@h/x?token=s3cret netcons.password=s3cret quiet", "--repro",
                         program.repro()}) == 0);
    CHECK(program.err.str().find("without secrets; left out: 1 (request.json says why)") !=
          std::string::npos);
    const auto members = program.members();
    for (const auto& [name, content] : members) {
        INFO(name);
        for (const char* secret :
             {"s3cret", "c3VwZXJzM2NyZXQ", "2AtmB2FOH2pO1uDLmz5s1jqMSUdLiSCS6JLUUhd2Hns"})
            CHECK(content.find(secret) == std::string::npos);
    }
    CHECK(members.at("profile.yaml").find("http://***@h/x?token=*** netcons.password=*** quiet") !=
          std::string::npos);
    CHECK(
        members.at(program.file("etc/mkinitfs/mkinitfs.conf")).starts_with("features=\"nfs\"\n# left out: "));
    CHECK(members.at("request.json").find("vpn.files") != std::string::npos);
    CHECK_FALSE(members.contains(program.file("etc/mkinitfs/features.d/vpn.files")));
}

TEST_CASE("equal builds have equal --repro files, with the time of SOURCE_DATE_EPOCH") {
    Program program;
    const std::vector<std::string> arguments = {
        "-q", "-b", program.root(), "-o", program.image(), "--repro", program.repro()};
    REQUIRE(program.run(arguments) == 0);
    CHECK(program.err.str().empty());
    const std::string first = read_file(program.repro()).value();
    REQUIRE(program.run(arguments) == 0);
    CHECK(read_file(program.repro()).value() == first);
    REQUIRE(program.run(arguments, "1234567890") == 0);
    CHECK(wrap::TarReader::open(program.repro()).value().next().value()->mtime == 1234567890);
}

TEST_CASE("what --repro writes is a file of its own, of a build") {
    Program program;
    program.kernel.dir().write("image", "old");
    program.kernel.dir().write("own.yaml", "features: [nfs]\noutput: " + program.image() + "\n");
    for (const std::vector<std::string>& output :
         {std::vector<std::string>{"-o", program.image()}, {"-p", program.path("own.yaml")}}) {
        std::vector<std::string> arguments = {"-b", program.root(), "--repro", program.image()};
        arguments.insert(arguments.end(), output.begin(), output.end());
        CHECK(program.run(arguments) == 1);
        CHECK(program.err.str().find("is the image as well") != std::string::npos);
        CHECK(read_file(program.image()).value() == "old");
    }
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "--repro", "-"}) == 1);
    CHECK(program.run({"-b", program.root(), "-o", program.image(), "--repro", program.path("none/x.tar")}) ==
          1);
    CHECK_FALSE(std::filesystem::exists(program.path("none")));
    CHECK(program.run({"why", "nfs", "-b", program.root(), "--repro", program.repro()}) == 2);
    CHECK(program.run({"-l", "-b", program.root(), "--repro", program.repro()}) == 2);
    CHECK_FALSE(std::filesystem::exists(program.repro()));
}

TEST_CASE("a list whose path tar cannot hold is not in --repro, and it says so") {
    Program program;
    const std::string name = std::string(110, 'n') + ".modalias";
    program.kernel.dir().write(name, "pci:v00008086d00001533sv0sd0bc02sc00i00\n");
    REQUIRE(program.run({"-b", program.root(), "-o", program.image(), "--repro", program.repro(),
                         "--hardware", program.path(name)}) == 0);
    const auto members = program.members();
    CHECK_FALSE(members.contains(program.file(name)));
    CHECK(members.at("request.json").find("is too long for a tar archive") != std::string::npos);
}
