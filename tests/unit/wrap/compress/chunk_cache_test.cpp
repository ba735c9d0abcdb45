// SPDX-License-Identifier: MIT
#include "mkpxerd/wrap/chunk_cache.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/wrap/cache_directory.hpp"
#include "mkpxerd/wrap/compressor.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::wrap;

namespace {

ContentHash key_of(std::string_view text) {
    ContentHasher hash;
    hash.update(std::as_bytes(std::span(text)));
    return hash.finish();
}

std::string found(ChunkCache& cache, std::string_view key) {
    std::string text = "(none)";
    const auto result = cache.find(key_of(key), [&](std::span<const std::byte> bytes) -> Result<void> {
        text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
    });
    REQUIRE(result);
    return text;
}

void keep(ChunkCache& cache, std::string_view key, std::string_view text) {
    cache.keep(key_of(key), std::as_bytes(std::span(text)));
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    for (const auto& item : std::filesystem::recursive_directory_iterator(directory))
        if (item.is_regular_file()) files.push_back(item.path());
    return files;
}

// Something that compresses, and in which every chunk is another.
std::string sample(std::size_t size) {
    std::string text;
    for (std::uint32_t i = 0; text.size() < size; ++i)
        text += std::to_string(i * 2654435761U) + " modules and more modules ";
    text.resize(size);
    return text;
}

std::string compressed(const std::string& text, Format format, std::shared_ptr<ChunkCache> cache) {
    std::string out;
    auto compressor = make_compressor(
        {format, {}, 2, std::move(cache)}, [&](std::span<const std::byte> bytes) -> Result<void> {
            out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            return {};
        });
    REQUIRE(compressor);
    const auto bytes = std::as_bytes(std::span(text));
    for (std::size_t at = 0; at < bytes.size(); at += 300000) {
        REQUIRE((*compressor)->cut());
        REQUIRE((*compressor)->write(bytes.subspan(at, std::min<std::size_t>(300000, bytes.size() - at))));
    }
    REQUIRE((*compressor)->finish());
    return out;
}

} // namespace

TEST_CASE("what is kept is found, and nothing else") {
    const test::TempDir dir;
    ChunkCache cache(dir / "cache");
    CHECK(found(cache, "a") == "(none)");
    keep(cache, "a", "payload");
    keep(cache, "b", "");
    CHECK(found(cache, "a") == "payload");
    CHECK(found(cache, "b").empty());
    CHECK(found(cache, "c") == "(none)");
    CHECK(cache.hits() == 2);
    CHECK(cache.misses() == 2);
    ChunkCache reader(dir / "cache", ChunkCache::Use::ReadOnly);
    keep(reader, "d", "payload");
    CHECK(found(reader, "a") == "payload");
    CHECK(found(reader, "d") == "(none)");
}

TEST_CASE("a damaged or cut file of the cache is not believed, and is made anew") {
    const test::TempDir dir;
    ChunkCache cache(dir / "cache");
    keep(cache, "a", "a long enough payload");
    const auto file = files_in(dir / "cache").at(0);
    const std::string whole = read_file(file).value();
    for (const std::string& broken : {std::string(), whole.substr(0, 20), whole.substr(0, whole.size() - 1),
                                      whole + "x", std::string(whole.size(), '\0'), "x" + whole.substr(1)}) {
        REQUIRE(write_file(file, broken));
        CHECK(found(cache, "a") == "(none)");
    }
    keep(cache, "a", "a long enough payload");
    CHECK(found(cache, "a") == "a long enough payload");
}

TEST_CASE("a cache that cannot be written is no error") {
    const test::TempDir dir;
    dir.write("file", "not a directory");
    ChunkCache cache(dir / "file" / "cache");
    keep(cache, "a", "payload");
    CHECK(found(cache, "a") == "(none)");
    cache.trim();
}

TEST_CASE("trimming takes what was used longest ago") {
    const test::TempDir dir;
    ChunkCache cache(dir / "cache", ChunkCache::Use::ReadWrite, 4000);
    const std::string payload(1000, 'x');
    for (const char* key : {"a", "b", "c", "d", "e"}) {
        keep(cache, key, payload);
        for (const auto& file : files_in(dir / "cache")) // each is older than the next
            std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) -
                                                       std::chrono::seconds(10));
    }
    CHECK(found(cache, "a") == payload); // used just now
    cache.trim();
    CHECK(found(cache, "a") == payload);
    CHECK(found(cache, "e") == payload);
    CHECK(found(cache, "b") == "(none)");
    std::uintmax_t total = 0;
    for (const auto& file : files_in(dir / "cache"))
        total += std::filesystem::file_size(file);
    CHECK(total <= 4000);
}

TEST_CASE("cold, warm and poisoned caches give the bytes that no cache gives") {
    const test::TempDir dir;
    const std::string text = sample(3 << 20);
    const std::string plain = compressed(text, Format::Gzip, nullptr);
    const auto cache = std::make_shared<ChunkCache>(dir / "cache");
    CHECK(compressed(text, Format::Gzip, cache) == plain);
    const auto chunks = cache->misses();
    CHECK(chunks > 3);
    CHECK(compressed(text, Format::Gzip, cache) == plain);
    CHECK(cache->hits() == chunks);
    CHECK(cache->misses() == chunks);
    for (const auto& file : files_in(dir / "cache"))
        REQUIRE(write_file(file, "poison"));
    CHECK(compressed(text, Format::Gzip, cache) == plain);
    CHECK(cache->misses() == 2 * chunks);

    // What is no packed chunk, but as it was kept.
    compressed(text, Format::Gzip, cache);
    for (const auto& file : files_in(dir / "cache")) {
        std::string hex = file.parent_path().filename().string() + file.filename().string();
        ContentHash key{};
        for (std::size_t i = 0; i < key.size(); ++i)
            key.at(i) = static_cast<std::byte>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
        cache->keep(key, std::as_bytes(std::span("no", 2)));
    }
    CHECK(compressed(text, Format::Gzip, cache) == plain);

    std::string changed = text;
    changed[text.size() / 2] ^= 1;
    CHECK(compressed(changed, Format::Gzip, cache) == compressed(changed, Format::Gzip, nullptr));
    CHECK(cache->misses() == 2 * chunks + 1); // one chunk alone
}

namespace {

constexpr uid_t somebody = 65534;

std::string refusal_of(const std::filesystem::path& directory) {
    const auto refusal = cache_refusal(directory);
    return refusal ? refusal->text : "";
}

bool play_somebody(const std::filesystem::path& file) { // only root can
    return ::lchown(file.c_str(), somebody, somebody) == 0;
}

} // namespace

TEST_CASE("a cache is its user's alone, whatever the umask") {
    const test::TempDir dir;
    const auto before = ::umask(0);
    ChunkCache cache(dir / "a/b/cache");
    keep(cache, "a", "payload");
    ::umask(before);
    CHECK(found(cache, "a") == "payload");
    for (const auto& item : std::filesystem::recursive_directory_iterator(dir / "a"))
        CHECK((item.status().permissions() & std::filesystem::perms(077)) == std::filesystem::perms::none);
    // One that others could write in is closed.
    REQUIRE(::chmod((dir / "a/b/cache").c_str(), 0777) == 0);
    ChunkCache again(dir / "a/b/cache");
    CHECK(refusal_of(dir / "a/b/cache").empty());
    CHECK(found(again, "a") == "payload");
    CHECK(std::filesystem::status(dir / "a/b/cache").permissions() == std::filesystem::perms(0700));
}

TEST_CASE("a chunk under the name of another one is not taken") {
    const test::TempDir dir;
    ChunkCache cache(dir / "cache");
    keep(cache, "a", "one");
    const auto file = files_in(dir / "cache").at(0);
    keep(cache, "b", "two");
    for (const auto& other : files_in(dir / "cache"))
        if (other != file) std::filesystem::rename(other, file);
    CHECK(found(cache, "a") == "(none)");
}

TEST_CASE("chunks that somebody else owns, may write or leads to are not taken") {
    const test::TempDir dir;
    ChunkCache cache(dir / "cache");
    keep(cache, "a", "payload");
    const auto file = files_in(dir / "cache").at(0);
    REQUIRE(found(cache, "a") == "payload");
    REQUIRE(::chmod(file.c_str(), 0666) == 0);
    CHECK(found(cache, "a") == "(none)");
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    std::filesystem::rename(file, dir / "elsewhere");
    std::filesystem::create_symlink(dir / "elsewhere", file);
    CHECK(found(cache, "a") == "(none)");
    std::filesystem::remove(file);
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    CHECK(found(cache, "a") == "(none)"); // and does not wait
    std::filesystem::remove(file);
    std::filesystem::rename(dir / "elsewhere", file);
    REQUIRE(found(cache, "a") == "payload");
    if (!play_somebody(file)) return;
    CHECK(found(cache, "a") == "(none)");
    REQUIRE(::lchown(file.c_str(), ::geteuid(), ::getegid()) == 0);
    REQUIRE(play_somebody(file.parent_path()));
    CHECK(found(cache, "a") == "(none)");
}

TEST_CASE("a cache of somebody else, or in their directory, is done without, and it is said why") {
    const test::TempDir dir;
    std::filesystem::create_directories(dir / "home/cache");
    CHECK(refusal_of(dir / "home/cache").empty());
    if (!play_somebody(dir / "home/cache")) return;
    CHECK(refusal_of(dir / "home/cache") == "the cache is not used: it belongs to another user (uid 65534)");
    ChunkCache cache(dir / "home/cache");
    keep(cache, "a", "payload");
    CHECK(found(cache, "a") == "(none)");
    CHECK(std::filesystem::is_empty(dir / "home/cache"));
    REQUIRE(play_somebody(dir / "home"));
    CHECK(refusal_of(dir / "home/none/cache").find("home belongs to another user") != std::string::npos);
    ChunkCache below(dir / "home/none/cache");
    keep(below, "a", "payload");
    CHECK_FALSE(std::filesystem::exists(dir / "home/none"));
}

TEST_CASE("a cache behind a link is done without, and nothing is trimmed there") {
    const test::TempDir dir;
    const std::string name(30, 'a');
    for (const char* version : {"v1", "v2"})
        dir.write(std::string("victim/") + version + "/aa/" + name, std::string(5000, 'x'));
    std::filesystem::create_symlink(dir / "victim", dir / "cache");
    CHECK(refusal_of(dir / "cache") == "the cache is not used: it is a link");
    ChunkCache cache(dir / "cache", ChunkCache::Use::ReadWrite, 10);
    keep(cache, "a", std::string(100, 'x'));
    cache.trim();
    CHECK(files_in(dir / "victim").size() == 2);
    std::filesystem::create_symlink(dir / "victim", dir / "way");
    CHECK(refusal_of(dir / "way/cache").empty()); // one's own
    if (!play_somebody(dir / "way")) return;
    CHECK(refusal_of(dir / "way/cache") == "the cache is not used: a link of another user leads there");
}

TEST_CASE("trimming takes files of caches, and no others") {
    const test::TempDir dir;
    const auto mine = dir.write("cache/letter", std::string(5000, 'x'));
    const auto deep = dir.write("cache/v2/aa/letter", std::string(5000, 'x'));
    const auto old = dir.write("cache/v1/aa/" + std::string(30, 'b'), std::string(5000, 'x'));
    for (const char* directory : {"cache", "cache/v1", "cache/v1/aa", "cache/v2", "cache/v2/aa"})
        REQUIRE(::chmod((dir / directory).c_str(), 0700) == 0);
    std::filesystem::create_directory_symlink(dir / "cache", dir / "cache/v2/bb");
    // A cache of somebody else's making: what is behind a link would go first.
    const auto outside = dir.write("outside/" + std::string(30, 'b'), std::string(5000, 'x'));
    std::filesystem::create_directory_symlink(dir / "outside", dir / "cache/v2/cc");
    ChunkCache cache(dir / "cache", ChunkCache::Use::ReadWrite, 1000);
    keep(cache, "a", "payload");
    cache.trim();
    CHECK(std::filesystem::exists(mine));
    CHECK(std::filesystem::exists(deep));
    CHECK(std::filesystem::exists(outside));
    CHECK_FALSE(std::filesystem::exists(old));
    CHECK(found(cache, "a") == "payload");
}
