// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/archive/image_parts.hpp"

#include <catch2/catch.hpp>

#include "bounded_child.hpp"
#include "compressed.hpp"
#include "newc_builder.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

struct Setup {
    test::TempDir dir;
    BuildRequest request;
    Setup() {
        request.kernel_root = dir.path();
        request.microcode = true;
    }
    std::string intel(const std::string& text) const { return std::string("\x01\0\0\0", 4) + text; }
    std::string amd(const std::string& text) const { return std::string("DMA\0", 4) + text; }
    std::string before() const {
        const auto parts = collect_parts(request, "");
        return parts ? parts->before : parts.error().text();
    }
    bool holds(const std::string& text) const { return before().find(text) != std::string::npos; }
};

} // namespace

TEST_CASE("microcode that the system has compressed goes in plain") {
    const Setup setup;
    const auto& dir = setup.dir;
    dir.write("lib/firmware/intel-ucode/06-55-04.xz", test::compressed(setup.intel("one"), wrap::Format::Xz));
    dir.write("lib/firmware/intel-ucode/06-8c-01.zst",
              test::compressed(setup.intel("two"), wrap::Format::Zstd));
    dir.write("lib/firmware/amd-ucode/microcode_amd.bin.xz",
              test::compressed(setup.amd("three"), wrap::Format::Xz));
    dir.write("lib/firmware/amd-ucode/microcode_amd_fam17h.bin.zst",
              test::compressed(setup.amd("four"), wrap::Format::Zstd));
    CHECK(setup.holds("GenuineIntel.bin"));
    CHECK(setup.holds(setup.intel("one") + setup.intel("two")));
    CHECK(setup.holds("AuthenticAMD.bin"));
    CHECK(setup.holds(setup.amd("three") + setup.amd("four")));
}

TEST_CASE("only files of microcode are taken, each once") {
    const Setup setup;
    const auto& dir = setup.dir;
    dir.write("lib/firmware/intel-ucode/06-55-04", setup.intel("plain"));
    dir.write("lib/firmware/intel-ucode/06-55-04.xz",
              test::compressed(setup.intel("compressed"), wrap::Format::Xz));
    dir.write("lib/firmware/intel-ucode/06-55-04.initramfs", "note");
    dir.write("lib/firmware/amd-ucode/microcode_amd.bin.asc", "-----BEGIN PGP SIGNATURE-----");
    dir.write("lib/firmware/amd-ucode/README.xz", "text");
    CHECK(setup.holds(setup.intel("plain")));
    CHECK_FALSE(setup.holds("compressed"));
    CHECK_FALSE(setup.holds("AuthenticAMD.bin"));
    const auto parts = collect_parts(setup.request, "");
    REQUIRE(parts->warnings.size() == 1);
    CHECK(to_text(parts->warnings[0]) == (dir / "lib/firmware/intel-ucode/06-55-04.initramfs").string() +
                                             ": is left out: it is not microcode");
}

TEST_CASE("microcode for early loading alone goes in, whatever is appended to its name") {
    const Setup setup;
    const auto& dir = setup.dir;
    dir.write("lib/firmware/intel-ucode/06-9e-0b.initramfs", setup.intel("debian"));
    dir.write("lib/firmware/intel-ucode/06-4f-01.early", setup.intel("suse"));
    dir.write("lib/firmware/intel-ucode/06-4f-02.early.xz",
              test::compressed(setup.intel("compressed"), wrap::Format::Xz));
    dir.write("lib/firmware/amd-ucode/microcode_amd_fam17h.bin.early", setup.amd("amd"));
    CHECK(setup.holds(setup.intel("suse") + setup.intel("compressed") + setup.intel("debian")));
    CHECK(setup.holds(setup.amd("amd")));
    CHECK(collect_parts(setup.request, "")->warnings.empty());
}

TEST_CASE("an archive is held against the configuration of the image's kernel") {
    test::TempDir dir;
    dir.write("boot/config-6.1-test", "CONFIG_RD_XZ=y\n");
    BuildRequest request;
    request.kernel_root = dir.path();
    request.append = {
        dir.write("x.gz", test::compressed(test::NewcBuilder().trailer().text(), wrap::Format::Gzip))};
    CHECK(collect_parts(request, "6.1-test").error().text().find("built without CONFIG_RD_GZIP") !=
          std::string::npos);
    CHECK(collect_parts(request, ""));
}

TEST_CASE("what is named as microcode and is none is an error with its file") {
    const Setup setup;
    const auto file = setup.dir.write("lib/firmware/intel-ucode/06-55-04", "version https://git-lfs");
    CHECK(setup.before() ==
          file.string() + ": is not microcode (install its package again, or build without --ucode)");
    setup.dir.write("lib/firmware/intel-ucode/06-55-04", setup.intel(""));
    const auto broken =
        setup.dir.write("lib/firmware/amd-ucode/microcode_amd.bin.xz", "this is no xz stream at all");
    CHECK(setup.before().find(broken.string() + ": the xz stream at byte 0 is corrupt") == 0);
}

TEST_CASE("an lz4 stream is closed before another archive stands behind it") {
    test::TempDir dir;
    const std::string archive = test::NewcBuilder().file("a", "b").trailer().text();
    std::string stream = test::compressed(archive, wrap::Format::Lz4);
    BuildRequest request;
    request.prepend = {dir.write("x.lz4", stream)};
    request.append = {dir.write("x.cpio", archive)};
    while (stream.size() % 4 != 0)
        stream += '\0';
    const std::string end(4, '\0');
    CHECK(collect_parts(request, "")->before == stream + end);
    CHECK(collect_parts(request, "")->after == archive + end);
    request.compression.format = wrap::Format::Lz4;
    const auto parts = collect_parts(request, "");
    CHECK(parts->after == end + archive + end);
    // Each archive is found again.
    REQUIRE(parts->archives.size() == 2);
    CHECK(parts->archives[0].name == (dir / "x.lz4").string());
    CHECK(parts->archives[0].is_before);
    CHECK(parts->before.substr(parts->archives[0].begin, parts->archives[0].size) ==
          test::compressed(archive, wrap::Format::Lz4));
    CHECK_FALSE(parts->archives[1].is_before);
    CHECK(parts->after.substr(parts->archives[1].begin, parts->archives[1].size) == archive);
}

TEST_CASE("a directory among the microcode stops nothing") {
    const Setup setup;
    setup.dir.write("lib/firmware/intel-ucode/06-55-04", setup.intel("one"));
    setup.dir.write("lib/firmware/intel-ucode/caveats/README", "text");
    CHECK(setup.holds(setup.intel("one")));
}

TEST_CASE("all microcode together is bounded, and the file that is too much is named") {
    CHECK(max_microcode == 67108864);
    const Setup setup;
    for (const char* name : {"06-55-01", "06-55-02", "06-55-03"}) {
        const auto file =
            setup.dir.write(std::string("lib/firmware/intel-ucode/") + name, setup.intel("microcode"));
        std::filesystem::resize_file(file, 300'000);
    }
    const auto error = [&] {
        const auto parts = collect_parts(setup.request, "", 700'000);
        return parts ? "none" : parts.error().text();
    };
    CHECK(error().starts_with((setup.dir / "lib/firmware/intel-ucode/06-55-03").string() +
                              ": brings the microcode to more than 700000 bytes"));
    std::filesystem::remove(setup.dir / "lib/firmware/intel-ucode/06-55-03");
    CHECK(error() == "none");
    // Compressed, it is what it unpacks to that counts.
    setup.dir.write("lib/firmware/intel-ucode/06-55-04.xz",
                    test::compressed(setup.intel(std::string(200'000, 'x')), wrap::Format::Xz));
    CHECK(error().find("06-55-04.xz: brings the microcode to more than 700000 bytes") != std::string::npos);
    // What is too large is not read.
    std::filesystem::resize_file(setup.dir / "lib/firmware/intel-ucode/06-55-01", std::uintmax_t{1} << 40);
    CHECK(test::in_bounds(std::size_t{64} << 20, 2, [&] {
              return setup.before().find("06-55-01: brings the microcode to more than 67108864 bytes") !=
                             std::string::npos
                         ? 0
                         : 1;
          }) == 0);
}

TEST_CASE("an archive that is larger than can be held is refused before it is read") {
    const test::TempDir dir;
    const auto file = dir.write("archive", "0");
    std::filesystem::resize_file(file, std::uintmax_t{2} << 30);
    BuildRequest request;
    request.append = {file};
    CHECK(test::in_bounds(std::size_t{256} << 20, 60, [&] {
              const auto parts = collect_parts(request, "");
              return !parts &&
                             parts.error().text().find("is larger than 1073741824 bytes") != std::string::npos
                         ? 0
                         : 1;
          }) == 0);
}
