// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/bundle/trial_parts.hpp"

#include <catch2/catch.hpp>

#include "compressed.hpp"
#include "fake_program.hpp"
#include "newc_builder.hpp"
#include "samples.hpp"
#include "temp_dir.hpp"
#include "unprivileged.hpp"

using namespace mkpxerd;
using namespace mkpxerd::cli;

namespace {

constexpr const char* kernel_start = "MZ"; // of any kernel with an EFI stub
constexpr std::size_t mebibyte = std::size_t{1} << 20;

std::string image_of(std::size_t bytes = 4, const std::string& config = "kernel=6.1\ncmdline=quiet\n") {
    test::NewcBuilder archive;
    archive.add({.name = "init", .mode = 0100755, .body = std::string(bytes, 'x')});
    if (!config.empty()) archive.add({.name = "etc/mkpxerd/boot.conf", .body = config});
    return archive.trailer().text();
}

struct Lab {
    test::FakeProgram emulator{"qemu-system-x86_64",
                               "echo 'Network devices:'; echo 'name \"e1000\", bus PCI'"};
    test::TempDir dir;
    std::filesystem::path image = dir.write("pxerd", image_of());
    std::filesystem::path kernel = dir.write("vmlinuz", kernel_start);
    deploy::TrialRequest request{};
    std::optional<std::uint64_t> memory{};

    Result<TrialParts> find(const std::filesystem::path& what) const {
        return find_trial_parts(what, request, memory);
    }
    std::string refused(const std::filesystem::path& what) const {
        const auto parts = find(what);
        std::string text;
        if (!parts)
            for (const Problem& problem : parts.error().problems())
                text += to_text(problem) + "\n";
        return text;
    }
    std::string path(const std::string& name) const { return (dir / name).string(); }
};

} // namespace

TEST_CASE("an image gets the kernel beside it, and the usual memory") {
    const Lab lab;
    const auto parts = lab.find(lab.image).value();
    CHECK(parts.request.image == lab.image);
    CHECK(parts.request.kernel == lab.kernel);
    CHECK(parts.request.memory == 512);
    CHECK(parts.warnings.empty());
}

TEST_CASE("a file that is not an initrd is refused before the kernel panics on it") {
    Lab lab;
    lab.dir.write("empty", "");
    lab.dir.write("text", "not an archive");
    CHECK(lab.refused(lab.path("empty")) ==
          lab.path("empty") + ": is not a whole initrd: contains no archive (mkpxerd -o FILE writes one)\n");
    CHECK(lab.refused(lab.path("text")).starts_with(lab.path("text") + ": is not a whole initrd: "));
    CHECK(lab.refused(lab.path("absent")) ==
          lab.path("absent") + ": cannot open: No such file or directory\n");
    for (const char* stream : {"-", "/dev/null"})
        CHECK(lab.refused(stream) ==
              std::string(stream) + ": is not a file: QEMU loads an image by its name\n");
    lab.request.kernel = lab.image;
    lab.request.network_cards = {"e1001"};
    const std::string all = lab.refused(lab.path("empty"));
    CHECK(all.find("--nic e1001: QEMU has no such network card (did you mean e1000?)\n") == 0);
    CHECK(all.find("empty: is not a whole initrd") != std::string::npos);
    CHECK(all.find("pxerd: does not begin like a kernel (name the kernel, vmlinuz, by --kernel)\n") !=
          std::string::npos);
}

TEST_CASE("a file that only another user may read is named with its mode, not as damaged") {
    const Lab lab;
    lab.dir.write("boot.ipxe", "#!ipxe\nkernel ${base}/vmlinuz\ninitrd ${base}/pxerd\nboot\n");
    std::filesystem::permissions(lab.dir.path(), std::filesystem::perms(0755));
    for (const auto& file : {lab.image, lab.kernel})
        std::filesystem::permissions(file, std::filesystem::perms(0000));
    const test::Unprivileged nobody;
    const std::string reason =
        ": has mode 0000: this user cannot read it (run try as a user that can read it)\n";
    for (const auto& what : {lab.dir.path(), lab.image}) {
        const std::string said = lab.refused(what);
        INFO(said);
        CHECK(said.find(lab.image.string() + reason) != std::string::npos);
        CHECK((what == lab.image || said.find(lab.kernel.string() + reason) != std::string::npos));
        CHECK(said.find("initrd") == std::string::npos);
    }
}

TEST_CASE("what the init of another tool prints ends no trial, unless a text is expected") {
    Lab lab;
    const auto other = lab.dir.write("initrd.img", image_of(4, ""));
    const auto parts = lab.find(other).value();
    REQUIRE(parts.warnings.size() == 1);
    CHECK(parts.warnings[0].hint == "--expect TEXT waits for a text of it");
    lab.request.expected = "login:";
    CHECK(lab.find(other).value().warnings.empty());
    lab.request.wants_report = true;
    CHECK(lab.find(other).value().warnings.at(0).text ==
          "is not an image of mkpxerd: its init writes no report");
    CHECK(lab.find(lab.image).value().warnings.empty());
}

TEST_CASE("the machine has the memory that the image needs, and less of the user's is named") {
    Lab lab;
    const auto large = lab.dir.write("large", image_of(8 * mebibyte));
    lab.request.memory = 64; // as if that were usual
    CHECK(lab.find(large).value().request.memory == 100);
    lab.memory = 16;
    CHECK(lab.refused(large) == "--memory 16M: the image needs about 100M to be unpacked\n");
    lab.memory = 80;
    const auto parts = lab.find(large).value();
    CHECK(parts.request.memory == 80);
    REQUIRE(parts.warnings.size() == 1);
    CHECK(to_text(parts.warnings[0]) ==
          "--memory 80M: the image needs about 100M, so the kernel may not unpack it");
    lab.memory = 1024;
    CHECK(lab.find(large).value().warnings.empty());
}

TEST_CASE("the memory is for each part's decoder, not for that of the last part alone") {
    Lab lab;
    lab.request.memory = 64;
    const std::string plain =
        test::NewcBuilder().file("init", test::noise(4 * mebibyte), 0755).trailer().text();
    std::string packed = test::compressed(plain, wrap::Format::Zstd);
    packed.resize((packed.size() + 3) / 4 * 4); // where the next part may begin
    const std::string more = test::NewcBuilder().file("etc/more", "x").trailer().text();
    const auto memory_of = [&](const std::string& image) {
        return lab.find(lab.dir.write("parts", image)).value().request.memory;
    };
    const std::uint64_t alone = memory_of(packed);
    CHECK(alone > memory_of(plain));
    CHECK(memory_of(packed + more) >= alone);
    CHECK(memory_of(more + packed) >= alone);
}

TEST_CASE("a bundle has what its script loads") {
    Lab lab;
    CHECK(lab.refused(lab.dir.path()) ==
          lab.dir.path().string() + ": is not a bundle: it has no boot.ipxe (mkpxerd bundle creates one)\n");
    lab.dir.write("boot.ipxe", "kernel ${base}/vmlinuz initrd=pxerd\ninitrd --name pxerd ${base}/pxerd\n");
    const auto parts = lab.find(lab.dir.path()).value();
    CHECK(parts.request.bundle == lab.dir.path());
    CHECK(parts.request.baked == "quiet");
    CHECK_FALSE(parts.request.has_apk);

    lab.dir.write("pxerd", "");
    lab.dir.write("vmlinuz", "");
    const std::string damaged = lab.refused(lab.dir.path());
    CHECK(damaged.find("vmlinuz: does not begin like a kernel (run mkpxerd bundle again)\n") !=
          std::string::npos);
    CHECK(damaged.find("pxerd: is not a whole initrd: contains no archive ") != std::string::npos);
    std::filesystem::remove(lab.image);
    std::filesystem::remove(lab.kernel);
    CHECK(lab.refused(lab.dir.path()) ==
          lab.path("vmlinuz") + ": is missing: boot.ipxe loads it (run mkpxerd bundle again)\n" +
              lab.path("pxerd") + ": is missing: boot.ipxe loads it (run mkpxerd bundle again)\n");
    lab.dir.write("boot.ipxe", "chain http://10.0.0.9/own.ipxe\n");
    CHECK(lab.find(lab.dir.path()));
}
