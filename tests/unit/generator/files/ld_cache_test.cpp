// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/ld_cache.hpp"

#include <catch2/catch.hpp>

#include "ld_cache_file.hpp"

using mkpxerd::generator::parse_ld_cache;
using Cache = std::map<std::string, std::vector<std::string>>;

namespace {
const std::vector<std::pair<std::string, std::string>> entries = {
    {"libx.so.1", "/opt/glibc-hwcaps/x86-64-v3/libx.so.1"},
    {"libx.so.1", "/opt/libx.so.1"},
    {"liby.so", "/lib/liby.so"}};
const Cache expected = {{"libx.so.1", {"/opt/glibc-hwcaps/x86-64-v3/libx.so.1", "/opt/libx.so.1"}},
                        {"liby.so", {"/lib/liby.so"}}};
} // namespace

TEST_CASE("ld.so.cache tells where libraries lie, in either byte order, behind the older form too") {
    CHECK(parse_ld_cache(mkpxerd::test::ld_cache_file(entries), false) == expected);
    CHECK(parse_ld_cache(mkpxerd::test::ld_cache_file(entries, 3), false) == expected);
    CHECK(parse_ld_cache(mkpxerd::test::ld_cache_file(entries, 0), false) == expected);
    CHECK(parse_ld_cache("ld.so-1.7.0\0\0\0\0\0" + mkpxerd::test::ld_cache_file(entries), true) == expected);
}

TEST_CASE("an ld.so.cache that is cut short, or none, names less and nothing else") {
    const std::string whole = mkpxerd::test::ld_cache_file(entries);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Cache cache = parse_ld_cache(whole.substr(0, size), false);
        CHECK(cache.size() < 3);
        if (size < whole.size() - 1) CHECK(cache.size() < 2);
    }
    CHECK(parse_ld_cache("", false).empty());
    CHECK(parse_ld_cache(std::string(1000, '\xff'), false).empty());
}

TEST_CASE("an ld.so.cache whose entries share one long path costs no more memory than a few times its size") {
    constexpr std::size_t count = 2000;
    std::string bytes = mkpxerd::test::ld_cache_file({{"libx.so", "/" + std::string(4000, 'a')}});
    // The one entry again and again, its texts where they were: they move with what is put before them.
    const std::string entry = bytes.substr(48, 24);
    const auto put = [](std::string& into, std::size_t at, std::size_t value) {
        for (std::size_t i = 0; i < 4; ++i)
            into[at + i] = static_cast<char>(value >> (8 * i));
    };
    std::string moved = entry;
    put(moved, 4, 48 + count * 24);
    put(moved, 8, 48 + count * 24 + 8);
    std::string many = bytes.substr(0, 48);
    put(many, 20, count);
    for (std::size_t i = 0; i < count; ++i)
        many += moved;
    many += bytes.substr(48 + 24);
    std::size_t told = 0;
    for (const auto& [name, paths] : parse_ld_cache(many, false))
        for (const std::string& path : paths)
            told += path.size();
    CHECK(told > 0);
    CHECK(told <= 8 * many.size()); // they would be 8 MB
}

TEST_CASE("what ldconfig of this system writes is read") {
    // Its own libc is in the cache of every system with glibc and ldconfig.
    std::string bytes;
    if (std::FILE* file = std::fopen("/etc/ld.so.cache", "rb")) {
        char buffer[65536];
        while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, file))
            bytes.append(buffer, got);
        std::fclose(file);
    }
    REQUIRE_FALSE(bytes.empty());
    const Cache cache = parse_ld_cache(bytes, false);
    REQUIRE(cache.contains("libc.so.6"));
    CHECK(cache.at("libc.so.6").front().ends_with("/libc.so.6"));
}
