// SPDX-License-Identifier: MIT
// One file per chunk, v2/NN/NNNN of its key: a digest of key and payload, then the payload. The digest
// includes the key, so that a renamed chunk is not taken for another. Files appear complete, by rename; one
// damaged by a power cut does not match its digest.
#include "mkpxerd/wrap/chunk_cache.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/random_name.hpp"
#include "mkpxerd/base/tree_path.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/wrap/cache_directory.hpp"

namespace mkpxerd::wrap {
namespace {

namespace fs = std::filesystem;

constexpr const char* this_version = "v2";
constexpr std::size_t shelf_digits = 2; // of a name, which are the name of its directory
constexpr std::array<const char*, 2> all_versions = {this_version, "v1"}; // v1: of older versions, unused

ContentHash digest_of(const ContentHash& key, std::span<const std::byte> payload) {
    thread_local ContentHasher hash;
    hash.update(key);
    hash.update(payload);
    return hash.finish();
}

std::string hexadecimal(std::span<const std::byte> bytes) {
    std::string text;
    for (const std::byte value : bytes)
        text += fmt::format("{:02x}", std::to_integer<unsigned>(value));
    return text;
}

bool is_hexadecimal(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Names of chunk files: the rest of a key; older versions and temporary files have a suffix.
bool is_chunk_name(std::string_view name) {
    constexpr std::size_t digits = 2 * sizeof(ContentHash) - shelf_digits;
    return name.size() >= digits && is_hexadecimal(name.substr(0, digits)) &&
           (name.size() == digits || name[digits] == '.');
}

UniqueFd open_directory(const UniqueFd& at, const char* name) {
    return UniqueFd(::openat(at.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// The directory for chunks whose names begin so. Empty: there is none of ours.
UniqueFd shelf(int version, const std::string& name, bool make) {
    return version < 0 ? UniqueFd() : open_own_directory(version, name.substr(0, shelf_digits).c_str(), make);
}

// 0: it is no file of ours.
std::size_t size_of_own(const UniqueFd& fd) {
    struct stat st {};
    return is_own(fd, S_IFREG) && ::fstat(fd.get(), &st) == 0 ? static_cast<std::size_t>(st.st_size) : 0;
}

// One for each thread: new memory for each chunk would cost more than to read it.
std::span<std::byte> scratch(std::size_t size) {
    thread_local std::unique_ptr<std::byte[]> memory;
    thread_local std::size_t room = 0;
    if (size > room) {
        memory = std::make_unique_for_overwrite<std::byte[]>(size);
        room = size;
    }
    return {memory.get(), size};
}

} // namespace

int ChunkCache::version_directory(bool make) {
    const std::lock_guard lock(mutex_);
    if (!version_)
        if (const UniqueFd root = open_cache_directory(directory_, make))
            version_ = open_own_directory(root.get(), this_version, make);
    return version_.get();
}

Result<bool> ChunkCache::find(const ContentHash& key,
                              const std::function<Result<void>(std::span<const std::byte>)>& use) {
    const std::string name = hexadecimal(key);
    const UniqueFd directory = shelf(version_directory(false), name, false);
    const UniqueFd fd(directory ? ::openat(directory.get(), name.c_str() + shelf_digits,
                                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
                                : -1);
    const std::size_t size = size_of_own(fd);
    constexpr std::size_t head = sizeof(ContentHash);
    const std::span<std::byte> bytes = scratch(size);
    if (size < head || read_at(fd.get(), 0, bytes, directory_).value_or(0) != size ||
        !std::equal(bytes.begin(), bytes.begin() + head, digest_of(key, bytes.subspan(head)).begin())) {
        ++misses_;
        return false;
    }
    ::futimens(fd.get(), nullptr); // used just now
    ++hits_;
    MKPXERD_TRY(use(bytes.subspan(head)));
    return true;
}

void ChunkCache::keep(const ContentHash& key, std::span<const std::byte> payload) {
    if (use_ == Use::ReadOnly) return;
    const std::string name = hexadecimal(key);
    const UniqueFd directory = shelf(version_directory(true), name, true);
    if (!directory) return;
    constexpr std::size_t random_characters = 16;
    const std::string target = name.substr(shelf_digits);
    const std::string temporary = fmt::format("{}.{}", target, random_name(random_characters));
    const UniqueFd fd(::openat(directory.get(), temporary.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return;
    const ContentHash digest = digest_of(key, payload);
    if (!write_all(fd.get(), digest, temporary) || !write_all(fd.get(), payload, temporary) ||
        ::renameat(directory.get(), temporary.c_str(), directory.get(), target.c_str()) != 0)
        ::unlinkat(directory.get(), temporary.c_str(), 0);
    else
        ++kept_;
}

void ChunkCache::trim() {
    const UniqueFd root = kept_ == 0 ? UniqueFd() : open_cache_directory(directory_, false);
    if (!root) return;
    struct Item {
        timespec used;
        std::uint64_t size;
        std::size_t shelf;
        std::string name;
    };
    std::vector<UniqueFd> shelves;
    std::vector<Item> items;
    std::uint64_t total = 0;
    // Another build may remove files meanwhile: missing ones are ignored.
    const auto count = [&](const std::string& name) {
        struct stat st {};
        if (!is_chunk_name(name) ||
            ::fstatat(shelves.back().get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode) || st.st_uid != ::geteuid())
            return;
        items.push_back({st.st_mtim, static_cast<std::uint64_t>(st.st_size), shelves.size() - 1, name});
        total += items.back().size;
    };
    const auto names_in = [&](const UniqueFd& directory) {
        return list_directory(directory, directory_).value_or(std::vector<std::string>());
    };
    for (const char* version : all_versions) {
        const UniqueFd directory = open_directory(root, version);
        if (!directory) continue;
        for (const std::string& name : names_in(directory)) {
            if (name.size() != shelf_digits || !is_hexadecimal(name)) continue;
            UniqueFd shelf = open_directory(directory, name.c_str());
            if (!shelf) continue;
            shelves.push_back(std::move(shelf));
            for (const std::string& chunk : names_in(shelves.back()))
                count(chunk);
        }
    }
    if (total <= limit_) return;
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
        return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
    });
    for (const Item& item : items) {
        if (total <= limit_ / 4 * 3) return;
        ::unlinkat(shelves[item.shelf].get(), item.name.c_str(), 0);
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
