// SPDX-License-Identifier: MIT
// One file a chunk: the digest of the payload, then the payload. Files appear whole, by rename; one that a
// power cut left damaged does not match its digest.
#include "mkpxerd/wrap/chunk_cache.hpp"

#include <algorithm>
#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::wrap {
namespace {

namespace fs = std::filesystem;

// Writers that died leave their files, which are as good as unused ones.
constexpr std::string_view version_folder = "v1";

ContentHash digest_of(std::span<const std::byte> bytes) {
    thread_local ContentHasher hash;
    hash.update(bytes);
    return hash.finish();
}

} // namespace

fs::path ChunkCache::place(const ContentHash& key) const {
    std::string name;
    for (const std::byte value : key)
        name += fmt::format("{:02x}", std::to_integer<unsigned>(value));
    return folder_ / version_folder / name.substr(0, 2) / name.substr(2);
}

Result<bool> ChunkCache::find(const ContentHash& key,
                              const std::function<Result<void>(std::span<const std::byte>)>& use) {
    const fs::path path = place(key);
    const auto file = MappedFile::open(path);
    const auto bytes = file ? file->bytes() : std::span<const std::byte>();
    constexpr std::size_t head = sizeof(ContentHash);
    if (bytes.size() < head ||
        !std::equal(bytes.begin(), bytes.begin() + head, digest_of(bytes.subspan(head)).begin())) {
        ++misses_;
        return false;
    }
    ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); // used just now
    ++hits_;
    MKPXERD_TRY(use(bytes.subspan(head)));
    return true;
}

void ChunkCache::keep(const ContentHash& key, std::span<const std::byte> payload) {
    const fs::path path = place(key);
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored);
    std::string name = path.string() + ".XXXXXX";
    const UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd) return;
    const ContentHash digest = digest_of(payload);
    if (!write_all(fd.get(), digest, name) || !write_all(fd.get(), payload, name) ||
        ::rename(name.c_str(), path.c_str()) != 0)
        ::unlink(name.c_str());
    else
        ++kept_;
}

void ChunkCache::trim() {
    if (kept_ == 0) return;
    struct Item {
        fs::file_time_type used;
        std::uint64_t size;
        fs::path path;
    };
    std::vector<Item> items;
    std::uint64_t total = 0;
    std::error_code error;
    // Another build may take files away meanwhile: what is gone is passed over.
    for (fs::recursive_directory_iterator item(folder_, error), end; !error && item != end;
         item.increment(error)) {
        std::error_code gone;
        if (!item->is_regular_file(gone)) continue;
        const auto used = item->last_write_time(gone);
        const auto size = gone ? 0 : item->file_size(gone);
        if (gone) continue;
        items.push_back({used, size, item->path()});
        total += size;
    }
    if (total <= limit_) return;
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.used < b.used; });
    for (const Item& item : items) {
        if (total <= limit_ / 4 * 3) return;
        fs::remove(item.path, error);
        total -= item.size;
    }
}

std::string compressor_identity(std::string_view format, int level, const void* symbol) {
    Dl_info library{};
    struct stat file {};
    if (::dladdr(symbol, &library) == 0 || library.dli_fname == nullptr ||
        ::stat(library.dli_fname, &file) != 0)
        return {};
    return fmt::format("{} {} {} {} {}.{}", format, level, library.dli_fname, file.st_size,
                       file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
}

} // namespace mkpxerd::wrap
