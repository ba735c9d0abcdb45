// SPDX-License-Identifier: MIT
// Walks paths component by component, so that no link of the tree can lead out of it.
#include "mkpxerd/base/sysroot.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

std::string join(std::string_view directory, std::string_view name) {
    return directory.empty() ? std::string(name) : std::string(directory) + '/' + std::string(name);
}

std::string parent_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

Error cannot(std::string_view what, const std::filesystem::path& path, int error_number) {
    return fail_errno(path.string(), "cannot " + std::string(what), error_number).value();
}

} // namespace

std::string clean_path(std::string_view path) {
    std::vector<std::string_view> kept;
    for (const auto piece : split(path, '/')) {
        if (piece.empty() || piece == ".") continue;
        if (piece == "..") {
            if (!kept.empty()) kept.pop_back();
        } else {
            kept.push_back(piece);
        }
    }
    std::string clean;
    clean.reserve(path.size()); // names in archives may have megabytes: each piece is copied once
    for (const auto piece : kept) {
        if (!clean.empty()) clean += '/';
        clean += piece;
    }
    return clean;
}

std::optional<Sysroot::Entry> Sysroot::entry(std::string_view real_path) const {
    Problems ignored;
    return look(real_path, ignored);
}

std::optional<Sysroot::Entry> Sysroot::look(std::string_view real_path, Problems& unreadable) const {
    // For the kernel a name ends at a zero: it would find another file.
    if (real_path.find('\0') != std::string_view::npos) return std::nullopt;
    const std::filesystem::path path = host(real_path);
    struct stat st {};
    // The path of the root may have links; below it, links are not followed here.
    if ((real_path.empty() ? ::stat(path.c_str(), &st) : ::lstat(path.c_str(), &st)) != 0) {
        if (!is_absence(errno)) unreadable.add(cannot("be examined", path, errno));
        return std::nullopt;
    }
    Entry entry;
    entry.mode = st.st_mode & 07777U;
    entry.inode = st.st_ino;
    entry.device = st.st_dev;
    entry.links = st.st_nlink;
    if (S_ISREG(st.st_mode)) {
        entry.kind = Entry::Kind::Regular;
        entry.size = static_cast<std::uint64_t>(st.st_size);
    } else if (S_ISDIR(st.st_mode)) {
        entry.kind = Entry::Kind::Directory;
    } else if (S_ISLNK(st.st_mode)) {
        entry.kind = Entry::Kind::Link;
        std::error_code error;
        entry.target = std::filesystem::read_symlink(path, error).string();
        if (error) return std::nullopt;
    }
    return entry;
}

std::optional<Sysroot::Resolved> Sysroot::walk(std::string_view path, bool follow_last,
                                               Problems& unreadable) const {
    Resolved resolved;
    std::deque<std::string> todo;
    for (const auto piece : split(path, '/'))
        todo.emplace_back(piece);
    while (!todo.empty()) {
        const std::string piece = std::move(todo.front());
        todo.pop_front();
        if (piece.empty() || piece == ".") continue;
        if (piece == "..") {
            resolved.path = parent_of(resolved.path);
            continue;
        }
        const std::string here = join(resolved.path, piece);
        const auto found = look(here, unreadable);
        if (!found) return std::nullopt;
        if (found->kind == Entry::Kind::Link && (follow_last || !todo.empty())) {
            if (resolved.links.size() >= max_links) {
                unreadable.add(host(here).string(), "is a link to " + found->target + ", in a loop of links",
                               "point it to a file");
                return std::nullopt;
            }
            resolved.links.push_back(here);
            if (found->target.starts_with('/')) resolved.path.clear();
            const auto pieces = split(found->target, '/');
            todo.insert(todo.begin(), pieces.begin(), pieces.end());
            continue;
        }
        if (!todo.empty() && found->kind != Entry::Kind::Directory) return std::nullopt;
        resolved.path = here;
    }
    return resolved;
}

std::optional<Sysroot::Resolved> Sysroot::resolve(std::string_view path) const {
    Problems ignored;
    return walk(path, true, ignored);
}

std::optional<Sysroot::Resolved> Sysroot::resolve(std::string_view path, Problems& unreadable) const {
    return walk(path, true, unreadable);
}

std::optional<Sysroot::Resolved> Sysroot::resolve_parent(std::string_view path) const {
    Problems ignored;
    return walk(clean_path(path), false, ignored);
}

std::vector<std::string> Sysroot::list(std::string_view real_path) const {
    auto names = read_directory(real_path);
    return names ? std::move(*names) : std::vector<std::string>{};
}

Result<std::vector<std::string>> Sysroot::read_directory(std::string_view real_path) const {
    return list_directory(file(real_path));
}

std::vector<std::string> Sysroot::glob(std::string_view pattern) const {
    Problems ignored;
    return glob(pattern, ignored);
}

// Links to parent directories let a pattern match endless paths, and links to each other more than fits into
// memory: the limit grows with the names that exist.
std::vector<std::string> Sysroot::glob(std::string_view pattern, Problems& unreadable) const {
    constexpr std::size_t max_paths = 65536;
    constexpr std::size_t max_paths_of_name = 16;
    const std::string clean = clean_path(pattern);
    std::vector<std::string> found = {""};
    std::map<std::string, std::vector<std::string>> listed; // by real path; reads each directory once
    std::size_t names_read = 0;
    const auto names_in = [&](const std::string& directory) -> const std::vector<std::string>& {
        const auto [known, is_new] = listed.try_emplace(directory);
        if (!is_new) return known->second;
        if (auto names = read_directory(directory))
            known->second = std::move(*names);
        else
            unreadable.add(names.error());
        names_read += known->second.size();
        return known->second;
    };
    for (const auto piece : split(clean, '/')) {
        std::vector<std::string> next;
        for (const std::string& directory : found) {
            if (!has_glob(piece) && piece.find('\\') == std::string_view::npos) {
                std::string path = join(directory, piece);
                if (walk(path, false, unreadable)) next.push_back(std::move(path));
                continue;
            }
            const auto real = walk(directory, true, unreadable);
            if (!real) continue;
            for (const std::string& name : names_in(real->path))
                if (glob_match(piece, name, false)) next.push_back(join(directory, name));
            if (const auto limit = max_paths + max_paths_of_name * names_read; next.size() > limit) {
                unreadable.add(
                    host(real->path).string(),
                    fmt::format("is reached by '/{}' in so many ways that the pattern matches more than "
                                "{} paths, the limit for {} names: links form a loop",
                                excerpt(clean), limit, names_read),
                    "name the directories one by one");
                return {};
            }
        }
        found = std::move(next);
    }
    if (found == std::vector<std::string>{""}) return {};
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace mkpxerd
