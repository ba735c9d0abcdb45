// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/files/overlay_files.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/contract/provenance.hpp"

namespace mkpxerd::generator {
namespace {

namespace fs = std::filesystem;

// Links on systems whose directories are merged into /usr.
constexpr std::array merged = {"bin", "lib", "lib64", "sbin"};

// A second one would make a wreck of the image.
constexpr std::array own = {init_path, boot_config_path, provenance_path, sentinel_path};

std::string literal(std::string_view path) {
    std::string pattern;
    for (const char c : path) {
        if (std::string_view("*?[\\").find(c) != std::string_view::npos) pattern += '\\';
        pattern += c;
    }
    return pattern;
}

} // namespace

Result<OverlaySource> overlay_source(const fs::path& path) {
    const Origin origin{path.string(), 0};
    std::error_code error;
    if (fs::is_directory(path, error))
        return OverlaySource{path, {{"*", true, {}, origin}, {".*", true, {}, origin}}};
    if (*path.lexically_normal().begin() == "..")
        return fail(path.string(), "is not below this directory",
                    "name the directory that stands for the root");
    return OverlaySource{path.is_absolute() ? "/" : ".",
                         {{literal(clean_path(path.string())), false, {}, origin}}};
}

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
        problems.add("overlay", "holds no file");
    }
    MKPXERD_TRY(problems.finish());

    for (const std::string name : merged)
        if (std::ranges::any_of(files, [&](const auto& item) {
                return item.first.starts_with(name + '/') ||
                       (item.first == name && item.second.kind == File::Kind::Directory);
            }))
            all.warnings.push_back(
                {name,
                 "is a directory here; in an image where it is a link, that goes with all that it led to",
                 "use usr/" + name + " if it does in yours",
                 {}});
    for (auto& [path, file] : files)
        all.files.push_back(std::move(file));
    return all;
}

} // namespace mkpxerd::generator
