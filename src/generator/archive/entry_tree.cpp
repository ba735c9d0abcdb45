// SPDX-License-Identifier: MIT
// Files go where the kernel will unpack them: a path through a link of the image leads to the link's target.
#include "mkpxerd/generator/archive/entry_tree.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/contract/key_files.hpp"
#include "mkpxerd/generator/archive/standard_directories.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

namespace mkpxerd::generator {

void EntryTree::add(ImageEntry entry) {
    entry.path = resolve_parents(entry.path);
    entries_.try_emplace(entry.path, std::move(entry));
}

void EntryTree::add_directory(const std::string& path, unsigned mode, const Reason& reason) {
    ImageEntry entry;
    entry.path = path;
    entry.mode = S_IFDIR | mode;
    entry.links = 2;
    entry.reason = reason;
    add(std::move(entry));
}

void EntryTree::add_text(std::string_view path, std::string text) {
    ImageEntry entry;
    entry.path = path;
    entry.mode = S_IFREG | 0644;
    entry.size = text.size();
    entry.content = std::move(text);
    add(std::move(entry));
}

Result<void> EntryTree::complete_parents() {
    std::vector<std::string> paths;
    for (const auto& [path, entry] : entries_)
        paths.push_back(path);
    Problems problems;
    for (const std::string& path : paths) {
        for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
            const std::string parent = path.substr(0, slash);
            const auto found = entries_.find(parent);
            if (found == entries_.end())
                add_directory(parent, directory_mode(parent), entries_.at(path).reason);
            else if (!S_ISDIR(found->second.mode))
                problems.add(parent, fmt::format("must be a directory for {}, but is a file", path));
        }
    }
    return problems.finish();
}

std::vector<ImageEntry> EntryTree::take() {
    std::vector<ImageEntry> all;
    all.reserve(entries_.size());
    for (auto& [path, entry] : entries_)
        all.push_back(std::move(entry));
    return all;
}

Result<std::string> EntryTree::own_place(std::string_view path) const {
    std::string place = resolve_parents(std::string(path));
    if (const auto taken = entries_.find(place); taken != entries_.end())
        return fail(taken->second.reason.origin.text(), fmt::format("'/{}' is created by mkpxerd", place),
                    "leave it out");
    for (const std::string_view directory : {"dev/", "proc/", "run/", "sys/"})
        if (place.starts_with(directory))
            return fail(
                std::string(path),
                fmt::format("would be at /{}, which is hidden once /init mounts a file system there", place),
                "remove the link that leads there");
    return place;
}

bool EntryTree::needs_tls() const {
    const auto is_there = [&](std::string_view file) { return entries_.contains(end_of(file)); };
    if (std::ranges::any_of(authority_files, is_there)) return true;
    return is_there(key_directory);
}

Result<void> EntryTree::check_keys() const {
    const std::string directory = end_of(key_directory);
    const auto top = entries_.find(directory);
    if (top == entries_.end()) // a dangling link does not mean an image without keys
        return entries_.contains(resolve_parents(std::string(key_directory)))
                   ? no_key('/' + directory, "is not in the image")
                   : Result<void>();
    if (!S_ISDIR(top->second.mode)) return no_key('/' + directory, "is not a directory");
    Problems problems;
    bool is_empty = true;
    for (auto at = entries_.lower_bound(directory + '/');
         at != entries_.end() && at->first.starts_with(directory + '/'); ++at) {
        is_empty = false;
        if (at->first.find('/', directory.size() + 1) != std::string::npos)
            continue; // its directory is reported
        if (const auto checked = check_key(at->first); !checked) problems.add(checked.error());
    }
    if (is_empty) return no_key('/' + directory, "is empty");
    return problems.finish();
}

Result<void> EntryTree::check_key(const std::string& path) const {
    const auto entry = entries_.find(end_of(path));
    if (entry == entries_.end()) return no_key('/' + path, "is a link whose target is not in the image");
    if (!S_ISREG(entry->second.mode)) return no_key('/' + path, "is not a regular file");
    if (const auto* text = std::get_if<std::string>(&entry->second.content))
        return wrap::check_ed25519_key('/' + path, *text);
    const auto content = read_regular(*source_of(entry->second), largest_key_file);
    return content ? wrap::check_ed25519_key('/' + path, *content)
                   : no_key('/' + path, content.error().first().text);
}

std::string EntryTree::end_of(std::string_view path) const {
    const std::string below =
        resolve_parents(std::string(path) + "/x"); // so that the link counts as a parent
    return below.substr(0, below.size() - 2);
}

std::string EntryTree::resolve_parents(const std::string& path) const {
    std::string todo = path;
    for (unsigned followed = 0; followed < 40; ++followed) {
        bool changed = false;
        for (auto slash = todo.find('/'); slash != std::string::npos; slash = todo.find('/', slash + 1)) {
            const auto found = entries_.find(todo.substr(0, slash));
            if (found == entries_.end() || !S_ISLNK(found->second.mode)) continue;
            const auto& target = std::get<std::string>(found->second.content);
            const auto parent = found->first.rfind('/');
            const std::string base = target.starts_with('/') || parent == std::string::npos
                                         ? ""
                                         : found->first.substr(0, parent + 1);
            todo = clean_path(base + target + todo.substr(slash));
            changed = true;
            break;
        }
        if (!changed) break;
    }
    return todo;
}

} // namespace mkpxerd::generator
