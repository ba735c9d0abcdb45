// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/kernel_config.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

const std::optional<std::string> unknown;
const std::optional<std::string> gzip_only =
    "CONFIG_RD_GZIP=y\n# CONFIG_RD_XZ is not set\nCONFIG_RD_ZSTD=m\n";

} // namespace

TEST_CASE("the configuration comes from the first place that has it") {
    const test::TempDir dir;
    const Sysroot tree(dir.path());
    CHECK_FALSE(read_kernel_config(tree, "6.1"));
    dir.write("usr/lib/modules/6.1/build/.config", "last");
    CHECK(read_kernel_config(tree, "6.1") == "last");
    dir.write("lib/modules/6.1/config", "second");
    CHECK(read_kernel_config(tree, "6.1") == "second");
    dir.write("boot/config-6.1", "first");
    CHECK(read_kernel_config(tree, "6.1") == "first");
    CHECK_FALSE(read_kernel_config(tree, "6.2"));
    // A link stays in the tree, and a directory has no text.
    std::filesystem::remove(dir / "boot/config-6.1");
    std::filesystem::create_directory(dir / "boot/config-6.1");
    CHECK(read_kernel_config(tree, "6.1") == "second");
}

TEST_CASE("a kernel without a configuration inside does not tell") {
    const test::TempDir dir;
    dir.write("boot/vmlinuz-6.1", std::string(1000, 'x'));
    CHECK_FALSE(read_kernel_config(Sysroot(dir.path()), "6.1"));
}

TEST_CASE("an option is enabled if it is y, by its whole name") {
    CHECK(is_enabled("A=1\nCONFIG_RD_XZ=y\nB=2", "CONFIG_RD_XZ"));
    for (const char* config : {"CONFIG_RD_XZ=m", "# CONFIG_RD_XZ is not set", "CONFIG_RD_XZ=yes",
                               "CONFIG_RD_XZ_X=y", "XCONFIG_RD_XZ=y", "CONFIG_RD_XZ=", ""})
        CHECK_FALSE(is_enabled(config, "CONFIG_RD_XZ"));
}

TEST_CASE("a kernel that cannot unpack the image is an error that names what it can, one that does not tell "
          "is not") {
    CHECK(check_kernel_unpacks(gzip_only, "6.1", wrap::Format::Gzip));
    CHECK(check_kernel_unpacks(gzip_only, "6.1", wrap::Format::None));
    CHECK(check_kernel_unpacks(unknown, "6.1", wrap::Format::Xz));
    for (const auto format : {wrap::Format::Xz, wrap::Format::Zstd, wrap::Format::Lz4}) {
        const auto refused = check_kernel_unpacks(gzip_only, "6.1", format);
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().first().text, Catch::Contains("it was built without CONFIG_RD_"));
        CHECK(refused.error().first().hint == "use -C with one of: none, gzip");
    }
    CHECK(missing_to_unpack(gzip_only, "bzip2") == "CONFIG_RD_BZIP2");
    CHECK(missing_to_unpack(gzip_only, "rar").empty());
}

TEST_CASE("compressed modules need the kernel's decompression, and that of their format") {
    const std::string both = "CONFIG_MODULE_DECOMPRESS=y\nCONFIG_MODULE_COMPRESS_XZ=y\n";
    CHECK(missing_to_load(both, wrap::Format::Xz).empty());
    CHECK(missing_to_load(both, wrap::Format::Zstd) == "CONFIG_MODULE_COMPRESS_ZSTD");
    CHECK(missing_to_load(both, wrap::Format::Gzip) == "CONFIG_MODULE_COMPRESS_GZIP");
    CHECK(missing_to_load("CONFIG_MODULE_COMPRESS_XZ=y", wrap::Format::Xz) == "CONFIG_MODULE_DECOMPRESS");
}

TEST_CASE("the firmware loader needs the format's option, and up to Linux 5.18 one option that means xz") {
    using wrap::Format;
    CHECK(missing_to_load_firmware("CONFIG_FW_LOADER_COMPRESS_XZ=y\n", Format::Xz).empty());
    CHECK(missing_to_load_firmware("CONFIG_FW_LOADER_COMPRESS_XZ=y\n", Format::Zstd) ==
          "CONFIG_FW_LOADER_COMPRESS_ZSTD");
    CHECK(missing_to_load_firmware("CONFIG_FW_LOADER_COMPRESS=y\n", Format::Xz).empty());
    CHECK_FALSE(missing_to_load_firmware("CONFIG_FW_LOADER_COMPRESS=y\n", Format::Zstd).empty());
    CHECK_FALSE(missing_to_load_firmware(
                    "CONFIG_FW_LOADER_COMPRESS=y\n# CONFIG_FW_LOADER_COMPRESS_XZ is not set\n", Format::Xz)
                    .empty());
    CHECK_FALSE(missing_to_load_firmware("", Format::Xz).empty());
}

TEST_CASE("a stream that asks for what the kernel lacks is refused with the reason") {
    CHECK(find_refusal({}, unknown).empty());
    CHECK(find_refusal({.refused = "has a CRC64 check", .hint = "", .options = {}}, gzip_only) ==
          "has a CRC64 check");
    const wrap::KernelDemands foreign{.refused = "", .hint = "", .options = {"CONFIG_XZ_DEC_SPARC"}};
    CHECK(find_refusal(foreign, "CONFIG_XZ_DEC_SPARC=y\n").empty());
    CHECK(find_refusal(foreign, gzip_only) == "it was built without CONFIG_XZ_DEC_SPARC");
    CHECK(find_refusal(foreign, unknown) ==
          "it is compressed for another architecture, which needs CONFIG_XZ_DEC_SPARC");
}
