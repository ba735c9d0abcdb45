// SPDX-License-Identifier: MIT
// image_builder, cpio_writer and image_writer, judged by what GNU cpio reads.
#include <catch2/catch.hpp>
#include <cstdio>
#include <functional>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/generator/archive/image_builder.hpp"
#include "mkpxerd/generator/archive/image_writer.hpp"
#include "temp_dir.hpp"

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

// RFC 8032 7.1, test 3.
constexpr std::string_view public_key = "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=\n";

struct Setup {
    test::TempDir dir;
    FileSet files;
    ModuleSet modules;
    BuildRequest request;
    Setup() { request.init_program = dir.write("init", "#!init"); }

    File& add(const std::string& path, File::Kind kind, unsigned mode = 0755) {
        File file;
        file.path = path;
        file.kind = kind;
        file.mode = mode;
        file.reason.origin = {"f.files", 1};
        if (kind == File::Kind::Regular) {
            file.source = dir.write("source/" + path, "content of " + path);
            file.size = std::filesystem::file_size(file.source.host());
        }
        files.files.push_back(file);
        return files.files.back();
    }
    // What the file that was added last holds.
    void fill(std::string_view content) {
        files.files.back().source = dir.write("source/" + files.files.back().path, content);
        files.files.back().size = content.size();
    }
    Result<ImageTree> tree() const { return ImageBuilder().build(modules, files, request, {}); }
    std::filesystem::path write() const {
        const auto image = tree();
        REQUIRE(image);
        const auto written =
            ImageWriter({wrap::Format::None, {}, 1}, 1700000000).write(*image, {}, to(dir / "image"), 0644);
        REQUIRE(written);
        CHECK(written->archive_bytes == std::filesystem::file_size(dir / "image"));
        return dir / "image";
    }
    static std::vector<std::string> paths(const ImageTree& tree) {
        std::vector<std::string> all;
        for (const auto& entry : tree.entries)
            all.push_back(entry.path);
        return all;
    }
};

} // namespace

TEST_CASE("init comes first, the sentinel last, parents before children, and boot.conf counts them") {
    Setup setup;
    setup.add("usr/bin/deep/tool", File::Kind::Regular);
    const auto tree = setup.tree();
    REQUIRE(tree);
    const auto paths = Setup::paths(*tree);
    CHECK(paths.front() == "init");
    CHECK(paths.back() == sentinel_path);
    CHECK(std::is_sorted(paths.begin() + 1, paths.end() - 1));
    for (const char* parent : {"usr", "usr/bin", "usr/bin/deep", "etc/mkpxerd", "dev/console", "newroot"})
        CHECK(std::count(paths.begin(), paths.end(), parent) == 1);
    CHECK(tree->config.entries == paths.size());
    CHECK(std::get<std::string>(tree->entries.back().content) == sentinel_text(paths.size()));
}

TEST_CASE("init has TLS when the image has authorities or keys, or when there is no other init") {
    const auto init_of = [](const char* file) {
        Setup setup;
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

    Setup setup;
    setup.request.plain_init_program = setup.dir / "absent";
    CHECK(std::get<TreePath>(setup.tree()->entries.front().content) == setup.request.init_program);
}

TEST_CASE("where /etc/mkpxerd is a link, the image's own files lie at its end") {
    Setup setup;
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
    CHECK(output_of("cd " + setup.dir.path().string() + " && mkdir -p out && cpio --quiet -idD out <" +
                    setup.write().string() + " 2>/dev/null; cat out/opt/mkpxerd/complete") ==
          sentinel_text(tree->config.entries));
}

TEST_CASE("what is no key in the directory of keys goes into no image, nor into an overlay") {
    const auto refusal = [](const std::function<void(Setup&)>& fill) {
        Setup setup;
        setup.request.plain_init_program = setup.dir.write("init-plain", "#!init without TLS");
        fill(setup);
        const auto tree = setup.tree();
        const auto overlay = ImageBuilder().build_overlay(setup.files);
        REQUIRE_FALSE(tree);
        REQUIRE_FALSE(overlay);
        CHECK(overlay.error().text() == tree.error().text());
        return tree.error().text();
    };
    const auto with = [&](const std::string& name, std::string_view content) {
        return refusal([&](Setup& setup) {
            setup.add("etc/mkpxerd/keys/good.pub", File::Kind::Regular);
            setup.fill(public_key);
            setup.add("etc/mkpxerd/keys/" + name, File::Kind::Regular);
            setup.fill(content);
        });
    };
    for (const char* name : {"site.pem", "site.pub", "README", ".hidden"})
        CHECK_THAT(with(name, "nonsense"), Catch::StartsWith(std::string("/etc/mkpxerd/keys/") + name +
                                                             ": holds no Ed25519 public key"));
    CHECK_THAT(with("empty.pub", ""), Catch::Contains("empty.pub: holds no Ed25519 public key"));
    CHECK_THAT(with("site.pem", "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----\n"),
               Catch::StartsWith("/etc/mkpxerd/keys/site.pem: holds a private key"));

    const auto path = [](const char* name) { return std::string("etc/mkpxerd/keys") + name; };
    CHECK_THAT(refusal([&](Setup& setup) { setup.add(path("/directory/site.pub"), File::Kind::Regular); }),
               Catch::StartsWith("/etc/mkpxerd/keys/directory: is not a regular file"));
    CHECK_THAT(refusal([&](Setup& setup) { setup.add(path("/site.pub"), File::Kind::Link).target = "gone"; }),
               Catch::StartsWith("/etc/mkpxerd/keys/site.pub: is a link to what is not in the image"));
    CHECK_THAT(refusal([&](Setup& setup) { setup.add(path(""), File::Kind::Directory); }),
               Catch::StartsWith("/etc/mkpxerd/keys: is empty"));
    CHECK_THAT(refusal([&](Setup& setup) { setup.add(path(""), File::Kind::Regular); }),
               Catch::StartsWith("/etc/mkpxerd/keys: is no directory"));
    CHECK_THAT(refusal([&](Setup& setup) { setup.add(path(""), File::Kind::Link).target = "/opt/keys"; }),
               Catch::StartsWith("/opt/keys: is not in the image"));
}

TEST_CASE("an image whose /etc/mkpxerd is a link needs no keys") {
    Setup setup;
    setup.add("etc/mkpxerd", File::Kind::Link).target = "/opt/mkpxerd";
    setup.add("opt/mkpxerd", File::Kind::Directory);
    setup.request.plain_init_program = setup.dir.write("init-plain", "#!init without TLS");
    const auto tree = setup.tree();
    REQUIRE(tree);
    CHECK_FALSE(tree->config.tls);
}

TEST_CASE("a key may be a link to one in the image") {
    Setup setup;
    setup.add("opt/site.pem", File::Kind::Regular);
    setup.fill(public_key);
    setup.add("etc/mkpxerd/keys/site.pem", File::Kind::Link).target = "/opt/site.pem";
    setup.add("etc/mkpxerd/keys-of-old/readme", File::Kind::Regular);
    const auto tree = setup.tree();
    REQUIRE(tree);
    CHECK(tree->config.tls);
}

TEST_CASE("authorities count where the init finds them, through links too") {
    Setup setup;
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
        Setup setup;
        setup.add(path, File::Kind::Link).target = "/etc/passwd";
        const auto tree = setup.tree();
        REQUIRE_FALSE(tree);
        CHECK(tree.error().text() ==
              "f.files:1: '/" + std::string(path) + "' is made by mkpxerd (leave it out)");
    }
    Setup setup;
    setup.add("etc/mkpxerd", File::Kind::Link).target = "/run/mkpxerd";
    CHECK(setup.tree().error().text().find("would lie at /run/mkpxerd/boot.conf, hidden") !=
          std::string::npos);
}

TEST_CASE("modules follow a usr-merged tree") {
    Setup setup;
    setup.add("lib", File::Kind::Link).target = "usr/lib";
    setup.modules.kernel_version = "6.1";
    Module module;
    module.path = "kernel/a.ko";
    module.source = setup.dir.write("a.ko", "elf");
    module.size = 3;
    setup.modules.modules.push_back(module);
    const auto paths = Setup::paths(setup.tree().value());
    CHECK(std::count(paths.begin(), paths.end(), "usr/lib/modules/6.1/kernel/a.ko") == 1);
    CHECK(std::count(paths.begin(), paths.end(), "lib") == 1);
}

TEST_CASE("GNU cpio reads the archive as it was meant") {
    Setup setup;
    setup.add("bin/tool", File::Kind::Regular, 04755);
    setup.add("bin/sh", File::Kind::Link).target = "tool";
    const auto image = setup.write();
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

TEST_CASE("hard links stay hard links") {
    Setup setup;
    for (const char* path : {"a", "b", "c"}) {
        File& file = setup.add(path, File::Kind::Regular);
        file.inode = 42;
        file.links = 3;
        file.size = setup.files.files.front().size;
        file.source = setup.files.files.front().source;
    }
    const auto image = setup.write();
    const auto out = setup.dir / "out";
    output_of("mkdir '" + out.string() + "' && cd '" + out.string() + "' && cpio --quiet -i a b c < '" +
              image.string() + "'");
    CHECK(read_file(out / "a").value() == "content of a");
    CHECK(std::filesystem::hard_link_count(out / "a") == 3);
}

TEST_CASE("hard links are told by all 64 bits of an inode, and by its device") {
    Setup setup;
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
    const auto image = setup.write();
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
    Setup setup;
    setup.dir.write("image", "old");
    setup.add("large", File::Kind::Regular).size = std::uint64_t{1} << 32;
    const auto written = ImageWriter({wrap::Format::None, {}, 1}, 0)
                             .write(setup.tree().value(), {}, to(setup.dir / "image"), 0644);
    REQUIRE_FALSE(written);
    CHECK(written.error().text() == "large: is 4 GiB or larger, more than a cpio entry can hold");
    CHECK(read_file(setup.dir / "image").value() == "old");
}

TEST_CASE("a file with the name that ends an archive is refused") {
    Setup setup;
    setup.dir.write("image", "old");
    setup.add("TRAILER!!!", File::Kind::Regular);
    const auto written = ImageWriter({wrap::Format::None, {}, 1}, 0)
                             .write(setup.tree().value(), {}, to(setup.dir / "image"), 0644);
    REQUIRE_FALSE(written);
    CHECK(written.error().text() == "TRAILER!!!: has the name that ends a cpio archive (rename it)");
    CHECK(read_file(setup.dir / "image").value() == "old");
    setup.files.files.front().path = "etc/TRAILER!!!";
    CHECK(ImageWriter({wrap::Format::None, {}, 1}, 0)
              .write(setup.tree().value(), {}, to(setup.dir / "image"), 0644));
}

TEST_CASE("a file that changes while it is read spoils the build, not the old image") {
    Setup setup;
    setup.dir.write("image", "old");
    File& file = setup.add("x", File::Kind::Regular);
    for (const auto& [change, format] : {std::pair{-1, wrap::Format::None},
                                         {+1, wrap::Format::None},
                                         {-1, wrap::Format::Gzip},
                                         {+1, wrap::Format::Gzip}}) {
        file.size = static_cast<std::uint64_t>(
            static_cast<int>(std::filesystem::file_size(file.source.host())) + change);
        const auto written =
            ImageWriter({format, {}, 1}, 0).write(setup.tree().value(), {}, to(setup.dir / "image"), 0644);
        REQUIRE_FALSE(written);
        CHECK(written.error().text().find("changed while it was read") != std::string::npos);
    }
    CHECK(read_file(setup.dir / "image").value() == "old");
}

TEST_CASE("a file where a directory must be is an error, and /init cannot come from a feature") {
    Setup setup;
    setup.add("etc", File::Kind::Regular);
    CHECK(setup.tree().error().text().find("etc: must be a directory for etc/") == 0);
    Setup other;
    other.add("init", File::Kind::Regular);
    CHECK(other.tree().error().text() == "f.files:1: '/init' is made by mkpxerd (use -i to replace it)");
    std::filesystem::remove(other.dir / "init");
    other.files.files.clear();
    CHECK_FALSE(other.tree());
}

TEST_CASE("an image is written for all to read, whatever the umask, and never through a device") {
    Setup setup;
    const mode_t old = ::umask(077);
    const auto image = setup.write();
    ::umask(old);
    struct stat st {};
    REQUIRE(::stat(image.c_str(), &st) == 0);
    CHECK((st.st_mode & 07777) == 0644);
    CHECK(ImageWriter({wrap::Format::None, {}, 1}, 0).write(setup.tree().value(), {}, to("/dev/null"), 0644));
    REQUIRE(::stat("/dev/null", &st) == 0);
    CHECK(S_ISCHR(st.st_mode));
    CHECK_FALSE(AtomicFile::create(setup.dir.path()));
}
