// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "bounded_child.hpp"
#include "mkpxerd/contract/provenance.hpp"

using namespace mkpxerd;

TEST_CASE("provenance survives writing and parsing") {
    const std::vector<Provenance> entries = {
        {"lib/modules/6.1/kernel/fs/nfs/nfs.ko", "pattern", "", "nfs", "features.d/nfs.modules", 3},
        {"lib/modules/6.1/kernel/net/sunrpc/sunrpc.ko", "depends", "nfs", "nfs", "features.d/nfs.modules", 3},
        {"init", "builtin", "", "", "", 0},
        {"odd\tname\nwith\r \\ everything", "pattern", "", "x", "/a:b/c.files", 12},
        {"no line", "pattern", "", "x", "--features", 0},
        {"ends with what ends lines", "pattern", "", "x", "a\nb\r", 0},
    };
    const auto parsed = parse_provenance(write_provenance(entries));
    REQUIRE(parsed);
    CHECK(*parsed == entries);
}

TEST_CASE("a provenance line is what the format says") {
    CHECK(write_provenance({{"a\tb", "library", "bin/sh", "rescue", "f.files", 7}}) ==
          "a\\tb\tlibrary\tbin/sh\trescue\tf.files:7\n");
}

TEST_CASE("a provenance line with fields missing is named by its line") {
    const auto parsed = parse_provenance("a\tb\tc\td\te\na\tb\n\n");
    REQUIRE_FALSE(parsed);
    REQUIRE(parsed.error().problems().size() == 2);
    CHECK(parsed.error().problems()[0].object == "etc/mkpxerd/reasons:2");
    CHECK(parsed.error().problems()[1].object == "etc/mkpxerd/reasons:3");
}

TEST_CASE("a file of millions of lines that are no reasons is given up early") {
    const std::string lines(16 << 20, '\n');
    CHECK(test::in_bounds(std::size_t{64} << 20, 20, [&] {
              const auto parsed = parse_provenance(lines);
              return !parsed && parsed.error().problems().size() == 100 ? 0 : 1;
          }) == 0);
}
