// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/firmware_forms.hpp"

#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "firmware_tree.hpp"
#include "samples.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

struct Tree : test::FirmwareTree {
    void link(const std::string& name, const std::string& target, const std::string& leads_to) {
        Firmware link;
        link.path = "lib/firmware/" + name;
        link.target = target;
        link.leads_to = leads_to.empty() ? "" : "lib/firmware/" + leads_to;
        firmware.push_back(link);
    }
    // "path", "path -> target", in order; '!' after what is packed.
    std::string names(const std::optional<std::string>& config, std::optional<wrap::Packing> modules) {
        REQUIRE(choose_firmware_forms(firmware, {.kernel_config = config, .modules = modules}));
        std::string text;
        for (const Firmware& each : firmware)
            text += each.path.substr(13) + (each.is_packed ? "!" : "") +
                    (each.target.empty() ? "" : "->" + each.target) + ' ';
        return text;
    }
};

const std::optional<std::string> unknown;
const std::optional<std::string> xz_only = "CONFIG_FW_LOADER_COMPRESS=y\nCONFIG_FW_LOADER_COMPRESS_XZ=y\n# "
                                           "CONFIG_FW_LOADER_COMPRESS_ZSTD is not set\n";
const std::optional<std::string> both = "CONFIG_FW_LOADER_COMPRESS_XZ=y\nCONFIG_FW_LOADER_COMPRESS_ZSTD=y\n";
const std::optional<std::string> before_5_19 = "CONFIG_FW_LOADER_COMPRESS=y\n"; // it meant xz
const std::optional<std::string> neither = "# CONFIG_FW_LOADER_COMPRESS is not set\n";

} // namespace

TEST_CASE("plain firmware is packed with packed modules, in a format that the kernel's loader knows") {
    struct Case {
        const std::optional<std::string>& config;
        std::optional<wrap::Packing> modules;
        const char* names;
    };
    for (const auto& [config, modules, names] :
         {Case{xz_only, wrap::packing_zstd, "a.bin.xz! "}, Case{both, wrap::packing_zstd, "a.bin.zst! "},
          Case{both, wrap::packing_xz, "a.bin.xz! "}, Case{before_5_19, wrap::packing_zstd, "a.bin.xz! "},
          Case{neither, wrap::packing_zstd, "a.bin "}, Case{unknown, wrap::packing_zstd, "a.bin "},
          Case{both, std::nullopt, "a.bin "}}) {
        Tree tree;
        tree.add("a.bin", test::prose(3000));
        CHECK(tree.names(config, modules) == names);
        const Firmware& file = tree.firmware.front();
        CHECK(file.form.has_value() == file.is_packed);
        CHECK((file.size < 3000) == file.is_packed);
    }
}

TEST_CASE("firmware that does not shrink, or that its driver reads in parts, stays plain") {
    Tree tree;
    tree.add("noise.bin", test::noise(3000));
    tree.add("part.bin", test::prose(3000), "bcm_vk");
    CHECK(tree.names(both, wrap::packing_zstd) == "noise.bin part.bin ");
}

TEST_CASE("links to packed firmware get the suffix on both sides, links to directories do not") {
    Tree tree;
    tree.add("real/b.bin", test::prose(3000));
    tree.link("a.bin", "dir/b.bin", "real/b.bin");
    tree.link("chain.bin", "a.bin", "real/b.bin");
    tree.link("dir", "real", "");
    CHECK(tree.names(both, wrap::packing_zstd) ==
          "a.bin.zst->dir/b.bin.zst chain.bin.zst->a.bin.zst dir->real real/b.bin.zst! ");
}

TEST_CASE("no packed firmware takes the name of another file") {
    Tree tree;
    tree.add("a.bin", test::prose(3000));
    tree.add("a.bin.zst", test::compressed_zstd());
    CHECK(tree.names(both, wrap::packing_zstd) == "a.bin a.bin.zst! ");
}

TEST_CASE("compressed firmware that the kernel would not unpack goes in plain, with its links") {
    Tree tree;
    tree.add("a.bin.xz", test::compressed_xz_crc64());
    tree.link("l.bin.xz", "a.bin.xz", "a.bin.xz");
    CHECK(tree.names(unknown, std::nullopt) == "a.bin l.bin->a.bin ");
    CHECK(std::get<CompressedFile>(*tree.firmware.front().form).format == wrap::Format::Xz);

    Tree zstd;
    zstd.add("z.bin.zst", test::compressed_zstd());
    CHECK(zstd.names(both, std::nullopt) == "z.bin.zst! ");
    CHECK(zstd.names(xz_only, std::nullopt) == "z.bin ");
}

TEST_CASE("refused firmware stays where it cannot be unpacked, or a link to it has another name") {
    Tree tree;
    tree.add("a.bin.xz", test::compressed_xz_crc64());
    tree.link("odd", "a.bin.xz", "a.bin.xz");
    tree.add("b.bin.xz", "not xz at all");
    CHECK(tree.names(unknown, std::nullopt) == "a.bin.xz! b.bin.xz! odd->a.bin.xz ");
}

TEST_CASE("firmware that is gone is an error that names it") {
    Tree tree;
    tree.add("a.bin", test::prose(3000));
    std::filesystem::remove(tree.dir / "a.bin");
    const auto done =
        choose_firmware_forms(tree.firmware, {.kernel_config = both, .modules = wrap::packing_zstd});
    REQUIRE_FALSE(done);
    CHECK(done.error().first().object == (tree.dir / "a.bin").string());
}
