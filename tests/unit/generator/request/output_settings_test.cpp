// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/request/output_settings.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

// What the settings make of a request; their problems.
struct Lab {
    Settings settings;
    BuildRequest request;

    Lab& set(const std::string& key, std::string value, bool of_tree = false) {
        settings[key] = {
            .value = std::move(value), .origin = {.file = "conf", .line = 1}, .of_tree = of_tree};
        return *this;
    }
    std::string read(const std::string& epoch = "") {
        request = {};
        SettingReader reader(settings, "/srv");
        read_output_settings(reader, epoch, request);
        return reader.problems().empty() ? "" : reader.problems().finish().error().text();
    }
};

std::string failure(const std::string& key, const std::string& value) {
    return Lab().set(key, value).read();
}

} // namespace

TEST_CASE("without settings the output is gzip, of any size, for everybody, at no special time") {
    Lab lab;
    CHECK(lab.read().empty());
    CHECK(lab.request.output.empty());
    CHECK_FALSE(lab.request.output_of_tree);
    CHECK_FALSE(lab.request.mode);
    CHECK(lab.request.max_size == 0);
    CHECK(lab.request.compression.format == wrap::Format::Gzip);
    CHECK(lab.request.epoch == 0);
    CHECK_FALSE(lab.request.allow_secrets);
}

TEST_CASE("a tree's output stays in the tree, the user's does not") {
    Lab lab;
    CHECK(lab.set("output", "/boot/x").read().empty());
    CHECK(lab.request.output == "/boot/x");
    CHECK(lab.set("output", "/boot/x", true).read().empty());
    CHECK(lab.request.output.empty());
    CHECK(lab.request.output_of_tree ==
          TreeOutput{.tree = "/srv", .path = "/boot/x", .origin = {.file = "conf", .line = 1}});
}

TEST_CASE("a mode is octal and has permission bits alone; a tree may not open more than 0644") {
    Lab lab;
    CHECK(lab.set("mode", "0640").read().empty());
    CHECK(lab.request.mode == 0640U);
    for (const char* bad : {"rw", "0800", "1000", "-1", "0644 ", "99999999999"}) {
        CAPTURE(bad);
        CHECK_THAT(failure("mode", bad), Catch::Contains("is not a file mode (for example 0644)"));
    }
    CHECK(lab.set("mode", "0600", true).read().empty());
    CHECK_THAT(lab.set("mode", "0664", true).read(),
               Catch::Contains("a tree cannot ask for more than mode 0644"));
    CHECK_THAT(Lab().set("allow-secrets", "yes", true).read(), Catch::Contains("a tree cannot ask for"));
    CHECK(Lab().set("allow-secrets", "no", true).read().empty());
}

TEST_CASE("a size has a unit, and is not zero") {
    Lab lab;
    CHECK(lab.set("max-size", "20M").read().empty());
    CHECK(lab.request.max_size == std::uint64_t{20} << 20);
    for (const char* bad : {"0", "0M", "M", "-1", "20MB of", "99999999999999999999"})
        CHECK_THAT(failure("max-size", bad), Catch::Contains("is not a size (for example 20M)"));
}

TEST_CASE("a level is one of its format, as a number or as mkinitfs has it") {
    Lab lab;
    CHECK(lab.set("compression", "xz").set("level-xz", "-6").set("level-gzip", "1").read().empty());
    CHECK(lab.request.compression.format == wrap::Format::Xz);
    CHECK(lab.request.compression.level == 6);
    CHECK(lab.set("level", " 9 ").read().empty()); // of any format: counts before the format's own
    CHECK(lab.request.compression.level == 9);
    CHECK(lab.set("level", "").read().empty());
    CHECK(failure("level", "99") == "conf:1: gzip has levels 1 to 12, not 99");
    CHECK(failure("level", "0") == "conf:1: gzip has levels 1 to 12, not 0");
    for (const char* bad : {"fast", "101", "--9", "1.5"})
        CHECK_THAT(failure("level", bad), Catch::Contains("is not a compression level"));
    CHECK(Lab().set("compression", "none").set("level", "1").read() ==
          "conf:1: there are no levels without compression");
    CHECK(failure("compression", "brotli") ==
          "conf:1: unknown compression 'brotli' (one of gzip, xz, zstd, lz4, none)");
}

TEST_CASE("the time of the entries fits into cpio") {
    Lab lab;
    CHECK(lab.read("4294967295").empty());
    CHECK(lab.request.epoch == 4294967295);
    for (const char* bad : {"4294967296", "-1", "now", "1.5"})
        CHECK_THAT(lab.read(bad), Catch::StartsWith("SOURCE_DATE_EPOCH: '"));
}

TEST_CASE("all problems of the output are told at once") {
    const std::string all = Lab().set("mode", "x").set("max-size", "x").set("compression", "x").read("x");
    CHECK(std::count(all.begin(), all.end(), '\n') == 3);
}
