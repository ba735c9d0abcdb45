// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/embedded_config.hpp"

#include <catch2/catch.hpp>

#include "compressed.hpp"
#include "mkpxerd/generator/modules/kernel_config.hpp"
#include "samples.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

const std::string config = "# made by hand\nCONFIG_RD_GZIP=y\n# CONFIG_RD_XZ is not set\n";

std::string marked() {
    return "IKCFG_ST" + test::compressed(config, wrap::Format::Gzip) + "IKCFG_ED";
}

// What a kernel is to the search: code that knows the mark, and the configuration behind many bytes, which
// are more than one piece of most decompressors.
std::string vmlinux(const std::string& between = marked(), std::size_t size = 300'000) {
    return "code that knows IKCFG_ST and IKCFG_ED" + test::noise(50'000) + std::string(size, 'c') + between +
           "more code";
}

// setup sectors, header at 0x1f1, payload, 4 bytes of its length: scripts/Makefile.lib, size_append.
std::string bz_image(const std::string& payload) {
    std::string bytes(3 * 512, 'r');
    const auto number = [&](std::size_t at, std::uint32_t value, unsigned width) {
        for (unsigned i = 0; i < width; ++i)
            bytes[at + i] = static_cast<char>(value >> 8 * i);
    };
    number(0x1f1, 2, 1);
    bytes.replace(0x202, 4, "HdrS");
    number(0x206, 0x20f, 2);
    number(0x248, 100, 4);
    number(0x24c, static_cast<std::uint32_t>(payload.size() + 4), 4);
    return bytes + std::string(100, 'p') + payload + "size" + "relocations";
}

std::optional<std::string> config_of(const std::string& kernel) {
    return embedded_kernel_config(std::as_bytes(std::span(kernel)));
}

} // namespace

TEST_CASE("the configuration is found in a kernel, however that is compressed") {
    const std::string plain = vmlinux();
    CHECK(config_of(plain) == config);
    for (const auto format : {wrap::Format::Gzip, wrap::Format::Xz, wrap::Format::Zstd, wrap::Format::Lz4}) {
        INFO(wrap::format_name(format));
        CHECK(config_of(bz_image(test::compressed(plain, format))) == config);
        CHECK(config_of(test::compressed(plain, format)) == config);
    }
    const std::string large = vmlinux(marked(), 8 << 20); // a piece of lz4 has 8 MiB
    CHECK(config_of(large) == config);
    CHECK(config_of(bz_image(test::compressed(large, wrap::Format::Lz4))) == config);
}

TEST_CASE("a configuration that lies across two pieces of the unpacked kernel is found") {
    const std::string mark = marked();
    const std::size_t start = vmlinux("", 0).size() - std::string_view("more code").size();
    const std::size_t piece = 128 << 10; // of gzip
    for (std::size_t before = 1; before < mark.size(); before += before == 12 ? mark.size() - 24 : 1) {
        INFO(before << " bytes of it in the first piece");
        const std::string kernel = vmlinux(mark, piece - start - before);
        CHECK(config_of(test::compressed(kernel, wrap::Format::Gzip)) == config);
    }
}

TEST_CASE("a kernel without a configuration, a damaged one and what is no kernel have none") {
    const std::string none = vmlinux("");
    CHECK_FALSE(config_of(none));
    CHECK_FALSE(config_of(bz_image(test::compressed(none, wrap::Format::Gzip))));
    CHECK_FALSE(config_of(vmlinux("IKCFG_ST" + test::compressed(config, wrap::Format::Gzip)))); // no end
    CHECK_FALSE(config_of(vmlinux("IKCFG_ST\x1f\x8b nothing that is compressed IKCFG_ED")));
    CHECK_FALSE(config_of(""));
    CHECK_FALSE(config_of("MZ, and nothing"));
    const std::string whole = bz_image(test::compressed(vmlinux(), wrap::Format::Gzip));
    CHECK_FALSE(config_of(whole.substr(0, 0x24d)));
    CHECK_FALSE(config_of(whole.substr(0, whole.size() / 2)));
    std::string beyond = whole;
    beyond.replace(0x248, 4, "\xff\xff\xff\xff");
    CHECK_FALSE(config_of(beyond));
}

TEST_CASE("a kernel without a configuration file is asked itself") {
    const test::TempDir dir;
    const Sysroot tree(dir.path());
    CHECK_FALSE(read_kernel_config(tree, "6.1-test"));
    const auto place = GENERATE(as<std::string>(), "boot/vmlinuz-6.1-test", "lib/modules/6.1-test/vmlinuz");
    dir.write(place, bz_image(test::compressed(vmlinux(), wrap::Format::Zstd)));
    const auto asked = read_kernel_config(tree, "6.1-test");
    CHECK(asked == config);
    CHECK(check_kernel_unpacks(asked, "6.1-test", wrap::Format::Gzip));
    CHECK(check_kernel_unpacks(asked, "6.1-test", wrap::Format::Xz).error().first().text ==
          "cannot unpack xz: it was built without CONFIG_RD_XZ");
    CHECK(check_kernel_unpacks(asked, "6.1-test", wrap::Format::None));
    CHECK(check_kernel_unpacks(std::nullopt, "6.1-test", wrap::Format::Xz)); // nothing is known
    // A file is stronger: it costs no unpacking.
    dir.write("boot/config-6.1-test", "CONFIG_RD_XZ=y\n");
    CHECK(read_kernel_config(tree, "6.1-test") == "CONFIG_RD_XZ=y\n");
}
