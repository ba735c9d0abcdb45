// SPDX-License-Identifier: MIT
// Reads the archive as a stream, and only as much of each file as is necessary to find secrets.
#include "mkpxerd/deploy/bundle/bundle_apkovl.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/boot_options.hpp"
#include "mkpxerd/deploy/site/own_file.hpp"
#include "mkpxerd/secrets/secret_forms.hpp"
#include "mkpxerd/wrap/tar_reader.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

// The start of the current entry, as much as is necessary to find secrets.
Result<std::string> read_beginning(wrap::TarReader& reader, std::uint64_t size) {
    std::string text;
    std::size_t wanted = std::min<std::uint64_t>(size, secret_head);
    while (text.size() < wanted) {
        MKPXERD_TRY_ASSIGN(const auto block, reader.read());
        if (!block || block->offset != text.size()) return text; // the hole of a sparse file
        const auto room = std::min<std::size_t>(block->bytes.size(), secret_window);
        text.append(reinterpret_cast<const char*>(block->bytes.data()), room);
        if (text.size() >= wanted)
            wanted = secret_bytes_wanted(std::string_view(text).substr(0, secret_head), size);
    }
    text.resize(std::min(text.size(), wanted));
    return text;
}

} // namespace

Result<void> choose_own_apkovl(SiteOptions& site) {
    std::error_code error;
    const fs::path file = site.apkovl;
    if (!fs::is_regular_file(file, error)) {
        const bool is_elsewhere =
            site.apkovl.find(':') != std::string::npos || (file.is_relative() && !site.alpine_dev.empty());
        if (site.apkovl.empty() || is_elsewhere) return {};
        if (fs::is_directory(file, error))
            return fail(
                site.apkovl, "is a directory",
                fmt::format("tar -C {} -czf machine.apkovl.tar.gz . makes an apkovl of it", site.apkovl));
        return fail(site.apkovl, "is neither a file of this machine nor a URL",
                    site.alpine_dev.empty() ? "for a path on a medium, --alpine-dev names the medium"
                                            : "a path on --alpine-dev must be relative");
    }
    MKPXERD_TRY_ASSIGN(site.own_apkovl, own_file_name(file));
    if (!site.own_apkovl.ends_with(".tar.gz")) return fail(site.apkovl, "its name does not end in .tar.gz");
    return {};
}

std::string init_path(const SiteOptions& site) {
    std::string path = "/sbin/init";
    for (const auto& word : split_command_line(site.cmdline).words)
        if (word.name == "init" && word.value) path = *word.value;
    return path.substr(std::min(path.find_first_not_of('/'), path.size()));
}

Result<ApkovlFacts> read_apkovl(const fs::path& archive, const std::string& init) {
    MKPXERD_TRY_ASSIGN(auto reader, wrap::TarReader::open(archive));
    ApkovlFacts facts;
    while (true) {
        MKPXERD_TRY_ASSIGN(const auto entry, reader.next());
        if (!entry) return facts;
        if (const auto names = split(entry->path, '/'); std::ranges::find(names, "..") != names.end())
            return fail(archive.string(), fmt::format("'{}' leads out of the root", entry->path),
                        "the init refuses such an archive: create it again");
        const std::string name = clean_path(entry->path);
        // /sbin may be a link to /usr/sbin.
        if (entry->kind != wrap::TarEntry::Kind::Directory && (name == init || name == "usr/" + init))
            facts.has_init = true;
        if (entry->kind != wrap::TarEntry::Kind::Regular || entry->size == 0) continue;
        MKPXERD_TRY_ASSIGN(const std::string text, read_beginning(reader, entry->size));
        if (const char* secret = find_secret(name, text, entry->size))
            facts.secrets.push_back(
                {.object = fmt::format("{}: {}", archive.string(), name), .text = secret});
    }
}

std::optional<Problem> find_missing_system(const SiteOptions& site, bool has_apk, const ApkovlFacts& apkovl) {
    if (has_apk || site.own_apkovl.empty() || !site.root.empty()) return std::nullopt;
    for (const auto& word : split_command_line(site.cmdline).words)
        if (word.name == "root") return std::nullopt;
    if (apkovl.has_init) return std::nullopt;
    return Problem{.object = site.apkovl,
                   .text =
                       fmt::format("has no /{}, and the image has no apk to install one: it will not boot",
                                   init_path(site)),
                   .hint = "--profile diskless-alpine with -b ALPINE_TREE and --repo or --alpine-dev"};
}

} // namespace mkpxerd::deploy
