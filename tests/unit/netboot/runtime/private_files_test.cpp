// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/private_files.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

unsigned mode_of(const std::filesystem::path& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
}

// A umask that takes nothing: the code itself has to.
class OpenUmask {
  public:
    OpenUmask() : before_(::umask(0)) {}
    OpenUmask(const OpenUmask&) = delete;
    OpenUmask& operator=(const OpenUmask&) = delete;
    ~OpenUmask() { ::umask(before_); }

  private:
    mode_t before_;
};

} // namespace

TEST_CASE("a private file is its owner's, and so is every directory that was missing") {
    const OpenUmask umask;
    const test::TempDir directory;
    REQUIRE(write_private(directory / "a/b/lease", "secret"));
    CHECK(read_file(directory / "a/b/lease").value() == "secret");
    CHECK(mode_of(directory / "a") == 0700);
    CHECK(mode_of(directory / "a/b") == 0700);
    CHECK(mode_of(directory / "a/b/lease") == 0600);
    REQUIRE(write_private(directory / "a/b/lease", "new"));
    CHECK(read_file(directory / "a/b/lease").value() == "new");
}

TEST_CASE("a directory that exists keeps its mode") {
    const OpenUmask umask;
    const test::TempDir directory;
    std::filesystem::create_directory(directory / "shared");
    std::filesystem::permissions(directory / "shared", std::filesystem::perms(0755));
    make_private_directory(directory / "shared/own");
    CHECK(mode_of(directory / "shared") == 0755);
    CHECK(mode_of(directory / "shared/own") == 0700);
}

TEST_CASE("a file below something that is not a directory fails with its path") {
    const test::TempDir directory;
    directory.write("file", "");
    const auto written = write_private(directory / "file/below/lease", "secret");
    REQUIRE_FALSE(written);
    CHECK_THAT(written.error().text(), Catch::Contains((directory / "file/below/lease").string()));
    make_private_directory(""); // ends
}
