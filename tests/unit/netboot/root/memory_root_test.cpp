// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/memory_root.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("a root in memory has the directories that systems expect, whatever the umask") {
    test::FakeSystem system;
    std::filesystem::create_directories(system.host("/newroot"));
    REQUIRE(fill_memory_root(system, false));
    const auto mode = [&](const char* path) {
        return static_cast<unsigned>(std::filesystem::status(system.host("/newroot") / path).permissions());
    };
    CHECK(mode("tmp") == 01777);
    CHECK(mode("root") == 0700);
    CHECK(mode("dev") == 0755);
    CHECK(std::filesystem::is_directory(system.host("/newroot/lib")));
    CHECK(fill_memory_root(system, false)); // a second time too
}

TEST_CASE("a merged root has links into /usr") {
    test::FakeSystem system;
    std::filesystem::create_directories(system.host("/newroot"));
    REQUIRE(fill_memory_root(system, true));
    REQUIRE(fill_memory_root(system, true));
    CHECK(std::filesystem::read_symlink(system.host("/newroot/lib")) == "usr/lib");
    CHECK(std::filesystem::is_directory(system.host("/newroot/usr/sbin")));
}

TEST_CASE("a root in memory that cannot be filled is named, directory by directory") {
    test::FakeSystem system;
    const auto nowhere = fill_memory_root(system, false);
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().first().code == "MPX-ROOT-07");
    CHECK(nowhere.error().text().find("/newroot/dev: cannot create directory: No such file") !=
          std::string::npos);
    system.write("/newroot/usr", "a file");
    const auto no_directory = fill_memory_root(system, true);
    REQUIRE_FALSE(no_directory);
    CHECK(no_directory.error().first().code == "MPX-ROOT-07");
    CHECK(no_directory.error().text().find("/newroot/bin: ") != std::string::npos);
}
