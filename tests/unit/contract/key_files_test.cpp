// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/key_files.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
namespace fs = std::filesystem;

namespace {

std::string failure(const fs::path& directory) {
    const auto files = list_key_files(directory);
    REQUIRE_FALSE(files);
    CHECK(files.error().first().code == "MPX-FETCH-11");
    CHECK(files.error().first().object == directory.string());
    return files.error().first().text;
}

} // namespace

TEST_CASE("everything in the directory of keys is listed, whatever its name or kind") {
    const test::TempDir dir;
    dir.write("keys/b.pub", "");
    dir.write("keys/.hidden", "");
    fs::create_directory(dir / "keys/directory");
    fs::create_symlink("nowhere", dir / "keys/link");
    CHECK(list_key_files(dir / "keys").value() ==
          std::vector<fs::path>{dir / "keys/.hidden", dir / "keys/b.pub", dir / "keys/directory",
                                dir / "keys/link"});
    fs::create_directory_symlink("keys", dir / "other");
    CHECK(list_key_files(dir / "other").value().size() == 4);
}

TEST_CASE("without the directory there is no key, and whatever else is there must not look the same") {
    const test::TempDir dir;
    CHECK(list_key_files(dir / "keys").value().empty());
    CHECK(list_key_files(dir / "none/keys").value().empty());
    fs::create_directory(dir / "keys");
    CHECK(failure(dir / "keys") == "is empty");
    dir.write("file", "");
    CHECK_THAT(failure(dir / "file"), Catch::StartsWith("cannot be read: "));
    fs::create_symlink("nowhere", dir / "dangling");
    CHECK_THAT(failure(dir / "dangling"), Catch::StartsWith("cannot be read: "));
}
