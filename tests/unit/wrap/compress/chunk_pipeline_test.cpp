// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/chunk_pipeline.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>

#include "samples.hpp"

using namespace mkpxerd;
using namespace mkpxerd::wrap;

namespace {

// Copies its chunk; the first chunk of every four takes its time, so that later ones are ready before it.
class CopyEncoder : public ChunkEncoder {
  public:
    explicit CopyEncoder(std::string poison) : poison_(std::move(poison)) {}
    std::size_t bound(std::size_t input) const override { return input; }
    Result<EncodedChunk> encode(std::span<const std::byte> input, std::span<std::byte> output) override {
        std::memcpy(output.data(), input.data(), input.size());
        const std::string text(reinterpret_cast<const char*>(input.data()), input.size());
        if (!poison_.empty() && text == poison_) return fail("chunk", "cannot be encoded");
        if (input.front() == std::byte{'a'})
            for (unsigned i = 0; i < 20; ++i)
                std::this_thread::yield();
        return EncodedChunk{output.first(input.size()), input.size(), 0};
    }

  private:
    std::string poison_;
};

struct Collected {
    std::vector<std::string> chunks;
    std::size_t refuse_after = SIZE_MAX;
    std::thread::id thread;
};

std::unique_ptr<ChunkPipeline> pipeline(Collected& into, unsigned threads, const std::string& poison = {}) {
    auto made = ChunkPipeline::make(
        4, threads,
        [&]() -> Result<std::unique_ptr<ChunkEncoder>> { return std::make_unique<CopyEncoder>(poison); },
        [&into](const EncodedChunk& chunk) -> Result<void> {
            into.thread = std::this_thread::get_id();
            if (into.chunks.size() >= into.refuse_after) return fail("disk", "is full");
            into.chunks.emplace_back(reinterpret_cast<const char*>(chunk.bytes.data()), chunk.bytes.size());
            return {};
        });
    REQUIRE(made);
    return std::move(*made);
}

Result<void> feed(ChunkPipeline& into, const std::string& text) {
    return into.write(std::as_bytes(std::span(text)));
}

} // namespace

TEST_CASE("chunks come out in order, whole, on the caller's thread") {
    for (const unsigned threads : {0U, 1U, 2U, 7U}) {
        Collected collected;
        auto chunks = pipeline(collected, threads);
        std::string expected;
        for (unsigned i = 0; i < 100; ++i) {
            const std::string piece = test::noise(i % 11, i) + "abc";
            expected += piece;
            REQUIRE(feed(*chunks, piece));
        }
        REQUIRE(chunks->finish());
        std::string all;
        for (std::size_t i = 0; i < collected.chunks.size(); ++i) {
            CHECK((collected.chunks[i].size() == 4 || i + 1 == collected.chunks.size()));
            all += collected.chunks[i];
        }
        CHECK(all == expected);
        CHECK(collected.thread == std::this_thread::get_id());
    }
}

TEST_CASE("an empty stream has no chunks, a full last chunk has no empty one after it") {
    Collected none;
    REQUIRE(pipeline(none, 2)->finish());
    CHECK(none.chunks.empty());

    for (unsigned count = 1; count <= 9; ++count) { // the ring has four places: also when it is just full
        Collected whole;
        auto chunks = pipeline(whole, 2);
        REQUIRE(feed(*chunks, std::string(std::size_t{count} * 4, 'x')));
        REQUIRE(chunks->finish());
        CHECK(whole.chunks == std::vector<std::string>(count, "xxxx"));
    }
}

TEST_CASE("packed bytes are stored, in chunks of their own") {
    struct Marking : ChunkEncoder {
        std::size_t bound(std::size_t input) const override { return input + 1; }
        Result<EncodedChunk> encode(std::span<const std::byte> input, std::span<std::byte> output) override {
            return marked('e', input, output);
        }
        Result<EncodedChunk> store(std::span<const std::byte> input, std::span<std::byte> output) override {
            return marked('s', input, output);
        }
        static EncodedChunk marked(char mark, std::span<const std::byte> input, std::span<std::byte> output) {
            output[0] = static_cast<std::byte>(mark);
            std::memcpy(output.data() + 1, input.data(), input.size());
            return {output.first(input.size() + 1), input.size(), 0};
        }
    };
    std::string all;
    const auto emit = [&](const EncodedChunk& chunk) -> Result<void> {
        all.append(reinterpret_cast<const char*>(chunk.bytes.data()), chunk.bytes.size());
        return {};
    };
    auto chunks = ChunkPipeline::make(
        4, 2, []() -> Result<std::unique_ptr<ChunkEncoder>> { return std::make_unique<Marking>(); }, emit);
    REQUIRE(chunks);
    REQUIRE(feed(**chunks, "ab"));
    (*chunks)->set_packed(true);
    REQUIRE(feed(**chunks, "12345"));
    (*chunks)->set_packed(true);
    REQUIRE(feed(**chunks, "6"));
    (*chunks)->set_packed(false);
    REQUIRE(feed(**chunks, "cdefg"));
    REQUIRE((*chunks)->finish());
    CHECK(all == "eabs1234s56ecdefeg");
}

TEST_CASE("an encoder's error ends the stream after the chunks before it") {
    Collected collected;
    auto chunks = pipeline(collected, 2, "bad!");
    auto result = feed(*chunks, "one.two.bad!four");
    if (result) result = chunks->finish();
    REQUIRE_FALSE(result);
    CHECK(result.error().text() == "chunk: cannot be encoded");
    CHECK(collected.chunks == std::vector<std::string>{"one.", "two."});
}

TEST_CASE("a receiver's error comes back, and unfinished work is given up") {
    Collected collected;
    collected.refuse_after = 2;
    auto chunks = pipeline(collected, 3);
    Result<void> result;
    unsigned written = 0;
    while (result && written++ < 1000)
        result = feed(*chunks, "abcd");
    REQUIRE_FALSE(result);
    CHECK(result.error().text() == "disk: is full");
    CHECK(collected.chunks.size() == 2);
    CHECK(written < 12); // six places in the ring
}

TEST_CASE("an encoder that cannot be made is an error of make") {
    const auto made = ChunkPipeline::make(
        4, 2, []() -> Result<std::unique_ptr<ChunkEncoder>> { return fail("encoder", "out of memory"); },
        [](const EncodedChunk&) -> Result<void> { return {}; });
    REQUIRE_FALSE(made);
    CHECK(made.error().text() == "encoder: out of memory");
}

TEST_CASE("a worker without memory is an exception of the caller, not the end of the process") {
    struct NoMemory : ChunkEncoder {
        std::size_t bound(std::size_t input) const override { return input; }
        Result<EncodedChunk> encode(std::span<const std::byte>, std::span<std::byte>) override {
            throw std::bad_alloc();
        }
    };
    for (const unsigned threads : {1U, 3U}) {
        auto chunks = ChunkPipeline::make(
            4, threads,
            []() -> Result<std::unique_ptr<ChunkEncoder>> { return std::make_unique<NoMemory>(); },
            [](const EncodedChunk&) { return Result<void>(); });
        REQUIRE(chunks);
        // Whichever call comes to the chunk first.
        const auto write = [&] {
            (void)feed(**chunks, "four, and a few more");
            (void)(*chunks)->finish();
        };
        CHECK_THROWS_AS(write(), std::bad_alloc);
    }
}
