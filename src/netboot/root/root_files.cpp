// SPDX-License-Identifier: MIT
// Sysroot resolves the paths.
#include "mkpxerd/netboot/root/root_files.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <sys/stat.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {

std::optional<std::filesystem::path> find_in_root(const System& system, std::string_view path) {
    const Sysroot root(system.host(new_root));
    const auto place = root.resolve(path);
    return place ? std::optional(root.host(place->path)) : std::nullopt;
}

Result<std::string> read_in_root(const System& system, std::string_view path) {
    const auto place = find_in_root(system, path);
    return place ? read_regular(*place) : Result<std::string>(std::string());
}

Result<std::filesystem::path> make_root_directory(const System& system, std::string_view path,
                                                  unsigned mode) {
    if (auto existing = find_in_root(system, path)) return std::move(*existing);
    const auto slash = path.rfind('/');
    std::filesystem::path parent = system.host(new_root);
    if (slash != std::string_view::npos) {
        MKPXERD_TRY_ASSIGN(parent, make_root_directory(system, path.substr(0, slash)));
    }
    const auto directory = parent / path.substr(slash + 1); // npos + 1 is 0
    if (::mkdir(directory.c_str(), mode) != 0)
        return fail_errno(directory.string(), "cannot create directory", errno);
    return directory;
}

Result<void> replace_file(const std::filesystem::path& place, std::string_view content, unsigned mode) {
    std::error_code ignored; // the write reports what matters
    std::filesystem::remove(place, ignored);
    return write_file(place, content, mode);
}

Result<bool> write_if_missing(const System& system, const std::string& path, std::string_view content,
                              unsigned mode) {
    const Sysroot root(system.host(new_root));
    const std::string wanted = clean_path(path);
    if (root.resolve_parent(wanted)) return false;
    const auto slash = wanted.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : wanted.substr(0, slash);
    auto directory = root.resolve(parent);
    if (!directory) {
        std::error_code error;
        std::filesystem::create_directories(root.host(parent), error);
        directory = root.resolve(parent);
        if (error || !directory) return fail(path, fmt::format("cannot be written: {}", error.message()));
    }
    MKPXERD_TRY(write_file(root.host(directory->path) / wanted.substr(slash + 1), content, mode));
    return true;
}

Result<void> append_lines(const std::filesystem::path& place, std::string_view lines) {
    MKPXERD_TRY_ASSIGN(std::string content, read_regular(place));
    if (!content.empty() && content.back() != '\n') content += '\n';
    return write_file(place, content.append(lines));
}

} // namespace mkpxerd::netboot
