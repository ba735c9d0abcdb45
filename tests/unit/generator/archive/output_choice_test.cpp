// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/output_choice.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

std::string default_name(const std::string& version) {
    BuildRequest request;
    request.basedir = "/srv";
    return output_path(request, version).string();
}

} // namespace

TEST_CASE("without -o the file is named after the flavour, as mkinitfs does") {
    CHECK(default_name("6.1.0-9-lts") == "/srv/boot/initramfs-lts");
    CHECK(default_name("6.1.0") == "/srv/boot/initramfs-vanilla");
    CHECK(default_name("") == "/srv/boot/initramfs-generic");
}

TEST_CASE("the user's path comes first, then that of a tree, which stays below it") {
    BuildRequest request;
    request.output_of_tree =
        TreeOutput{.tree = "/srv", .path = "/../boot/image", .origin = {.file = "conf", .line = 2}};
    CHECK(output_path(request, "1-lts") == "/srv/../boot/image"); // for messages: it is opened below the tree
    request.output = "/tmp/mine";
    CHECK(output_path(request, "1-lts") == "/tmp/mine");
}

TEST_CASE(
    "the place of the output is below its tree, and a tree that asks for another is told which line does") {
    const test::TempDir dir;
    std::filesystem::create_directories(dir / "tree/boot");
    BuildRequest request;
    request.basedir = dir / "tree";
    const auto place = find_output_place(request, "1-lts");
    REQUIRE(place);
    CHECK(place->path == dir / "tree/boot/initramfs-lts");
    CHECK(place->directory);

    request.output_of_tree = TreeOutput{
        .tree = dir / "tree", .path = "none/image", .origin = {.file = "mkinitfs.conf", .line = 2}};
    const auto refused = find_output_place(request, "1-lts");
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().text(), Catch::StartsWith("mkinitfs.conf:2: ") && Catch::Contains("-o"));
    request.output_of_tree->origin = {};
    CHECK_THAT(find_output_place(request, "1-lts").error().text(),
               Catch::StartsWith((dir / "tree").string()));

    request.output = dir / "mine";
    CHECK(find_output_place(request, "1-lts").value().path == dir / "mine");
}

TEST_CASE("a file with secrets is its owner's, unless somebody says otherwise and means it") {
    const std::vector<Problem> secrets = {{.object = "etc/shadow", .text = "contains passwords"},
                                          {.object = "etc/key", .text = "contains a private key"}};
    BuildRequest request;
    CHECK(choose_mode(request, {}).value() == 0644);
    CHECK(choose_mode(request, secrets).value() == 0600);
    request.allow_secrets = true; // alone
    CHECK(choose_mode(request, secrets).value() == 0644);
    request.allow_secrets = false;
    request.mode = 0400;
    CHECK(choose_mode(request, secrets).value() == 0400);
    for (const unsigned open : {0640U, 0604U, 0610U}) {
        request.mode = open;
        CHECK(choose_mode(request, {}).value() == open);
        const auto refused = choose_mode(request, secrets);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().problems().size() == 2);
        request.allow_secrets = true;
        CHECK(choose_mode(request, secrets).value() == open);
        request.allow_secrets = false;
    }
    request.mode = 0644;
    CHECK(choose_mode(request, secrets).error().first().text ==
          "contains passwords, but mode 0644 lets others read it");
}
