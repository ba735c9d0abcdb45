// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/fetch/download_file.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

std::span<const char> chars(std::string_view text) {
    return {text.data(), text.size()};
}

std::size_t files_in(const std::filesystem::path& directory) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory), std::filesystem::directory_iterator()));
}

} // namespace

TEST_CASE("a download takes its name when it is complete, not before") {
    const test::TempDir directory;
    const std::filesystem::path destination = directory / "new/object";
    {
        Result<DownloadFile> file = DownloadFile::create(destination);
        REQUIRE(file);
        CHECK(file->write(chars("hello")));
        CHECK(file->size() == 5);
        CHECK_FALSE(std::filesystem::exists(destination));
        CHECK(file->restart());
        CHECK(file->size() == 0);
        CHECK(file->write(chars("bye")));
        CHECK(file->commit());
    }
    CHECK(read_file(destination).value() == "bye");
    CHECK(files_in(destination.parent_path()) == 1);
}

TEST_CASE("a download that is given up leaves nothing, and an older object stays") {
    const test::TempDir directory;
    const std::filesystem::path destination = directory.write("object", "old");
    {
        Result<DownloadFile> file = DownloadFile::create(destination);
        REQUIRE(file);
        CHECK(file->write(chars("new")));
    }
    CHECK(read_file(destination).value() == "old");
    CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("an object that cannot fit is refused before it is fetched") {
    const test::TempDir directory;
    Result<DownloadFile> file = DownloadFile::create(directory / "object");
    REQUIRE(file);
    CHECK(file->expect(1000));
    const Result<void> huge = file->expect(std::uint64_t{1} << 60);
    REQUIRE_FALSE(huge);
    CHECK(huge.error().first().code == "MPX-FETCH-03");
    CHECK_THAT(huge.error().text(), Catch::Contains("object: needs"));
    const Result<DownloadFile> nowhere = DownloadFile::create("/proc/nowhere/object");
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().first().object == "/proc/nowhere/object");
}
