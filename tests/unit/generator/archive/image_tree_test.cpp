// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/image_tree.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "image_setup.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

// RFC 8032 7.1, test 3.
constexpr std::string_view public_key = "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=\n";

} // namespace

TEST_CASE("init comes first, the sentinel last, parents before children, and boot.conf counts them") {
    test::ImageSetup setup;
    setup.add("usr/bin/deep/tool", File::Kind::Regular);
    const auto tree = setup.tree();
    REQUIRE(tree);
    const auto paths = test::ImageSetup::paths(*tree);
    CHECK(paths.front() == "init");
    CHECK(paths.back() == sentinel_path);
    CHECK(std::is_sorted(paths.begin() + 1, paths.end() - 1));
    for (const char* parent : {"usr", "usr/bin", "usr/bin/deep", "etc/mkpxerd", "dev/console", "newroot"})
        CHECK(std::count(paths.begin(), paths.end(), parent) == 1);
    CHECK(tree->config.entries == paths.size());
    CHECK(std::get<std::string>(tree->entries.back().content) == sentinel_text(paths.size()));
}

TEST_CASE("/init has TLS if the image has authorities or keys, or if there is no other init") {
    const auto init_of = [](const char* file) {
        test::ImageSetup setup;
        setup.request.plain_init_program = setup.dir.write("init-plain", "#!init without TLS");
        setup.add("etc/ssl", File::Kind::Directory);
        if (*file != '\0') setup.add(file, File::Kind::Regular);
        if (std::string_view(file).find("/keys/") != std::string_view::npos) setup.fill(public_key);
        const auto tree = setup.tree();
        REQUIRE(tree);
        const auto& program = std::get<TreePath>(tree->entries.front().content);
        CHECK(tree->entries.front().size == std::filesystem::file_size(program.host()));
        CHECK(tree->config.tls == (program == setup.request.init_program));
        return program.host().filename().string();
    };
    CHECK(init_of("") == "init-plain");
    CHECK(init_of("etc/hosts") == "init-plain");
    CHECK(init_of("etc/ssl/certs/ca-certificates.crt") == "init");
    CHECK(init_of("etc/mkpxerd/keys/site.pub") == "init");
    CHECK(init_of("etc/mkpxerd/keys/site.pem") == "init");
    CHECK(init_of("etc/mkpxerd/keys/.site") == "init");
    CHECK(init_of("etc/mkpxerd/ca.pem") == "init");

    test::ImageSetup beside;
    beside.request.plain_init_program = beside.dir.write("init-plain", "#!init without TLS");
    beside.request.archives_need_tls = true; // an archive of --append has a key
    CHECK(std::get<TreePath>(beside.tree()->entries.front().content) == beside.request.init_program);

    test::ImageSetup setup;
    setup.request.plain_init_program = setup.dir / "absent";
    CHECK(std::get<TreePath>(setup.tree()->entries.front().content) == setup.request.init_program);
}

TEST_CASE("where /etc/mkpxerd is a link, the image's own files lie at its end") {
    test::ImageSetup setup;
    setup.request.plain_init_program = setup.dir.write("init-plain", "#!init without TLS");
    setup.add("etc/mkpxerd", File::Kind::Link).target = "/opt/mkpxerd";
    setup.add("opt/mkpxerd", File::Kind::Directory);
    setup.add("opt/mkpxerd/keys/site.pub", File::Kind::Regular);
    setup.fill(public_key);
    const auto tree = setup.tree();
    REQUIRE(tree);
    CHECK(tree->config.tls); // the key counts where the init finds it
    const auto find = [&](const std::string& path) {
        const auto entry =
            std::ranges::find_if(tree->entries, [&](const ImageEntry& each) { return each.path == path; });
        REQUIRE(entry != tree->entries.end());
        return std::get<std::string>(entry->content);
    };
    CHECK(find("opt/mkpxerd/boot.conf") == write_boot_config(tree->config));
    CHECK_FALSE(find("opt/mkpxerd/reasons").empty());
    CHECK(tree->entries.back().path == "opt/mkpxerd/complete");
}

TEST_CASE("a file in the directory of keys that is not a key goes into neither an image nor an overlay") {
    const auto refusal = [](const std::function<void(test::ImageSetup&)>& fill) {
        test::ImageSetup setup;
        setup.request.plain_init_program = setup.dir.write("init-plain", "#!init without TLS");
        fill(setup);
        const auto tree = setup.tree();
        const auto overlay = make_overlay_tree(setup.files);
        REQUIRE_FALSE(tree);
        REQUIRE_FALSE(overlay);
        CHECK(overlay.error().text() == tree.error().text());
        return tree.error().text();
    };
    const auto with = [&](const std::string& name, std::string_view content) {
        return refusal([&](test::ImageSetup& setup) {
            setup.add("etc/mkpxerd/keys/good.pub", File::Kind::Regular);
            setup.fill(public_key);
            setup.add("etc/mkpxerd/keys/" + name, File::Kind::Regular);
            setup.fill(content);
        });
    };
    for (const char* name : {"site.pem", "site.pub", "README", ".hidden"})
        CHECK_THAT(with(name, "nonsense"), Catch::StartsWith(std::string("/etc/mkpxerd/keys/") + name +
                                                             ": contains no Ed25519 public key"));
    CHECK_THAT(with("empty.pub", ""), Catch::Contains("empty.pub: contains no Ed25519 public key"));
    CHECK_THAT(with("site.pem", "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----\n"),
               Catch::StartsWith("/etc/mkpxerd/keys/site.pem: contains a private key"));

    const auto path = [](const char* name) { return std::string("etc/mkpxerd/keys") + name; };
    CHECK_THAT(refusal([&](test::ImageSetup& setup) {
                   setup.add(path("/directory/site.pub"), File::Kind::Regular);
               }),
               Catch::StartsWith("/etc/mkpxerd/keys/directory: is not a regular file"));
    CHECK_THAT(refusal([&](test::ImageSetup& setup) {
                   setup.add(path("/site.pub"), File::Kind::Link).target = "gone";
               }),
               Catch::StartsWith("/etc/mkpxerd/keys/site.pub: is a link whose target is not in the image"));
    CHECK_THAT(refusal([&](test::ImageSetup& setup) { setup.add(path(""), File::Kind::Directory); }),
               Catch::StartsWith("/etc/mkpxerd/keys: is empty"));
    CHECK_THAT(refusal([&](test::ImageSetup& setup) { setup.add(path(""), File::Kind::Regular); }),
               Catch::StartsWith("/etc/mkpxerd/keys: is not a directory"));
    CHECK_THAT(
        refusal([&](test::ImageSetup& setup) { setup.add(path(""), File::Kind::Link).target = "/opt/keys"; }),
        Catch::StartsWith("/opt/keys: is not in the image"));
}

TEST_CASE("an image whose /etc/mkpxerd is a link needs no keys") {
    test::ImageSetup setup;
    setup.add("etc/mkpxerd", File::Kind::Link).target = "/opt/mkpxerd";
    setup.add("opt/mkpxerd", File::Kind::Directory);
    setup.request.plain_init_program = setup.dir.write("init-plain", "#!init without TLS");
    const auto tree = setup.tree();
    REQUIRE(tree);
    CHECK_FALSE(tree->config.tls);
}

TEST_CASE("a key may be a link to one in the image") {
    test::ImageSetup setup;
    setup.add("opt/site.pem", File::Kind::Regular);
    setup.fill(public_key);
    setup.add("etc/mkpxerd/keys/site.pem", File::Kind::Link).target = "/opt/site.pem";
    setup.add("etc/mkpxerd/keys-of-old/readme", File::Kind::Regular);
    const auto tree = setup.tree();
    REQUIRE(tree);
    CHECK(tree->config.tls);
}

TEST_CASE("authorities count where the init finds them, through links too") {
    test::ImageSetup setup;
    setup.request.plain_init_program = setup.dir.write("init-plain", "#!init without TLS");
    setup.add("etc/ssl", File::Kind::Link).target = "../usr/share/ssl";
    setup.add("usr/share/ssl/openssl.cnf", File::Kind::Regular);
    CHECK_FALSE(setup.tree()->config.tls);
    setup.add("usr/share/ssl/cert.pem", File::Kind::Link).target = "certs/all.crt";
    CHECK_FALSE(setup.tree()->config.tls); // leads nowhere
    setup.add("usr/share/ssl/certs/all.crt", File::Kind::Regular);
    CHECK(setup.tree()->config.tls);
}

TEST_CASE("what the image itself writes is nobody else's, and not hidden by a mount") {
    for (const char* path : {"etc/mkpxerd/boot.conf", "etc/mkpxerd/reasons", "etc/mkpxerd/complete"}) {
        test::ImageSetup setup;
        setup.add(path, File::Kind::Link).target = "/etc/passwd";
        const auto tree = setup.tree();
        REQUIRE_FALSE(tree);
        CHECK(tree.error().text() ==
              "f.files:1: '/" + std::string(path) + "' is created by mkpxerd (leave it out)");
    }
    test::ImageSetup setup;
    setup.add("etc/mkpxerd", File::Kind::Link).target = "/run/mkpxerd";
    CHECK(setup.tree().error().text().find("would be at /run/mkpxerd/boot.conf, which is hidden") !=
          std::string::npos);
}

TEST_CASE("modules follow a usr-merged tree") {
    test::ImageSetup setup;
    setup.add("lib", File::Kind::Link).target = "usr/lib";
    setup.modules.kernel_version = "6.1";
    Module module;
    module.path = "kernel/a.ko";
    module.content = TreePath(setup.dir.write("a.ko", "elf"));
    module.size = 3;
    setup.modules.modules.push_back(module);
    const auto paths = test::ImageSetup::paths(setup.tree().value());
    CHECK(std::count(paths.begin(), paths.end(), "usr/lib/modules/6.1/kernel/a.ko") == 1);
    CHECK(std::count(paths.begin(), paths.end(), "lib") == 1);
}

TEST_CASE("a file where a directory must be is an error, and /init cannot come from a feature") {
    test::ImageSetup setup;
    setup.add("etc", File::Kind::Regular);
    CHECK(setup.tree().error().text().find("etc: must be a directory for etc/") == 0);
    test::ImageSetup other;
    other.add("init", File::Kind::Regular);
    CHECK(other.tree().error().text() == "f.files:1: '/init' is created by mkpxerd (use -i to replace it)");
    std::filesystem::remove(other.dir / "init");
    other.files.files.clear();
    CHECK_FALSE(other.tree());
}
