// SPDX-License-Identifier: MIT
// The places are in contract/apk_places.
#include "mkpxerd/netboot/root/apk_files.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/apk_places.hpp"
#include "mkpxerd/contract/redact.hpp"
#include "mkpxerd/netboot/root/root_files.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::string_view lent_list = "mkpxerd.list";

Result<void> copy_from_image(const Sysroot& image, std::string_view directory, const std::string& name,
                             const std::filesystem::path& to) {
    MKPXERD_TRY_ASSIGN(const std::string content,
                       read_regular(image.host(fmt::format("{}/{}", directory, name))));
    return replace_file(to / name, content);
}

bool names_repository(std::string_view text) {
    return std::ranges::any_of(split_lines(text), [](std::string_view line) {
        const auto words = split_words(line);
        return !words.empty() && !words[0].starts_with('#');
    });
}

std::string joined_lines(const std::vector<std::string>& lines) {
    return fmt::format("{}\n", fmt::join(lines, "\n"));
}

} // namespace

Result<bool> copy_keys(const System& system) {
    MKPXERD_TRY_ASSIGN(const auto keys, make_root_directory(system, apk_keys));
    const Sysroot image(system.host("/"));
    for (const std::string& name : image.list(apk_keys))
        MKPXERD_TRY(copy_from_image(image, apk_keys, name, keys));
    bool has_modloop_keys = false;
    for (const std::string& name : image.list(apk_cached_keys)) {
        if (!glob_match("*modloop*.SIGN.RSA.*.pub", name)) continue;
        MKPXERD_TRY_ASSIGN(const auto directory, make_root_directory(system, apk_cached_keys));
        MKPXERD_TRY(copy_from_image(image, apk_cached_keys, name, directory));
        has_modloop_keys = true;
    }
    return has_modloop_keys;
}

bool has_apk_arch(const System& system) {
    return find_in_root(system, apk_arch).has_value();
}

Result<void> set_apk_arch(const System& system, std::string_view arch) {
    const auto file = find_in_root(system, apk_arch);
    return file ? write_file(*file, fmt::format("{}\n", arch)) : Result<void>();
}

bool has_own_repositories(const System& system) {
    std::vector<std::string> files = {std::string(apk_repositories)};
    for (const std::string& name : Sysroot(system.host(new_root)).list(apk_repository_lists))
        files.push_back(fmt::format("{}/{}", apk_repository_lists, name));
    return std::ranges::any_of(files, [&](const std::string& file) {
        const auto text = read_in_root(system, file);
        return text && names_repository(*text);
    });
}

bool holds_secret(std::span<const std::string> repositories) {
    return std::ranges::any_of(repositories, [](const std::string& url) { return redact(url) != url; });
}

Result<bool> write_repositories(const System& system, const std::vector<std::string>& repositories) {
    if (repositories.empty()) return false;
    return write_if_missing(system, std::string(apk_repositories), joined_lines(repositories),
                            holds_secret(repositories) ? 0600 : 0644);
}

Result<std::filesystem::path> write_run_repositories(const System& system,
                                                     const std::vector<std::string>& repositories) {
    MKPXERD_TRY_ASSIGN(const auto directory, make_root_directory(system, apk_repository_lists));
    const auto file = directory / lent_list;
    MKPXERD_TRY(replace_file(file, joined_lines(repositories), 0600));
    return file;
}

} // namespace mkpxerd::netboot
