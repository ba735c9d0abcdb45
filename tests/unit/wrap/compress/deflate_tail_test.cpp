// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/deflate_tail.hpp"

#include <catch2/catch.hpp>

#include "samples.hpp"
#include "unpack.hpp"

using namespace mkpxerd;

namespace {

std::optional<wrap::DeflateTail> tail_of(const std::string& stream) {
    return wrap::find_deflate_tail(std::as_bytes(std::span(stream)));
}

// Compares with zlib; returns false when the two disagree.
bool agrees(const std::string& stream) {
    const auto ours = tail_of(stream);
    const auto theirs = test::deflate_ends(stream);
    return ours && theirs && ours->last_block == theirs->last_block && ours->end == theirs->end;
}

} // namespace

TEST_CASE("the smallest deflate streams have their tail at the front") {
    CHECK(tail_of(std::string("\x03\x00", 2)) == wrap::DeflateTail{0, 10});             // fixed, empty
    CHECK(tail_of(std::string("\x01\x00\x00\xff\xff", 5)) == wrap::DeflateTail{0, 40}); // stored, empty
    CHECK(tail_of(std::string("\x00\x00\x00\xff\xff\x03\x00", 7)) == wrap::DeflateTail{40, 50});
    CHECK(tail_of(std::string("\x03\x00 and more", 11)) == wrap::DeflateTail{0, 10});
}

TEST_CASE("the tail is where zlib finds it, at every level of both libraries") {
    for (const std::size_t size : {0U, 1U, 2U, 100U, 5000U, 70000U, 200000U}) {
        const std::string text = test::prose(size, size + 1);
        const std::string random = test::noise(size, size + 1);
        for (int level = 0; level <= 12; ++level) {
            INFO("size " << size << " libdeflate " << level);
            CHECK(agrees(test::deflate_libdeflate(text, level)));
            CHECK(agrees(test::deflate_libdeflate(random + text, level)));
        }
        for (int level = 0; level <= 9; level += 3)
            for (int strategy = 0; strategy <= 4; ++strategy) { // default, filtered, huffman only, rle, fixed
                INFO("size " << size << " zlib " << level << " strategy " << strategy);
                CHECK(agrees(test::deflate_zlib(text + random, level, strategy)));
            }
    }
}

TEST_CASE("many small streams agree with zlib") {
    test::Random random(7);
    for (unsigned i = 0; i < 500; ++i) {
        const std::string bytes =
            i % 2 == 0 ? test::prose(random.below(3000), i) : test::noise(random.below(600), i);
        const int level = 1 + static_cast<int>(random.below(12));
        INFO("stream " << i << " of " << bytes.size() << " bytes at level " << level);
        REQUIRE(agrees(test::deflate_libdeflate(bytes, level)));
    }
}

TEST_CASE("a deflate stream that is cut short has no tail") {
    const std::string stream = test::deflate_libdeflate(test::prose(20000), 6);
    for (std::size_t size = 0; size < stream.size(); size += size < 200 ? 1 : 37) {
        INFO("cut at " << size);
        REQUIRE_FALSE(tail_of(stream.substr(0, size)));
    }
    CHECK(tail_of(stream));
}

TEST_CASE("broken deflate streams are refused or at least survived") {
    CHECK_FALSE(tail_of(std::string("\x07\x00", 2)));             // block type 3
    CHECK_FALSE(tail_of(std::string("\x01\x05\x00\xff\xff", 5))); // NLEN is not the complement of LEN
    const std::string stream = test::deflate_libdeflate(test::prose(20000), 6);
    test::Random random(3);
    for (unsigned i = 0; i < 3000; ++i) {
        std::string broken = stream;
        broken[random.below(broken.size())] = static_cast<char>(random.next() >> 56U);
        if (const auto tail = tail_of(broken)) CHECK(tail->end <= broken.size() * 8);
    }
    for (unsigned i = 0; i < 3000; ++i) {
        const std::string bytes = test::noise(random.below(300), i + 1);
        if (const auto tail = tail_of(bytes)) CHECK(tail->end <= bytes.size() * 8);
    }
}
