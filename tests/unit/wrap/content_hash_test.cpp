// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/content_hash.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <string_view>

using namespace mkpxerd::wrap;

namespace {

std::string hex(const ContentHash& hash) {
    std::string text;
    for (const std::byte byte : hash)
        text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    return text;
}
std::string hash_of(std::string_view text) {
    ContentHasher hasher;
    hasher.update(std::as_bytes(std::span(text)));
    return hex(hasher.finish());
}

} // namespace

TEST_CASE("the hash is that of XXH3, in the byte order of every machine") {
    CHECK(hash_of("") == "99aa06d3014798d86001c324468d497f"); // as xxhsum -H2 prints it
    CHECK(hash_of("a") == "a96faf705af16834e6c632b61e964e1f");
}

TEST_CASE("pieces make no difference, and a hasher starts anew after each hash") {
    const std::string text(100000, 'x');
    const std::string whole = hash_of(text);
    ContentHasher hasher;
    for (const int round : {1, 2}) {
        CAPTURE(round);
        for (std::string_view rest = text; !rest.empty();
             rest.remove_prefix(std::min<std::size_t>(777, rest.size())))
            hasher.update(std::as_bytes(std::span(rest.substr(0, 777))));
        CHECK(hex(hasher.finish()) == whole);
    }
    CHECK(hex(hasher.finish()) == hash_of(""));
    CHECK(hash_of(text + 'x') != whole);
}
