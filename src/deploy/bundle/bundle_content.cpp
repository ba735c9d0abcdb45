// SPDX-License-Identifier: MIT
// A copy is as public as the file that the user named, unless the user says otherwise, like an image.
#include "mkpxerd/deploy/bundle/bundle_content.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "mkpxerd/deploy/site/snippets.hpp"
#include "mkpxerd/secrets/secret_forms.hpp"

namespace mkpxerd::deploy {
namespace {

namespace fs = std::filesystem;

constexpr const char* modloop_input_name = "modloop.input"; // for the next bundle

bool others_read(const TreePath& file) {
    struct stat st {};
    const UniqueFd fd = file.try_open(O_PATH);
    return fd && ::fstat(fd.get(), &st) == 0 && (st.st_mode & S_IROTH) != 0;
}

} // namespace

Result<void> BundleContent::copy_named(const std::string& name, const TreePath& source) {
    if (others_read(source)) return directory_.copy(name, source);
    const Problem secret{.object = source.string(), .text = "others may not read it"};
    MKPXERD_TRY_ASSIGN(const unsigned mode, mode_rule_(secret));
    const bool is_public = (mode & S_IROTH) != 0;
    warnings_.push_back(
        {.object = secret.object,
         .text = fmt::format("{}: {} has mode {:04o} in the bundle", secret.text, name, mode),
         .hint = is_public ? "" : "give it to the web server by chown, or use --allow-secrets"});
    return directory_.copy(name, source, mode);
}

Result<void> BundleContent::add_kernel(const TreePath& kernel, bool is_named) {
    if (is_named) return copy_named("vmlinuz", kernel);
    if (!others_read(kernel))
        notes_.push_back(
            {.object = kernel.string(), .text = "others may not read it, but in the bundle they may"});
    return directory_.copy("vmlinuz", kernel);
}

Result<void> BundleContent::add_apkovl() {
    if (site_.own_apkovl.empty()) return {};
    MKPXERD_TRY(copy_named(site_.own_apkovl, site_.apkovl));
    MKPXERD_TRY_ASSIGN(site_.pins[site_.own_apkovl], file_sha256(site_.apkovl));
    return {};
}

Result<void> BundleContent::add_root() {
    if (site_.own_root.empty()) return {};
    MKPXERD_TRY(copy_named(site_.own_root, site_.root));
    MKPXERD_TRY_ASSIGN(site_.pins[site_.own_root], file_sha256(site_.root));
    return {};
}

Result<void> BundleContent::add_modloop(const ModloopContent& content, std::int64_t epoch) {
    if (!site_.with_modloop) return {};
    MKPXERD_TRY_ASSIGN(const std::string input, modloop_input(content, epoch));
    MKPXERD_TRY_ASSIGN(const fs::path file, directory_.place("modloop"));
    MKPXERD_TRY_ASSIGN(const bool is_there, directory_.reuse("modloop", modloop_input_name, input + "\n"));
    if (!is_there) MKPXERD_TRY(write_modloop(content, epoch, file));
    MKPXERD_TRY(directory_.write(modloop_input_name, input + "\n"));
    MKPXERD_TRY_ASSIGN(site_.pins["modloop"], file_sha256(file));
    return {};
}

Result<void> BundleContent::add_loaders(const LoaderSet& loaders) {
    warnings_.insert(warnings_.end(), loaders.missing.begin(), loaders.missing.end());
    std::set<std::string> kept = loaders.files;
    for (const Loader& loader : loaders.found) {
        kept.erase(loader.place);
        MKPXERD_TRY(directory_.copy(loader.place, loader.source));
    }
    for (const std::string& place : kept)
        notes_.push_back(
            {.object = (site_.directory / place).string(),
             .text = "is not the one that mkpxerd put there, so it stays",
             .hint = loaders.passed_over.contains(place) ? "remove it to get the installed one" : ""});
    return {};
}

Result<void> BundleContent::add_snippets(const SiteValues& values, const fs::path& data_dir) {
    for (const Snippet& snippet : snippets()) {
        MKPXERD_TRY_ASSIGN(const std::string text, fill_snippet(data_dir, std::string(snippet.name), values));
        MKPXERD_TRY(directory_.write(std::string(snippet.place), text));
    }
    return {};
}

std::vector<Problem> find_public_secrets(const SiteOptions& site, const ApkovlFacts& apkovl,
                                         const std::string& options) {
    constexpr const char* readers = "anybody who reaches the server can read it";
    constexpr std::size_t shown = 10;
    std::vector<Problem> found;
    if (const char* secret = find_secret_option(options))
        found.push_back({.object = "boot.ipxe", .text = secret, .hint = readers});
    if (site.own_apkovl.empty() || !others_read(site.apkovl)) return found;
    const std::size_t count = apkovl.secrets.size();
    for (std::size_t i = 0; i < std::min(count, shown); ++i) {
        found.push_back(apkovl.secrets[i]);
        found.back().hint = readers;
    }
    if (count > shown)
        found.push_back({.object = site.apkovl, .text = fmt::format("contains {} more", count - shown)});
    return found;
}

Result<SiteOptions> as_in_bundle(SiteOptions site) {
    std::error_code error;
    site.directory = fs::absolute(site.directory, error).lexically_normal();
    MKPXERD_TRY_ASSIGN(site.pins, read_sums(site.directory));
    const auto own = [&](const std::string& given) {
        const std::string name = fs::path(given).filename().string();
        return site.pins.contains(name) && given.find(':') == std::string::npos ? name : std::string();
    };
    site.own_apkovl = own(site.apkovl);
    site.own_root = own(site.root);
    return site;
}

std::set<std::string> added_loader_files(const std::filesystem::path& directory) {
    std::set<std::string> files = loader_files_in(directory);
    for (const auto& [name, sum] : read_sums(directory).value_or(std::map<std::string, std::string>()))
        if (files.contains(name) && file_sha256(directory / name).value_or(sum) == sum) files.erase(name);
    return files;
}

} // namespace mkpxerd::deploy
