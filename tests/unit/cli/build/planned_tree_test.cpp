// SPDX-License-Identifier: MIT
// Archives around an image, as whole command lines, and what they are judged by.
#include "mkpxerd/cli/build/planned_tree.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "compressed.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd_program.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using test::NewcBuilder;
using test::Program;

namespace {

// A system with /usr merged, and a feature whose list brings the link.
struct MergedSystem : Program {
    MergedSystem() {
        std::filesystem::create_directories(kernel.dir() / "usr");
        std::filesystem::rename(kernel.dir() / "lib", kernel.dir() / "usr/lib");
        std::filesystem::create_directory_symlink("usr/lib", kernel.dir() / "lib");
        kernel.dir().write("usr/lib/tool.conf", "x");
        kernel.dir().write("share/mkpxerd/features.d/merged.files", "/lib\n/lib/tool.conf\n");
    }
    int build(std::vector<std::string> options) {
        options.insert(options.end(), {"-b", root(), "-F", "nfs merged"});
        return run(options);
    }
    std::string archive(const std::string& name, const NewcBuilder& content) {
        return kernel.dir().write(name, content.text()).string();
    }
};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (const std::string_view line : split_lines(text))
        lines.emplace_back(line);
    return lines;
}

NewcBuilder directory_lib() {
    return NewcBuilder()
        .directory("lib")
        .directory("lib/firmware")
        .file("lib/firmware/new.bin", "f")
        .trailer();
}

} // namespace

TEST_CASE("a build, -l and lint refuse an archive that hides files of the image, and name the way out") {
    MergedSystem system;
    const std::string site = system.archive("site.cpio", directory_lib());
    REQUIRE(system.build({"-o", system.image()}) == 0);
    const std::string before = read_file(system.image()).value();
    const std::string said =
        site + ": lib: the directory here takes the place of the link lib -> usr/lib, and ";
    for (const char* option : {"--append", "--prepend"}) {
        CAPTURE(option);
        CHECK(system.build({"-o", system.image(), option, site}) == 1);
        INFO(system.err.str());
        CHECK(system.err.str().find(site + ": lib: ") != std::string::npos);
        CHECK(system.err.str().find("(mkpxerd overlay --image FILE puts entries through") !=
              std::string::npos);
        CHECK(system.build({"-l", option, site}) == 1);
    }
    CHECK(read_file(system.image()).value() == before);
    CHECK(system.build({"lint", "quiet", "--append", site}) == 1);
    CHECK(system.out.str().find("error: " + said) != std::string::npos);
    // A finished image with the same archive behind it.
    const std::string padding(3 - (before.size() + 3) % 4, '\0');
    const std::string both =
        system.kernel.dir().write("both", before + padding + directory_lib().text()).string();
    CHECK(system.run({"lint", "ip=10.0.0.2::10.0.0.1:255.255.255.0::eth0 root=nfs:10.0.0.1:/r", both}) == 1);
    CHECK(system.out.str().find("error: part 2: lib: the directory here takes the place of the link") !=
          std::string::npos);
    CHECK(system.out.str().find("needs NFS: the image has no module nfs") != std::string::npos);
}

TEST_CASE("the report, -l and why count what archives bring") {
    MergedSystem system;
    const std::string site = system.archive("site.cpio", NewcBuilder()
                                                             .file("lib/firmware.txt", "no")
                                                             .directory("usr/lib/firmware")
                                                             .file("usr/lib/firmware/new.bin", "firm")
                                                             .file("usr/lib/modules/6.1-test/new.ko", "m")
                                                             .trailer());
    const std::string early = system.archive("early.cpio", NewcBuilder().file("early", "e").trailer());
    const std::vector<std::string> archives = {"--append", site, "--prepend", early};
    const auto with = [&](std::vector<std::string> words) {
        words.insert(words.end(), archives.begin(), archives.end());
        return system.build(words);
    };
    REQUIRE(system.build({"-o", system.image()}) == 0);
    CHECK(system.out.str().find("1 modules, 0 firmware files") != std::string::npos);
    REQUIRE(with({"-o", system.image()}) == 0);
    CHECK(system.out.str().find("2 modules, 1 firmware files") != std::string::npos);
    CHECK(system.err.str().find("warning: /usr/lib/modules/6.1-test/new.ko: modules.dep does not name it") !=
          std::string::npos);
    REQUIRE(with({"-l"}) == 0);
    CHECK(system.out.str().starts_with("early\ninit\n"));
    CHECK(system.out.str().ends_with("usr/lib/firmware/new.bin\nusr/lib/modules/6.1-test/new.ko\n"));
    REQUIRE(with({"why", "new.bin", "new", "early"}) == 0);
    CHECK(system.out.str() == "usr/lib/firmware/new.bin <- archive " + site +
                                  " (--append)\nusr/lib/modules/6.1-test/new.ko <- archive " + site +
                                  " (--append)\nearly <- archive " + early + " (--prepend)\n");
    // The init loads only what modules.dep names.
    with({"lint", "modules=new root=/dev/sda1"});
    CHECK(system.out.str().find("the image has no module new") != std::string::npos);
    CHECK(system.out.str().find("usr/lib/modules/6.1-test/new.ko: modules.dep does not name it") !=
          std::string::npos);
    const std::string list = system.archive(
        "list.cpio", NewcBuilder().file("usr/lib/modules/6.1-test/modules.dep", "new.ko:\n").trailer());
    with({"lint", "modules=new root=/dev/sda1", "--append", list});
    INFO(system.out.str());
    CHECK(system.out.str().find("no module new") == std::string::npos);
}

TEST_CASE("options that an archive or a feature list brings are checked like those of --cmdline") {
    MergedSystem system;
    REQUIRE(system.build({"-o", system.image()}) == 0);
    const std::string before = read_file(system.image()).value();
    const std::string site =
        system.archive("site.cpio", NewcBuilder()
                                        .directory("etc")
                                        .directory("etc/mkpxerd.d")
                                        .file("etc/mkpxerd.d/10.conf", "mkpxerd.timeout=never")
                                        .trailer());
    const std::string refused = "/etc/mkpxerd.d/10.conf: mkpxerd.timeout=never: ";
    for (const char* option : {"--append", "--prepend"}) {
        CHECK(system.build({"-o", system.image(), option, site}) == 1);
        CHECK(system.err.str().find(refused) != std::string::npos);
        CHECK(system.build({"-l", option, site}) == 1);
    }
    CHECK(system.build({"lint", "quiet", "--append", site}) == 1);
    CHECK(system.out.str().find("error: mkpxerd.timeout=never") != std::string::npos);
    // A feature list, together with an archive.
    system.kernel.dir().write("share/mkpxerd/features.d/own.files", "/etc/mkpxerd.d/20.conf\n");
    system.kernel.dir().write("etc/mkpxerd.d/20.conf", "root=tftp://h/x");
    CHECK(system.build({"-o", system.image(), "-F", "own", "--append", site}) == 1);
    CHECK(system.err.str().find(refused) != std::string::npos);
    CHECK(system.err.str().find("/etc/mkpxerd.d/20.conf: root") != std::string::npos);
    CHECK(read_file(system.image()).value() == before);
    system.kernel.dir().write("etc/mkpxerd.d/20.conf", "modlop=x");
    CHECK(system.build({"-o", system.image(), "-F", "own"}) == 0);
    CHECK(system.err.str().find("warning: /etc/mkpxerd.d/20.conf: modlop: unknown option") !=
          std::string::npos);
}

TEST_CASE("the memory that a machine needs includes the unpacked files of archives") {
    MergedSystem system;
    const std::string large = NewcBuilder().file("large", std::string(4 << 20, 'x')).trailer().text();
    const auto memory = [&](const std::vector<std::string>& options) {
        REQUIRE(system.build(options) == 0);
        const std::string text = system.out.str();
        const auto at = text.find("memory   ");
        REQUIRE(at != std::string::npos);
        return std::stoi(text.substr(at + 9));
    };
    const int alone = memory({"-o", system.image()});
    const std::string file =
        system.kernel.dir().write("large.gz", test::compressed(large, wrap::Format::Gzip)).string();
    CHECK(memory({"-o", system.image(), "--append", file}) >= alone + 4);
}

TEST_CASE("what the kernel does not unpack of an archive is a warning of the build") {
    MergedSystem system;
    const std::string site = system.archive("site.cpio", NewcBuilder().file("opt/tool", "x").trailer());
    CHECK(system.build({"-o", system.image(), "--append", site}) == 0);
    CHECK(system.err.str().find("warning: " + site +
                                ": the kernel cannot unpack 'opt/tool': its directory does "
                                "not exist") != std::string::npos);
}

TEST_CASE("the list, why and the report tell of archives only what the kernel unpacks, and each name once") {
    MergedSystem system;
    const std::string early = system.archive(
        "early.cpio",
        NewcBuilder().file("init", "theirs", 0755).directory("etc").file("early", "e").trailer());
    const std::string site =
        system.archive("site.cpio", NewcBuilder()
                                        .file("opt/tool", "x")
                                        .directory("etc")
                                        .file("lib/tool.conf", "longer")
                                        .file("usr", "u")
                                        .add({.name = "odd", .mode = 0020666, .body = "x"})
                                        .trailer());
    const auto with = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--append", site, "--prepend", early});
        return system.build(words);
    };
    REQUIRE(system.build({"-l"}) == 0);
    std::vector<std::string> alone = lines_of(system.out.str());
    REQUIRE(with({"-l"}) == 0);
    std::vector<std::string> listed = lines_of(system.out.str());
    CHECK(listed.front() == "early");
    CHECK(listed.back() == "usr/lib/tool.conf"); // through the link
    alone.emplace_back("early");
    std::ranges::sort(alone);
    std::ranges::sort(listed);
    CHECK(listed == alone);
    CHECK(system.err.str().find("the kernel cannot unpack 'opt/tool': its directory does not exist\n") !=
          std::string::npos);
    CHECK(system.err.str().find(site + ": the kernel skips the entry at byte ") != std::string::npos);
    REQUIRE(with({"why", "init", "tool.conf", "etc"}) == 0);
    CHECK(system.out.str() ==
          "init <- every image\nusr/lib/tool.conf <- archive " + site + " (--append)\netc <- every image\n");
    CHECK(with({"why", "opt/tool"}) == 1);
    CHECK(system.out.str() ==
          "opt/tool: is in " + site +
              " (opt/tool), but the kernel does not unpack it: its directory does not exist\n");
    REQUIRE(with({"-o", system.image()}) == 0);
    CHECK(system.out.str().find(fmt::format("\n  files    {}\n", listed.size())) != std::string::npos);
}

TEST_CASE("a module that an archive replaces counts once") {
    MergedSystem system;
    const std::string site = system.archive(
        "site.cpio", NewcBuilder().file("usr/lib/modules/6.1-test/kernel/fs/nfs/nfs.ko", "m").trailer());
    REQUIRE(system.build({"-o", system.image(), "--append", site}) == 0);
    CHECK(system.out.str().find(", 1 modules,") != std::string::npos);
    REQUIRE(system.build({"why", "nfs", "--append", site}) == 0);
    CHECK(system.out.str() ==
          "usr/lib/modules/6.1-test/kernel/fs/nfs/nfs.ko <- archive " + site + " (--append)\n");
}

TEST_CASE("a plan that is not written adds nothing to the cache, and a check packs nothing") {
    Program program;
    const auto cache = program.kernel.dir() / "cache";
    const auto run = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"-b", program.root(), "-F", "nfs", "--modules", "packed"});
        program.out.str("");
        return cli::run(arguments, {program.out, program.err, program.path("share/mkpxerd"),
                                    program.path("lib/mkpxerd/init"), "", false, cache});
    };
    run({"lint", "--cmdline", "ip=dhcp"});
    CHECK(program.out.str().find("errors: ") != std::string::npos);
    CHECK(run({"-o", program.image(), "--cmdline", "mkpxerd.timeout=abc"}) == 1);
    CHECK_FALSE(std::filesystem::exists(cache));
    CHECK(run({"-l"}) == 0);
    CHECK(program.out.str().find("nfs.ko.zst\n") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(cache)); // nobody would trim it
    CHECK(run({"-o", program.image()}) == 0);
    CHECK(std::filesystem::exists(cache));
}
