// SPDX-License-Identifier: MIT
// Checked after opening, and used through the descriptor: replacing a directory on the path has no effect.
#include "mkpxerd/wrap/cache_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace mkpxerd::wrap {
namespace {

namespace fs = std::filesystem;

constexpr mode_t writable_for_others = S_IWGRP | S_IWOTH;
constexpr int as_directory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool is_ours(const struct stat& st) {
    return st.st_uid == ::geteuid();
}
bool is_ours_or_the_systems(const struct stat& st) {
    return st.st_uid == 0 || is_ours(st);
}

// Another user decides where their link leads.
bool has_foreign_link(const fs::path& path) {
    fs::path walked;
    for (const fs::path& piece : path) {
        walked /= piece;
        struct stat st {};
        if (::lstat(walked.c_str(), &st) != 0) return false; // nothing is there yet
        if (S_ISLNK(st.st_mode) && !is_ours_or_the_systems(st)) return true;
    }
    return false;
}

// The directory, or else the last existing one on its path.
struct CacheSearch {
    UniqueFd directory;
    UniqueFd base;
    std::vector<std::string> missing; // names between them, outermost first
    std::optional<Problem> refusal;
};

CacheSearch look_for(const fs::path& directory) {
    CacheSearch found;
    const auto refuse = [&](std::string text, std::string hint) {
        found.refusal = Problem{.object = directory.string(),
                                .text = "the cache is not used: " + std::move(text),
                                .hint = std::move(hint)};
        found.directory.reset();
        found.base.reset();
        return std::move(found);
    };
    constexpr const char* elsewhere = "name your own directory with XDG_CACHE_HOME, or use --no-cache";
    fs::path base = directory.parent_path();
    if (has_foreign_link(base)) return refuse("a link of another user leads there", elsewhere);
    struct stat st {};
    found.missing = {directory.filename().string()};
    while (::stat(base.c_str(), &st) != 0 && base.has_relative_path()) {
        found.missing.insert(found.missing.begin(), base.filename().string());
        base = base.parent_path();
    }
    found.base.reset(::open(base.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!found.base || ::fstat(found.base.get(), &st) != 0) return {};
    if (!is_ours_or_the_systems(st))
        return refuse(fmt::format("{} belongs to another user (uid {})", base.string(), st.st_uid),
                      elsewhere);
    if (found.missing.size() > 1) return found;
    const std::string name = directory.filename().string();
    if (::fstatat(found.base.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return found;
    if (S_ISLNK(st.st_mode))
        return refuse("it is a link", "set XDG_CACHE_HOME to the parent of the link's target");
    found.directory.reset(::openat(found.base.get(), name.c_str(), as_directory));
    if (found.directory && ::fstat(found.directory.get(), &st) != 0) return {};
    if (!is_ours(st)) return refuse(fmt::format("it belongs to another user (uid {})", st.st_uid), elsewhere);
    // Files of others are never used, and chunks are bound to their names: it is enough to stop further
    // writes.
    if (found.directory && (st.st_mode & writable_for_others) != 0 &&
        ::fchmod(found.directory.get(), 0700) != 0)
        return refuse("others may write there", "chmod 0700 " + directory.string());
    return found;
}

} // namespace

bool is_own(const UniqueFd& fd, unsigned type) {
    struct stat st {};
    return fd && ::fstat(fd.get(), &st) == 0 && (st.st_mode & S_IFMT) == type && is_ours(st) &&
           (st.st_mode & writable_for_others) == 0;
}

UniqueFd open_own_directory(int at, const char* name, bool make) {
    UniqueFd directory(::openat(at, name, as_directory));
    // The umask only removes mode bits.
    if (!directory && errno == ENOENT && make && (::mkdirat(at, name, 0700) == 0 || errno == EEXIST))
        directory.reset(::openat(at, name, as_directory));
    return is_own(directory, S_IFDIR) ? std::move(directory) : UniqueFd();
}

UniqueFd open_cache_directory(const fs::path& directory, bool make) {
    CacheSearch found = look_for(directory);
    if (found.directory || !make || !found.base) return std::move(found.directory);
    UniqueFd at = std::move(found.base);
    for (const std::string& name : found.missing) {
        at = open_own_directory(at.get(), name.c_str(), true);
        if (!at) break;
    }
    return at;
}

std::optional<Problem> cache_refusal(const fs::path& directory) {
    return look_for(directory).refusal;
}

} // namespace mkpxerd::wrap
