// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/overlay_files.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/contract/provenance.hpp"
#include "mkpxerd/generator/files/file_collector.hpp"

namespace mkpxerd::generator {
namespace {

namespace fs = std::filesystem;

// Links in systems that merge these directories into /usr.
constexpr std::array merged = {"bin", "lib", "lib64", "sbin"};

// A second one would break the image.
constexpr std::array own = {init_path, boot_config_path, provenance_path, sentinel_path};

// At the top of a root file system (hier(7)).
constexpr std::array of_root = {"bin",   "boot",   "dev",   "etc", "home", "lib",  "lib32",
                                "lib64", "libx32", "media", "mnt", "opt",  "proc", "root",
                                "run",   "sbin",   "srv",   "sys", "tmp",  "usr",  "var"};

bool is_of_root(std::string_view name) {
    return std::ranges::find(of_root, name) != of_root.end();
}

std::string literal(std::string_view path) {
    std::string pattern;
    for (const char c : path) {
        if (std::string_view("*?[\\").find(c) != std::string_view::npos) pattern += '\\';
        pattern += c;
    }
    return pattern;
}

// The patterns and the tree for one path. A directory means the tree in it; a file is stored at its path as
// written, in this machine's tree or in that of the current directory.
struct OverlaySource {
    fs::path root;
    std::vector<Pattern> patterns;
};

// Errors: a relative path that leads out of the current directory.
Result<OverlaySource> overlay_source(const fs::path& path) {
    const Origin origin{.file = path.string()};
    std::error_code error;
    if (fs::is_directory(path, error))
        return OverlaySource{.root = path,
                             .patterns = {{.glob = "*", .optional = true, .origin = origin},
                                          {.glob = ".*", .optional = true, .origin = origin}}};
    if (*path.lexically_normal().begin() == "..")
        return fail(path.string(), "is not below the current directory",
                    "name the directory that becomes the root");
    return OverlaySource{.root = path.is_absolute() ? "/" : ".",
                         .patterns = {{.glob = literal(clean_path(path.string())), .origin = origin}}};
}

// A single set; of two files at the same place the later one counts.
Result<FileSet> join_overlay(std::vector<FileSet> sets) {
    std::map<std::string, File> files;
    Problems problems;
    FileSet all;
    for (FileSet& set : sets) {
        all.warnings.insert(all.warnings.end(), set.warnings.begin(), set.warnings.end());
        for (File& file : set.files) {
            if (std::ranges::find(own, file.path) != own.end())
                problems.add(file.reason.origin.text(),
                             fmt::format("/{} belongs to the image itself", file.path), "leave it out");
            files.insert_or_assign(file.path, std::move(file));
        }
    }
    if (files.empty()) {
        for (const Problem& left_out : all.warnings)
            problems.add(left_out);
        problems.add("overlay", "contains no file");
    }
    MKPXERD_TRY(problems.finish());

    for (auto& [path, file] : files)
        all.files.push_back(std::move(file));
    return all;
}

} // namespace

Result<FileSet> collect_overlay(const std::vector<fs::path>& paths) {
    std::vector<FileSet> sets;
    Problems problems;
    for (const fs::path& path : paths) {
        const auto source = overlay_source(path);
        if (!source) {
            problems.add(source.error());
            continue;
        }
        const Sysroot tree(source->root);
        auto files = FileCollector(tree).collect(source->patterns);
        if (files)
            sets.push_back(std::move(*files));
        else
            problems.add(files.error());
    }
    MKPXERD_TRY(problems.finish());
    return join_overlay(std::move(sets));
}

void warn_about_merged(FileSet& overlay) {
    for (const std::string name : merged)
        if (std::ranges::any_of(overlay.files, [&](const File& file) {
                return file.path.starts_with(name + '/') ||
                       (file.path == name && file.kind == File::Kind::Directory);
            }))
            overlay.warnings.push_back(
                {.object = name,
                 .text =
                     "is a directory here; in an image where it is a link, the directory replaces the link",
                 .hint = "name the image with --image FILE: the files then go where its link leads"});
}

std::optional<Problem> doubt_place(const FileSet& overlay, const std::set<std::string>& others) {
    std::string unknown; // a directory at the top
    std::string inner;   // one there that has a known name below it
    for (const File& file : overlay.files) {
        const auto slash = file.path.find('/');
        const std::string top = file.path.substr(0, slash);
        if (is_of_root(top) || others.contains(top)) return std::nullopt;
        if (slash == std::string::npos && file.kind != File::Kind::Directory) continue;
        if (unknown.empty()) unknown = top;
        if (inner.empty() && slash != std::string::npos) {
            const std::string next = file.path.substr(slash + 1);
            if (is_of_root(next.substr(0, next.find('/')))) inner = top;
        }
    }
    if (unknown.empty()) return std::nullopt;
    return Problem{.object = inner.empty() ? unknown : inner,
                   .text = "goes to the top of the root file system, which usually has no such directory",
                   .hint =
                       inner.empty()
                           ? "a directory stands for the tree in it: name the one that contains etc, "
                             "usr and so on"
                           : fmt::format("name the directory {} itself: its files then begin there", inner)};
}

} // namespace mkpxerd::generator
