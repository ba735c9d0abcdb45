// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/module_finder.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

constexpr const char* directory = "lib/modules/6.1";

struct Lab {
    test::TempDir dir;
    StageFindings findings{false};

    std::vector<std::string> find(std::vector<std::string> paths) {
        std::map<std::string, WantedModule> wanted;
        for (std::string& path : paths)
            wanted[path] = {
                .name = path, .path = path, .reason = {.kind = Reason::Kind::Depends, .from = path}};
        std::vector<std::string> all;
        for (const FoundModule& module : find_modules(wanted, Sysroot(dir.path()), directory, findings)) {
            CHECK(module.reason.from == module.name);
            all.push_back(module.path + " " + module.source.host().lexically_relative(dir.path()).string() +
                          " " + std::to_string(module.size));
        }
        return all;
    }
};

} // namespace

TEST_CASE("modules are found below their directory, by path, with their size") {
    Lab lab;
    lab.dir.write("lib/modules/6.1/kernel/fs/b.ko.gz", "12345");
    lab.dir.write("lib/modules/6.1/kernel/a.ko", "123");
    CHECK(lab.find({"kernel/fs/b.ko.gz", "kernel/a.ko"}) ==
          std::vector<std::string>{"kernel/a.ko lib/modules/6.1/kernel/a.ko 3",
                                   "kernel/fs/b.ko.gz lib/modules/6.1/kernel/fs/b.ko.gz 5"});
    CHECK(lab.findings.finish());
}

TEST_CASE("links of directories and of modules are followed inside the tree") {
    Lab lab;
    lab.dir.write("srv/modules/fs/a.ko", "1");
    lab.dir.write("lib/modules/6.1/real/b.ko", "12");
    std::filesystem::create_symlink("/srv/modules", lab.dir / "lib/modules/6.1/kernel");
    std::filesystem::create_symlink("/lib/modules/6.1/real/b.ko", lab.dir / "lib/modules/6.1/real/c.ko");
    CHECK(lab.find({"kernel/fs/a.ko", "real/c.ko"}) ==
          std::vector<std::string>{"kernel/fs/a.ko srv/modules/fs/a.ko 1",
                                   "real/c.ko lib/modules/6.1/real/b.ko 2"});
}

TEST_CASE("a module outside of the directory is below external in the image") {
    Lab lab;
    lab.dir.write("opt/x.ko", "1234");
    std::filesystem::create_directories(lab.dir / directory);
    CHECK(lab.find({"/opt/x.ko"}) == std::vector<std::string>{"external/opt/x.ko opt/x.ko 4"});
}

TEST_CASE("every module that is absent, a directory, or a link to nothing is named, with what helps") {
    Lab lab;
    std::filesystem::create_directories(lab.dir / "lib/modules/6.1/kernel/directory.ko");
    std::filesystem::create_symlink("none.ko", lab.dir / "lib/modules/6.1/kernel/dangling.ko");
    CHECK(lab.find({"kernel/directory.ko", "kernel/dangling.ko", "gone/x.ko", "/opt/x.ko"}).empty());
    const auto ended = lab.findings.finish();
    REQUIRE_FALSE(ended);
    REQUIRE(ended.error().problems().size() == 4);
    CHECK(ended.error().first().object == (lab.dir / "opt/x.ko").string());
    for (const Problem& problem : ended.error().problems()) {
        CHECK(problem.text == "is listed in modules.dep but does not exist");
        CHECK(problem.hint == "run: depmod -b " + lab.dir.path().string() + " 6.1");
    }
}
