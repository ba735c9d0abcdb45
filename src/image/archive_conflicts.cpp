// SPDX-License-Identifier: MIT
// A directory in the place of a link, or a link that finds a directory in its place: both hide what others
// find by that name.
#include "mkpxerd/image/archive_conflicts.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <tuple>

#include "mkpxerd/contract/image_paths.hpp"
#include "mkpxerd/image/module_path.hpp"

namespace mkpxerd::image {
namespace {

constexpr const char* through_links =
    "mkpxerd overlay --image FILE puts entries through the links of an image";
constexpr std::size_t max_searches = std::size_t{4} << 20; // for names, in all links together
constexpr std::size_t max_errors = 100;
constexpr std::array own_files = {init_path, boot_config_path, provenance_path, sentinel_path};
// The init creates those that are missing.
constexpr std::array mount_points = {std::string_view("dev"), std::string_view("proc"),
                                     std::string_view("run"), std::string_view("sys"), new_root.substr(1)};
constexpr std::size_t max_names = 3; // of hard links, in a message

std::string_view type_of(const Entry& entry) {
    return entry.is_directory() ? "directory"
           : entry.is_link()    ? "link"
           : entry.is_regular() ? "file"
                                : "node";
}

// "lib -> usr/lib"
std::string shown(const Entry& entry) {
    return entry.is_link() ? fmt::format("{} -> {}", entry.path, entry.target) : entry.path;
}

std::string counted(std::size_t entries) {
    return entries == 1 ? "1 entry is" : fmt::format("{} entries are", entries);
}

// Names below `name` that lead nowhere, although their files are below the real path `directory`.
struct Hidden {
    std::size_t count = 0;
    std::string first;
};

class ConflictFinder {
  public:
    ConflictFinder(const EffectiveView& view, const std::vector<std::string>& names, std::size_t own)
        : view_(view), entries_(view.entries()), names_(names), own_(own) {}

    ArchiveConflicts find() {
        for (const auto& replaced : view_.replaced())
            if (entries_[replaced.entry].archive != entries_[replaced.old].archive) judge(replaced);
        for (const auto& lost : view_.lost())
            judge(lost);
        check_mount_points();
        tell_ineffective();
        return std::move(found_);
    }

  private:
    void judge(const EffectiveView::Replaced& replaced) {
        const Entry& entry = entries_[replaced.entry];
        const Entry& old = entries_[replaced.old];
        if (old.archive == own_ && is_own_file(replaced.path)) {
            error(entry, fmt::format("replaces /{}, which belongs to the image itself", replaced.path),
                  replaced.path == init_path ? "leave it out, or build with --init FILE" : "leave it out");
            return;
        }
        if (replaced.directory) {
            const Hidden hidden = find_hidden(replaced.path, *replaced.directory, old.archive);
            if (hidden.count > 0)
                error(entry.archive == own_ ? old : entry,
                      fmt::format("the {} {} takes the place of the link {}{}, and {} no longer found there, "
                                  "such as {}",
                                  type_of(entry), entry.archive == own_ ? "of the image" : "here", shown(old),
                                  entry.archive == own_ ? " here" : "", counted(hidden.count), hidden.first),
                      through_links);
            return;
        }
        if (old.is_regular() && entry.is_regular()) warn_about_hard_links(replaced);
        const auto list = module_directory_path(replaced.path);
        if (old.archive == own_ && list && list->rest.starts_with("modules."))
            warn(entry, "replaces a list of the image's modules: those that it does not name are not found");
        else if (entry.archive == own_)
            ineffective(old, "the image replaces", "");
        else if (old.is_directory() && !is_mount_point(replaced.path))
            warn(entry, fmt::format("the {} takes the place of an empty directory", type_of(entry)));
    }

    // The kernel opens an existing file and writes into it, so all names of that file change.
    void warn_about_hard_links(const EffectiveView::Replaced& replaced) {
        const auto node = view_.nodes().find(replaced.path);
        if (node == view_.nodes().end() || !node->second.is_regular) return;
        const std::vector<std::string_view>& names = names_of_file(node->second.file);
        std::vector<std::string_view> others;
        for (const std::string_view name : names)
            if (name != replaced.path && !is_same_link(name, replaced.entry)) others.push_back(name);
        if (others.empty()) return;
        const std::size_t shown = std::min(others.size(), max_names);
        const std::string more =
            others.size() > shown ? fmt::format(" and {} more", others.size() - shown) : "";
        warn(entries_[replaced.entry],
             fmt::format("also changes {}{}: they are hard links to the file that it replaces",
                         fmt::join(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                         more),
             "build the image with this file instead");
    }
    // Whether the archive of this entry has the name as a hard link of its own to the same file.
    bool is_same_link(std::string_view name, std::size_t entry) const {
        const std::size_t other = view_.nodes().find(std::string(name))->second.entry;
        return other != EffectiveView::none && entries_[entry].links > 1 &&
               entries_[other].archive == entries_[entry].archive &&
               entries_[other].inode == entries_[entry].inode;
    }
    const std::vector<std::string_view>& names_of_file(std::size_t file) {
        if (files_.empty())
            for (const auto& [path, node] : view_.nodes())
                if (node.is_regular) files_[node.file].push_back(path);
        return files_[file];
    }

    bool is_mount_point(std::string_view path) const {
        return own_ < names_.size() && std::ranges::find(mount_points, path) != mount_points.end();
    }
    void check_mount_points() {
        for (const std::string_view path : mount_points) {
            const auto node = view_.nodes().find(std::string(path));
            if (!is_mount_point(path) || node == view_.nodes().end() ||
                node->second.entry == EffectiveView::none)
                continue;
            const EffectiveView::Node* target = view_.find(path);
            if (target != nullptr && target->is_directory) continue;
            const Entry& entry = entries_[node->second.entry];
            error(entry,
                  fmt::format("the {} is where the init must mount /{}, which needs a directory",
                              type_of(entry), path),
                  "leave it out");
        }
    }

    // An entry that the kernel does not unpack.
    void judge(const EffectiveView::Lost& lost) {
        const Entry& entry = entries_[lost.entry];
        const bool is_own = entry.archive == own_;
        const Entry* by = lost.by == EffectiveView::none ? nullptr : &entries_[lost.by];
        if (by != nullptr && by->archive == entry.archive) return;
        if (by != nullptr && entry.is_link()) {
            const Hidden hidden = find_hidden(entry.path, target_of(entry), entry.archive);
            if (hidden.count > 0)
                error(is_own ? *by : entry,
                      fmt::format("{} keeps the link {} from being made, and {} not found there, such as {}",
                                  is_own ? "this directory"
                                         : fmt::format("a directory of {}", names_[by->archive]),
                                  shown(entry), counted(hidden.count), hidden.first),
                      is_own ? through_links : "name the entries as the image does, without the link");
            else
                ineffective(entry, "the kernel cannot unpack", ": " + lost.reason);
            return;
        }
        if (is_own && by != nullptr)
            error(*by, fmt::format("keeps the kernel from unpacking /{}: {}", entry.path, lost.reason),
                  through_links);
        else
            ineffective(entry, "the kernel cannot unpack", ": " + lost.reason);
    }

    bool is_own_file(const std::string& path) const {
        return std::ranges::any_of(own_files, [&](std::string_view own) {
            return path == own || view_.resolve(own, false) == path;
        });
    }

    // The real path of a link that was not made; its own path: it leads nowhere.
    std::string target_of(const Entry& link) const {
        const auto slash = link.path.rfind('/');
        const std::string base =
            link.target.starts_with('/') || slash == std::string::npos ? "" : link.path.substr(0, slash + 1);
        return view_.resolve(base + link.target).value_or(link.path);
    }

    // archive: the one with the link; only it expects its entries there. A hostile image could have many such
    // links to large directories: once the searches are used up, what was not looked for counts as hidden.
    Hidden find_hidden(const std::string& name, const std::string& directory, std::size_t archive) {
        Hidden hidden;
        if (name == directory) return hidden;
        const std::string below = directory.empty() ? "" : directory + '/';
        for (auto node = view_.nodes().lower_bound(below);
             node != view_.nodes().end() && node->first.starts_with(below); ++node) {
            if (node->second.is_directory || node->second.entry == EffectiveView::none ||
                entries_[node->second.entry].archive != archive)
                continue;
            std::string path = name + '/' + node->first.substr(below.size());
            if (searches_left_ > 0 && view_.resolve(path, false)) {
                --searches_left_;
                continue;
            }
            if (hidden.count++ == 0) hidden.first = std::move(path);
            if (searches_left_ == 0) break;
            --searches_left_;
        }
        return hidden;
    }

    void error(const Entry& entry, std::string text, std::string hint) {
        if (found_.errors.size() >= max_errors) return;
        found_.errors.push_back({.object = fmt::format("{}: {}", names_[entry.archive], entry.path),
                                 .text = std::move(text),
                                 .hint = std::move(hint)});
    }
    void warn(const Entry& entry, std::string text, std::string hint = {}) {
        if (found_.warnings.size() >= max_errors) return;
        found_.warnings.push_back({.object = fmt::format("{}: {}", names_[entry.archive], entry.path),
                                   .text = std::move(text),
                                   .hint = std::move(hint)});
    }
    void ineffective(const Entry& entry, const std::string& what, const std::string& why) {
        auto& [count, first] = ineffective_[{entry.archive, what, why}];
        if (count++ == 0) first = entry.path;
    }
    // Archives may have thousands of such entries: a line for each reason.
    void tell_ineffective() {
        for (const auto& [key, value] : ineffective_) {
            const auto& [archive, what, why] = key;
            const auto& [count, first] = value;
            found_.warnings.push_back(
                {.object = names_[archive],
                 .text = count == 1
                             ? fmt::format("{} '{}'{}", what, first, why)
                             : fmt::format("{} {} of its entries, such as '{}'{}", what, count, first, why)});
        }
    }

    const EffectiveView& view_;
    const std::vector<Entry>& entries_;
    const std::vector<std::string>& names_;
    std::size_t own_;
    std::size_t searches_left_ = max_searches;
    std::map<std::size_t, std::vector<std::string_view>> files_; // EffectiveView::Node::file -> its names
    ArchiveConflicts found_;
    // archive, what happens, why -> how many entries, and the first
    std::map<std::tuple<std::size_t, std::string, std::string>, std::pair<std::size_t, std::string>>
        ineffective_;
};

} // namespace

ArchiveConflicts find_archive_conflicts(const EffectiveView& view, const std::vector<std::string>& names,
                                        std::size_t own) {
    return ConflictFinder(view, names, own).find();
}

ArchiveConflicts find_archive_conflicts(const EffectiveView& view, const ImageSummary& summary) {
    std::vector<std::string> names;
    std::optional<std::size_t> own;
    for (const Entry& entry : view.entries()) {
        if (entry.archive >= names.size()) names.resize(entry.archive + 1);
        names[entry.archive] = summary.parts[entry.part].archives > 1
                                   ? fmt::format("archive {} of part {}", entry.archive + 1, entry.part + 1)
                                   : fmt::format("part {}", entry.part + 1);
        if (!own && entry.path == boot_config_path) own = entry.archive;
    }
    return find_archive_conflicts(view, names, own.value_or(names.size()));
}

} // namespace mkpxerd::image
