// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/stated_size.hpp"

#include <catch2/catch.hpp>

#include "compressed_archives.hpp"
#include "newc_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::test;

namespace {

std::optional<std::uint64_t> size_of(const std::string& file) {
    return wrap::stated_size(bytes_of(file));
}

} // namespace

TEST_CASE("a compressed file states how large it unpacks") {
    CHECK(size_of(compressed_gzip()) == 512);
    CHECK(size_of(compressed_xz()) == 512);
    CHECK(size_of(compressed_xz_crc64()) == 512);
    CHECK(size_of(compressed_zstd()) == 512);
    CHECK(size_of(compressed_zstd() + compressed_zstd()) == 1024);
}

TEST_CASE("a file that does not state its size, or is damaged where it would, has none") {
    CHECK_FALSE(size_of(compressed_xz() + compressed_xz()));
    CHECK_FALSE(size_of(compressed_lz4()));
    CHECK_FALSE(size_of("plain"));
    CHECK_FALSE(size_of(""));
    CHECK_FALSE(size_of(compressed_gzip().substr(0, 17)));
    // A frame as a pipe into zstd makes it: no content size in its header (RFC 8878, section 3.1.1.1).
    CHECK_FALSE(size_of(from_hex("28b52ffd04588900006869c3a1") + "x"));
    for (const std::string& whole : {compressed_xz(), compressed_zstd()})
        for (std::size_t cut = 0; cut < whole.size(); ++cut)
            CHECK_FALSE(size_of(whole.substr(0, cut)));
}
