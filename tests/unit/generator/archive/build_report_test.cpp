// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/build_report.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

Problem warning(std::string object) {
    return {.object = std::move(object), .text = "is odd"};
}

BuildRequest request() {
    BuildRequest request;
    request.basedir = "/srv/tree";
    request.kernel_root = "/srv/kernel";
    request.profile = "network";
    return request;
}

} // namespace

TEST_CASE("the plan counts what goes in, with the reason of each entry and every stage's warnings in order") {
    FeatureSet features;
    features.features = {"base", "nfs"};
    features.warnings = {warning("features")};
    ModuleSet modules;
    modules.kernel_version = "6.1.0-lts";
    modules.modules.resize(2);
    modules.firmware.resize(3);
    modules.missing_firmware = {{.module = "tg3", .name = "tigon/tg3.bin"}};
    modules.left_out = {{.module = "e1000", .reason = {}}};
    modules.warnings = {warning("modules")};
    FileSet files;
    files.warnings = {warning("files")};
    ImageTree tree;
    tree.entries.resize(2);
    tree.entries[0].path = "init";
    tree.entries[0].size = 7;
    tree.entries[1].path = "etc/hosts";
    tree.entries[1].reason = {
        .kind = Reason::Kind::Pattern, .feature = "base", .origin = {.file = "/x/base.files", .line = 4}};

    BuildRequest asked = request();
    asked.warnings = {warning("request")};
    const BuildReport report = report_plan(asked, features, modules, files, tree);
    CHECK(report.output == "/srv/tree/boot/initramfs-lts");
    CHECK(report.features == features.features);
    CHECK(report.modules == 2);
    CHECK(report.firmware == 3);
    CHECK(report.entries == 2);
    CHECK(report.missing_firmware == modules.missing_firmware);
    CHECK(report.left_out == modules.left_out);
    CHECK(report.firmware_directory == "/srv/kernel/lib/firmware");
    REQUIRE(report.contents.size() == 2);
    CHECK(report.contents[0].bytes == 7);
    CHECK(report.contents[0].why == "init <- every image");
    CHECK(report.contents[1].why == "etc/hosts <- base.files:4 <- feature base <- profile network");
    CHECK(report.warnings == std::vector<Problem>{warning("request"), warning("features"), warning("modules"),
                                                  warning("files")});
}

TEST_CASE("a file has the mode that it was written with, a stream has none, and --mode is told so") {
    WrittenImage written;
    written.archive_bytes = 100;
    written.image_bytes = 10;
    BuildReport file;
    BuildRequest asked = request();
    asked.mode = 0640;
    report_written(file, asked, written, 0640);
    CHECK(file.archive_bytes == 100);
    CHECK(file.image_bytes == 10);
    CHECK(file.mode == 0640U);
    CHECK(file.warnings.empty());

    written.streamed = true;
    BuildReport stream;
    stream.output = "/dev/sdx";
    report_written(stream, asked, written, 0640);
    CHECK(stream.mode == std::nullopt);
    REQUIRE(stream.warnings.size() == 1);
    CHECK(stream.warnings[0].object == "--mode");
    CHECK_THAT(stream.warnings[0].text, Catch::EndsWith("/dev/sdx"));
    BuildReport silent;
    report_written(silent, request(), written, 0600);
    CHECK(silent.warnings.empty());
}

TEST_CASE("archives around the image count in the report, in the order in which the kernel unpacks them") {
    BuildReport report;
    report.modules = 2;
    report.firmware = 1;
    report.entries = 1;
    report.contents = {{.path = "etc/hosts", .bytes = 1, .why = "z"},
                       {.path = "init", .bytes = 7, .why = "init <- every image"}};
    CHECK_FALSE(brings_network(report));
    const std::string driver = "usr/lib/modules/6.1/kernel/drivers/net/ethernet/r8169.ko";
    report_archives(report, {.before = {{.path = "early", .bytes = 1, .why = "x"}},
                             .after = {{.path = driver, .bytes = 2, .why = "y"}},
                             .gone = {"etc/hosts"},
                             .modules = 1,
                             .firmware = -1,
                             .warnings = {warning("archive")}});
    CHECK(report.modules == 3);
    CHECK(report.firmware == 0);
    CHECK(report.entries == 3);
    REQUIRE(report.contents.size() == 3);
    CHECK(report.contents[0].path == "early");
    CHECK(report.contents[2].path == driver);
    CHECK(report.warnings == std::vector<Problem>{warning("archive")});
    CHECK(brings_network(report));
}
