// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/compressed_firmware.hpp"

#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "firmware_tree.hpp"

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

struct Tree : test::FirmwareTree {
    std::string warning(const std::optional<std::string>& config = std::nullopt) const {
        std::string text;
        for (const Problem& problem : check_compressed_firmware(firmware, config))
            text += to_text(problem) + '\n';
        return text;
    }
};

} // namespace

TEST_CASE("compressed firmware that the kernel unpacks is no reason for a warning") {
    Tree tree;
    tree.add("a.bin", "plain");
    tree.add("b.bin.xz", test::compressed_xz());
    tree.add("c.bin.zst", test::compressed_zstd());
    Firmware link;
    link.path = "lib/firmware/l.xz";
    link.target = "b.bin.xz";
    tree.firmware.push_back(link);
    CHECK(tree.warning().empty());
}

TEST_CASE("compressed firmware that the kernel would not unpack is named, once a reason") {
    Tree tree;
    tree.add("a.bin.xz", test::compressed_xz_crc64());
    tree.add("b.bin.xz", test::compressed_xz_crc64());
    tree.add("c.bin.xz", "no xz");
    std::string piped = test::compressed_zstd(); // zstd did not know the length of what came by a pipe
    piped[4] = static_cast<char>(piped[4] & 0x1f);
    tree.add("d.bin.zst", piped);
    const std::string warnings = tree.warning();
    CHECK(warnings.find((tree.dir / "a.bin.xz").string() +
                        ": the kernel would not unpack it and 1 more: its check is CRC64, not CRC32") !=
          std::string::npos);
    CHECK(warnings.find("would not unpack it: it is not xz data") != std::string::npos);
    CHECK(warnings.find("its frame does not give the uncompressed size") != std::string::npos);
    CHECK(tree.warning("CONFIG_FW_LOADER_COMPRESS_ZSTD=y\n").find("without CONFIG_FW_LOADER_COMPRESS_XZ") !=
          std::string::npos);
}
