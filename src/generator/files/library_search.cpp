// SPDX-License-Identifier: MIT
// The loader's own path gives its built-in directories: Debian's multiarch directory, Fedora's lib64 and
// Alpine's lib need no table of machines.
#include "mkpxerd/generator/files/library_search.hpp"

#include <algorithm>
#include <array>
#include <elf.h>
#include <optional>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/generator/files/ld_cache.hpp"

namespace mkpxerd::generator {
namespace {

constexpr std::string_view musl_prefix = "ld-musl-";

// Of a loader's configuration: distributions have about ten lines.
constexpr std::size_t max_settings_bytes = std::size_t{4} << 20;
constexpr std::size_t max_includes = 1000;
constexpr std::size_t max_directories = 1000; // each library is searched in all of them

std::string_view file_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string_view directory_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return path.substr(0, slash == std::string_view::npos ? 0 : slash);
}

bool holds(const std::vector<std::string>& list, const std::string& directory) {
    return std::find(list.begin(), list.end(), directory) != list.end();
}

void add_once(std::vector<std::string>& list, std::string directory) {
    if (!holds(list, directory)) list.push_back(std::move(directory));
}

void add_once(std::vector<LibraryDirectory>& list, std::string directory, bool listed) {
    const auto same = [&directory](const LibraryDirectory& known) { return known.path == directory; };
    if (std::none_of(list.begin(), list.end(), same)) list.push_back({std::move(directory), listed});
}

// "/a/b/" -> "a/b". Only absolute paths: a relative one depends on where a program is started.
std::optional<std::string> absolute(std::string_view directory) {
    if (!directory.starts_with('/')) return std::nullopt;
    const auto begin = directory.find_first_not_of('/');
    const auto end = directory.find_last_not_of('/');
    return begin == std::string_view::npos ? "" : std::string(directory.substr(begin, end - begin + 1));
}

// ldconfig's configuration (ldconfig.c parse_conf): directories, comments, "include PATTERN...".
class LdSoConf {
  public:
    explicit LdSoConf(const Sysroot& basedir) : basedir_(basedir) {}

    std::vector<std::string> read() {
        read_file_of("etc/ld.so.conf");
        return directories_;
    }

  private:
    void read_file_of(const std::string& path) {
        const auto real = basedir_.resolve(path);
        if (!real || !seen_.insert(real->path).second) return;
        const auto text = read_regular(basedir_.file(real->path), max_settings_bytes);
        if (!text)
            return; // an unreadable file adds no directory; libraries missing because of that are reported
        for (const std::string_view raw : split_lines(*text)) {
            const std::string_view line = trim(raw.substr(0, raw.find('#')));
            const auto words = split_words(line);
            if (words.empty() || words.front() == "hwcap") continue;
            if (words.front() == "include")
                for (std::size_t i = 1; i < words.size() && includes_ < max_includes; ++i, ++includes_)
                    include(words[i], directory_of(path));
            else
                add_directories(line);
        }
    }

    void include(std::string_view pattern, std::string_view directory) {
        const std::string whole = pattern.starts_with('/')
                                      ? std::string(pattern)
                                      : std::string(directory) + '/' + std::string(pattern);
        for (const std::string& path : basedir_.glob(whole))
            read_file_of(path);
    }

    void add_directories(std::string_view line) {
        std::string plain(line);
        std::replace_if(
            plain.begin(), plain.end(), [](char byte) { return byte == ':' || byte == ','; }, ' ');
        for (const std::string_view directory : split_words(plain))
            if (auto path = absolute(directory.substr(0, directory.find('=')));
                path && directories_.size() < max_directories) // "=libc6": an old type, without effect
                add_once(directories_, std::move(*path));
    }

    const Sysroot& basedir_;
    std::set<std::string> seen_;
    std::size_t includes_ = 0; // in all files: each is a search
    std::vector<std::string> directories_;
};

// AT_PLATFORM for architectures where it is the same on every CPU.
std::string_view platform_of(std::uint16_t machine) {
    switch (machine) {
    case EM_X86_64:
        return "x86_64";
    case EM_386:
        return "i686";
    case EM_AARCH64:
        return "aarch64";
    default:
        return {};
    }
}

} // namespace

bool LibrarySearch::is_musl(std::string_view interpreter) {
    return file_name(interpreter).starts_with(musl_prefix);
}

LibrarySearch::LibrarySearch(const Sysroot& basedir, std::string_view interpreter, const wrap::ElfInfo& elf)
    : basedir_(&basedir), musl_(is_musl(interpreter)), is_64_(elf.is_64), big_endian_(elf.big_endian),
      platform_(platform_of(elf.machine)) {
    if (musl_) {
        find_musl_directories(interpreter);
        return;
    }
    const auto real = interpreter.empty() ? std::nullopt : basedir.resolve(interpreter);
    find_glibc_directories(real ? std::string(directory_of(real->path)) : "");
}

void LibrarySearch::find_glibc_directories(const std::string& loader_directory) {
    const bool in_usr = loader_directory.starts_with("usr/");
    lib_ = loader_directory.empty() ? (is_64_ ? "lib64" : "lib")
           : in_usr                 ? loader_directory.substr(4)
                                    : loader_directory;
    std::vector<std::string> directories = {lib_};
    // A loader that was copied out of its multiarch directory, or is missing, still has that directory built
    // in: use those of the tree. Libraries for other machines are ignored anyway.
    if (lib_.find('/') == std::string::npos)
        for (const auto* pattern : {"lib/*-linux-gnu*", "usr/lib/*-linux-gnu*"})
            for (const std::string& path : basedir_->glob(pattern))
                add_once(directories, path.starts_with("usr/") ? path.substr(4) : path);
    add_once(directories, is_64_ ? "lib64" : "lib");
    add_once(directories, "lib");
    for (const std::string& directory : directories) {
        add_once(built_in_, directory);
        add_once(built_in_, "usr/" + directory);
    }
    list_file_ =
        "etc/ld.so.cache"; // written by ldconfig from its configuration; the loader reads only this file
    configured_ = LdSoConf(*basedir_).read();
    if (const auto cache = basedir_->resolve(list_file_))
        if (const auto bytes = read_regular(basedir_->file(cache->path)))
            cache_ = parse_ld_cache(*bytes, big_endian_);
}

// A path file replaces the built-in directories. It is beside the loader's "lib".
void LibrarySearch::find_musl_directories(std::string_view interpreter) {
    std::string_view name = file_name(interpreter);
    name.remove_prefix(musl_prefix.size());
    const std::string_view arch = name.substr(0, name.find(".so"));
    const std::string prefix(directory_of(directory_of(interpreter)));
    const auto real = basedir_->resolve(prefix + "/etc/ld-musl-" + std::string(arch) + ".path");
    if (!real) {
        built_in_ = {"lib", "usr/local/lib", "usr/lib"};
        return;
    }
    list_file_ = real->path;
    const auto text = read_regular(basedir_->file(real->path), max_settings_bytes);
    if (!text) return;
    for (const std::string_view line : split(*text, '\n'))
        for (const std::string_view directory : split(line, ':'))
            if (auto path = absolute(directory); path && configured_.size() < max_directories)
                add_once(configured_, std::move(*path));
}

std::vector<LibraryDirectory> LibrarySearch::directories(const LoadedObject& object) const {
    std::vector<LibraryDirectory> directories;
    if (musl_) {
        // RUNPATH hides RPATH, and either applies to everything that the object loads.
        for (const LoadedObject* at = &object; at != nullptr; at = at->loaded_by)
            append_path(directories, at->elf->runpath.empty() ? at->elf->rpath : at->elf->runpath, *at);
    } else {
        // RPATH applies to everything that the object loads, unless the object has a RUNPATH, which applies
        // only to the object itself.
        for (const LoadedObject* at = &object; at != nullptr && object.elf->runpath.empty();
             at = at->loaded_by)
            if (at->elf->runpath.empty()) append_path(directories, at->elf->rpath, *at);
        append_path(directories, object.elf->runpath, object);
    }
    for (const std::string& directory : configured_)
        add_once(directories, directory, !holds(built_in_, directory));
    for (const std::string& directory : built_in_)
        add_once(directories, directory, false);
    return directories;
}

std::vector<std::string> LibrarySearch::cached(const std::string& name) const {
    std::vector<std::string> paths;
    if (const auto known = cache_.find(name); known != cache_.end())
        for (const std::string& path : known->second)
            add_once(paths, path.substr(std::min(path.find_first_not_of('/'), path.size())));
    return paths;
}

std::vector<std::string> LibrarySearch::cpu_directories(const std::string& directory) const {
    return musl_ ? std::vector<std::string>() : basedir_->glob(directory + "/glibc-hwcaps/*");
}

void LibrarySearch::append_path(std::vector<LibraryDirectory>& directories, std::string_view path,
                                const LoadedObject& object) const {
    const std::string expanded = expand(path, object);
    for (const std::string_view directory : split(expanded, ':'))
        if (auto whole = absolute(directory)) add_once(directories, std::move(*whole), false);
}

std::string LibrarySearch::path(const LoadedObject& object, std::string_view name) const {
    return expand(name, object);
}

std::string LibrarySearch::expand(std::string_view text, const LoadedObject& object) const {
    const std::array<std::pair<std::string_view, std::string>, 3> tokens = {{
        {"ORIGIN", '/' + object.origin},
        {"LIB", musl_ ? "" : lib_},
        {"PLATFORM", musl_ ? "" : platform_},
    }};
    std::string expanded;
    while (!text.empty()) {
        const auto dollar = text.find('$');
        expanded += text.substr(0, dollar);
        if (dollar == std::string_view::npos) break;
        text.remove_prefix(dollar);
        bool known = false;
        for (const auto& [name, value] : tokens) {
            const std::string braced = "${" + std::string(name) + '}';
            const std::string plain = '$' + std::string(name);
            const std::size_t length = text.starts_with(braced)  ? braced.size()
                                       : text.starts_with(plain) ? plain.size()
                                                                 : 0;
            if (length == 0 || value.empty()) continue;
            expanded += value;
            text.remove_prefix(length);
            known = true;
            break;
        }
        if (known) continue;
        if (musl_) return {}; // an unknown token makes musl ignore the whole path
        expanded += '$';
        text.remove_prefix(1);
    }
    return expanded;
}

bool LibrarySearch::is_loader_itself(std::string_view name) const {
    if (!musl_ || !name.starts_with("lib")) return false;
    name.remove_prefix(3);
    for (const std::string_view own : {"c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."})
        if (name.starts_with(own)) return true;
    return false;
}

} // namespace mkpxerd::generator
