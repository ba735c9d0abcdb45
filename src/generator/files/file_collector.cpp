// SPDX-License-Identifier: MIT
// Stores everything at its real place: a pattern through a linked directory adds the link and the real path.
#include "mkpxerd/generator/files/file_collector.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <unistd.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/features/stage_findings.hpp"

namespace mkpxerd::generator {
namespace {

using Kind = Sysroot::Entry::Kind;

// Links into these have a target only on a running system.
bool is_runtime_target(std::string_view target) {
    for (const std::string_view directory : {"proc/", "sys/", "dev/", "run/"})
        if (clean_path(target).starts_with(directory)) return true;
    return false;
}

// The content of such a directory is unknown, so "matches nothing" would be a guess.
void report_unreadable(StageFindings& findings, const Pattern& pattern,
                       const std::vector<Problem>& directories) {
    for (const Problem& directory : directories)
        findings.hole(pattern.origin.text(), fmt::format("{} {}", directory.object, directory.text),
                      directory.hint.empty() ? "build as a user who can read it" : directory.hint);
}

class Collection {
  public:
    Collection(const Sysroot& basedir, StageFindings& findings) : basedir_(basedir), findings_(findings) {}

    // A path as a pattern spelled it.
    void add_match(const std::string& path, const Pattern& pattern) {
        pattern_ = &pattern;
        named_ = !has_glob(pattern.glob);
        const auto real = basedir_.resolve_parent(path);
        if (!real) return; // it has just vanished: not a match
        for (const std::string& link : real->links)
            add_link(link);
        add_real(real->path);
    }

    FileSet take() {
        FileSet set;
        for (auto& [path, file] : files_)
            set.files.push_back(std::move(file));
        return set;
    }

  private:
    // A pattern without an origin belongs to every image.
    Reason reason() const {
        if (pattern_->origin == Origin{}) return {};
        return {.kind = Reason::Kind::Pattern, .feature = pattern_->feature, .origin = pattern_->origin};
    }
    void problem(const std::string& path, const std::string& text, std::string hint = {}) {
        findings_.hole(pattern_->origin.text(), fmt::format("{} {}", basedir_.host(path).string(), text),
                       std::move(hint));
    }

    // A file that cannot go into the image: an error if a line names exactly this file, a warning if a
    // directory or a wildcard includes it. In the directory of keys it is always an error: its owner relies
    // on the key.
    void leave_out(const std::string& path, const std::string& text) {
        if (path.starts_with(std::string(key_directory) + '/'))
            return findings_.problem(pattern_->origin.text(),
                                     fmt::format("{} {}", basedir_.host(path).string(), text),
                                     "every file in the directory of keys must be a key");
        if (named_) return problem(path, text);
        findings_.warning(pattern_->origin.text(),
                          fmt::format("{} {}: left out", basedir_.host(path).string(), text));
    }

    void unreadable(const Error& error) { report_unreadable(findings_, *pattern_, error.problems()); }

    File& add(const std::string& path, const Sysroot::Entry& entry, File::Kind kind) {
        File file;
        file.path = path;
        file.kind = kind;
        file.mode = entry.mode;
        file.target = entry.target;
        file.reason = reason();
        return files_.try_emplace(path, std::move(file)).first->second;
    }

    void add_link(const std::string& path) {
        if (const auto entry = basedir_.entry(path)) add(path, *entry, File::Kind::Link);
    }

    void add_real(const std::string& path) {
        if (files_.contains(path)) return;
        const auto entry = basedir_.entry(path);
        if (!entry) return problem(path, "cannot be examined");
        switch (entry->kind) {
        case Kind::Regular:
            return add_regular(path, *entry);
        case Kind::Link:
            return add_link_and_target(path, *entry);
        case Kind::Directory:
            add(path, *entry, File::Kind::Directory);
            return add_directory(path);
        case Kind::Other:
            return leave_out(path, "is a device, socket or pipe, which cannot go into an image");
        }
    }

    void add_directory(const std::string& path) {
        const auto names = basedir_.read_directory(path);
        if (!names) return unreadable(names.error());
        named_ = false;
        for (const std::string& name : *names)
            add_real(path.empty() ? name : path + '/' + name);
    }

    void add_regular(const std::string& path, const Sysroot::Entry& entry) {
        const TreePath source = basedir_.file(path);
        if (::faccessat(AT_FDCWD, source.host().c_str(), R_OK, AT_EACCESS) != 0)
            return problem(path, "cannot be read by this user");
        File& file = add(path, entry, File::Kind::Regular);
        file.source = source;
        file.size = entry.size;
        file.inode = entry.inode;
        file.device = entry.device;
        file.links = entry.links;
    }

    // A link to a directory stays a link; a link to a file adds the file, and all links between.
    void add_link_and_target(const std::string& path, const Sysroot::Entry& entry) {
        Problems unreadable;
        const auto target = basedir_.resolve(path, unreadable);
        report_unreadable(findings_, *pattern_, unreadable.list());
        if (!target && unreadable.empty() && !is_runtime_target(entry.target))
            return leave_out(path, fmt::format("is a link to {}, which does not exist", entry.target));
        const auto real = target ? basedir_.entry(target->path) : std::nullopt;
        if (real && real->kind == Kind::Other)
            return leave_out(path, fmt::format("is a link to {}, a device, socket or pipe", entry.target));
        add(path, entry, File::Kind::Link);
        if (!target) return;
        for (const std::string& link : target->links)
            add_link(link);
        if (real && real->kind == Kind::Directory)
            add(target->path, *real, File::Kind::Directory);
        else
            add_real(target->path);
    }

    const Sysroot& basedir_;
    StageFindings& findings_;
    const Pattern* pattern_ = nullptr;
    bool named_ = false; // the pattern names this very path
    std::map<std::string, File> files_;
};

// "lib/modprobe.d/*" where lib is a link to usr/lib, and "usr/lib/modprobe.d/*" is listed as well: these are
// the same files, so the link is not needed.
bool is_listed_at_real_place(const Sysroot& basedir, const Pattern& pattern,
                             const std::vector<Pattern>& all) {
    const auto slash = pattern.glob.rfind('/');
    if (!pattern.optional || slash == std::string::npos || has_glob(pattern.glob.substr(0, slash)))
        return false;
    const auto directory = basedir.resolve(pattern.glob.substr(0, slash));
    if (!directory || directory->links.empty()) return false;
    const std::string real = directory->path + pattern.glob.substr(slash);
    return std::any_of(all.begin(), all.end(), [&](const Pattern& each) { return each.glob == real; });
}

std::string hint_for_absent(const Pattern& pattern) {
    if (pattern.origin.line == 0) return "the path is relative to the tree"; // of the command line
    if (pattern.glob.ends_with("/ca-certificates.crt"))
        return "install ca-certificates there, or name the authorities by --ca FILE";
    if (pattern.feature == "apk") return "-b ALPINE_TREE: feature apk needs an Alpine system";
    return "put '?' before the pattern if it may be absent";
}

} // namespace

Result<FileSet> FileCollector::collect(const std::vector<Pattern>& patterns) const {
    StageFindings findings(lenient_);
    Collection collection(basedir_, findings);
    for (const Pattern& pattern : patterns) {
        if (is_listed_at_real_place(basedir_, pattern, patterns)) continue;
        Problems unreadable;
        const auto matches = basedir_.glob(pattern.glob, unreadable);
        report_unreadable(findings, pattern, unreadable.list());
        if (matches.empty() && !pattern.optional && unreadable.empty())
            findings.hole(
                pattern.origin.text(),
                fmt::format("'/{}' matches nothing in {}", excerpt(pattern.glob), basedir_.root().string()),
                hint_for_absent(pattern));
        for (const std::string& path : matches)
            collection.add_match(path, pattern);
    }
    MKPXERD_TRY(findings.finish());
    FileSet set = collection.take();
    set.warnings = findings.warnings();
    return set;
}

} // namespace mkpxerd::generator
