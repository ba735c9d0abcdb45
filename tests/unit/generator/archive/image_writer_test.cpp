// SPDX-License-Identifier: MIT
// Judged by what GNU cpio reads.
#include "mkpxerd/generator/archive/image_writer.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <functional>
#include <sys/stat.h>

#include "image_setup.hpp"
#include "mkpxerd/base/file.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

std::string output_of(const std::string& command) {
    std::string text;
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe))
        text.append(buffer, got);
    REQUIRE(::pclose(pipe) == 0);
    return text;
}

AtomicFile to(const std::filesystem::path& output) {
    auto file = AtomicFile::create(output);
    REQUIRE(file);
    return std::move(*file);
}

Result<WrittenImage> write_as(const ImageTree& tree, wrap::Format format,
                              const std::filesystem::path& output) {
    return write_image({.tree = tree, .parts = {}, .compression = {format, {}, 1}, .epoch = 1700000000},
                       to(output));
}
Result<WrittenImage> write_plain(const test::ImageSetup& setup, const std::filesystem::path& output) {
    return write_as(setup.tree().value(), wrap::Format::None, output);
}

std::filesystem::path write(const test::ImageSetup& setup) {
    const auto written = write_plain(setup, setup.dir / "image");
    REQUIRE(written);
    CHECK(written->archive_bytes == std::filesystem::file_size(setup.dir / "image"));
    return setup.dir / "image";
}

} // namespace

TEST_CASE("GNU cpio reads the archive as it was meant") {
    test::ImageSetup setup;
    setup.add("bin/tool", File::Kind::Regular, 04755);
    setup.add("bin/sh", File::Kind::Link).target = "tool";
    const auto image = write(setup);
    const std::string list = output_of("TZ=UTC cpio --quiet -itvn < '" + image.string() + "'");
    CHECK(list.find("-rwxr-xr-x   1 0        0               6 Nov 14  2023 init\n") == 0);
    CHECK(list.find("-rwsr-xr-x   1 0        0              19 Nov 14  2023 bin/tool\n") !=
          std::string::npos);
    CHECK(list.find("bin/sh -> tool\n") != std::string::npos);
    CHECK(list.find("crw-------   1 0        0          5,   1 Nov 14  2023 dev/console\n") !=
          std::string::npos);
    CHECK(list.find("drwxrwxrwt   2 0        0               0 Nov 14  2023 tmp\n") != std::string::npos);
    CHECK(output_of("cpio --quiet -i --to-stdout bin/tool < '" + image.string() + "'") ==
          "content of bin/tool");
    CHECK(output_of("cpio --quiet -i --to-stdout etc/mkpxerd/reasons < '" + image.string() + "'")
              .find("bin/tool\tpattern\t\t\tf.files\t") == std::string::npos);
}

TEST_CASE("where /etc/mkpxerd is a link, GNU cpio unpacks the sentinel at its end") {
    test::ImageSetup setup;
    setup.add("etc/mkpxerd", File::Kind::Link).target = "/opt/mkpxerd";
    setup.add("opt/mkpxerd", File::Kind::Directory);
    const auto tree = setup.tree();
    REQUIRE(tree);
    CHECK(output_of("cd " + setup.dir.path().string() + " && mkdir -p out && cpio --quiet -idD out <" +
                    write(setup).string() + " 2>/dev/null; cat out/opt/mkpxerd/complete") ==
          sentinel_text(tree->config.entries));
}

TEST_CASE("hard links stay hard links") {
    test::ImageSetup setup;
    for (const char* path : {"a", "b", "c"}) {
        File& file = setup.add(path, File::Kind::Regular);
        file.inode = 42;
        file.links = 3;
        file.size = setup.files.files.front().size;
        file.source = setup.files.files.front().source;
    }
    const auto image = write(setup);
    const auto out = setup.dir / "out";
    output_of("mkdir '" + out.string() + "' && cd '" + out.string() + "' && cpio --quiet -i a b c < '" +
              image.string() + "'");
    CHECK(read_file(out / "a").value() == "content of a");
    CHECK(std::filesystem::hard_link_count(out / "a") == 3);
}

TEST_CASE("hard links are told by all 64 bits of an inode, and by its device") {
    test::ImageSetup setup;
    const auto pair = [&setup](const std::string& name, std::uint64_t inode, std::uint64_t device) {
        const auto source = setup.dir.write("source/" + name, name);
        for (const char* end : {"1", "2"}) {
            File& file = setup.add(name + end, File::Kind::Regular);
            file.source = source;
            file.size = name.size();
            file.inode = inode;
            file.device = device;
            file.links = 2;
        }
    };
    pair("a", 42, 1);
    pair("b", (std::uint64_t{1} << 32) + 42, 1);
    pair("c", 42, (std::uint64_t{1} << 32) + 1);
    const auto image = write(setup);
    const auto out = setup.dir / "out";
    output_of("mkdir '" + out.string() + "' && cd '" + out.string() + "' && cpio --quiet -i '[abc]*' < '" +
              image.string() + "'");
    for (const std::string name : {"a", "b", "c"}) {
        CHECK(read_file(out / (name + '1')).value() == name);
        CHECK(std::filesystem::equivalent(out / (name + '1'), out / (name + '2')));
        CHECK(std::filesystem::hard_link_count(out / (name + '1')) == 2);
    }
}

TEST_CASE("a file of 4 GiB is refused, and the old image stays") {
    test::ImageSetup setup;
    setup.dir.write("image", "old");
    setup.add("large", File::Kind::Regular).size = std::uint64_t{1} << 32;
    const auto written = write_plain(setup, setup.dir / "image");
    REQUIRE_FALSE(written);
    CHECK(written.error().text() == "large: is 4 GiB or larger, more than a cpio entry can hold");
    CHECK(read_file(setup.dir / "image").value() == "old");
}

TEST_CASE("a file with the name that ends an archive is refused") {
    test::ImageSetup setup;
    setup.dir.write("image", "old");
    setup.add("TRAILER!!!", File::Kind::Regular);
    const auto written = write_plain(setup, setup.dir / "image");
    REQUIRE_FALSE(written);
    CHECK(written.error().text() == "TRAILER!!!: has the name that ends a cpio archive (rename it)");
    CHECK(read_file(setup.dir / "image").value() == "old");
    setup.files.files.front().path = "etc/TRAILER!!!";
    CHECK(write_plain(setup, setup.dir / "image"));
}

TEST_CASE("a file that changes while it is read spoils the build, not the old image") {
    test::ImageSetup setup;
    setup.dir.write("image", "old");
    File& file = setup.add("x", File::Kind::Regular);
    for (const auto& [change, format] : {std::pair{-1, wrap::Format::None},
                                         {+1, wrap::Format::None},
                                         {-1, wrap::Format::Gzip},
                                         {+1, wrap::Format::Gzip}}) {
        file.size = static_cast<std::uint64_t>(
            static_cast<int>(std::filesystem::file_size(file.source.host())) + change);
        const auto written = write_as(setup.tree().value(), format, setup.dir / "image");
        REQUIRE_FALSE(written);
        CHECK(written.error().text().find("changed while it was read") != std::string::npos);
    }
    CHECK(read_file(setup.dir / "image").value() == "old");
}

TEST_CASE("an image is written for all to read, whatever the umask, and never through a device") {
    test::ImageSetup setup;
    const mode_t old = ::umask(077);
    const auto image = write(setup);
    ::umask(old);
    struct stat st {};
    REQUIRE(::stat(image.c_str(), &st) == 0);
    CHECK((st.st_mode & 07777) == 0644);
    CHECK(write_plain(setup, "/dev/null"));
    REQUIRE(::stat("/dev/null", &st) == 0);
    CHECK(S_ISCHR(st.st_mode));
    CHECK_FALSE(AtomicFile::create(setup.dir.path()));
}
