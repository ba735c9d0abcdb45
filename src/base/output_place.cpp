// SPDX-License-Identifier: MIT
// Links are followed one by one, each held open while it is judged, so that nobody can change it between.
#include "mkpxerd/base/output_place.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

namespace fs = std::filesystem;

constexpr unsigned most_links = 40; // as the kernel: MAXSYMLINKS, include/linux/namei.h
constexpr const char* own_descriptors = "/proc/self/fd";

fs::path folder_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

bool is_same(const struct stat& a, const struct stat& b) {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// The number of "/proc/self/fd/1", also by way of /dev/fd.
std::optional<int> own_descriptor(const fs::path& link) {
    const std::string name = link.filename().string();
    const auto number = parse_number(name);
    struct stat folder {};
    struct stat own {};
    if (!number || *number > INT_MAX || ::stat(folder_of(link).c_str(), &folder) != 0 ||
        ::stat(own_descriptors, &own) != 0 || !is_same(folder, own))
        return std::nullopt;
    return static_cast<int>(*number);
}

// may_follow_link() of fs/namei.c, whatever the sysctl says: in a sticky folder that all may write, links of
// others lead root where they want.
bool is_trap(const struct stat& link, const fs::path& folder) {
    constexpr mode_t sticky_for_all = S_ISVTX | S_IWOTH;
    struct stat around {};
    return link.st_uid != ::geteuid() && ::stat(folder.c_str(), &around) == 0 &&
           (around.st_mode & sticky_for_all) == sticky_for_all && around.st_uid != link.st_uid;
}

// A link of procfs to what a process has open: its text need not be a path.
bool is_of_procfs(const UniqueFd& link) {
    struct statfs file_system {};
    return ::fstatfs(link.get(), &file_system) == 0 && file_system.f_type == PROC_SUPER_MAGIC;
}

// The end of all links, or the one that leads to what a process has open.
Result<OutputPlace> follow(const fs::path& named) {
    OutputPlace place{named, std::nullopt, false};
    for (unsigned followed = 0; followed <= most_links; ++followed) {
        const UniqueFd link(::open(place.path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat st {};
        // Nothing there, or out of reach: whoever writes there is told why that fails.
        if (!link || ::fstat(link.get(), &st) != 0 || !S_ISLNK(st.st_mode)) return place;
        place.descriptor = own_descriptor(place.path);
        place.is_stream = is_of_procfs(link);
        if (place.is_stream) return place;
        const fs::path folder = folder_of(place.path);
        if (is_trap(st, folder))
            return fail(named.string(),
                        fmt::format("{} is a link that somebody else put into a folder where all may write",
                                    place.path.string()),
                        "name what it leads to, if that is meant");
        std::array<char, PATH_MAX> target{};
        const ssize_t size = ::readlinkat(link.get(), "", target.data(), target.size());
        if (size <= 0) return fail_errno(named.string(), "cannot be followed", errno);
        place.path = folder / std::string_view(target.data(), static_cast<std::size_t>(size));
    }
    return fail(named.string(), "is a link in a circle of links", "make it lead somewhere");
}

Result<UniqueFd> connect_to(const fs::path& socket, const fs::path& named) {
    const UniqueFd file(::open(socket.c_str(), O_PATH | O_CLOEXEC));
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!file || !fd) return fail_errno(named.string(), "cannot open", errno);
    sockaddr_un address{};
    address.sun_family = AF_UNIX; // its path has room for 107 bytes
    const std::string path = fmt::format("{}/{}", own_descriptors, file.get());
    std::copy(path.begin(), path.end(), address.sun_path);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno(named.string(), "cannot connect to this socket", errno);
    return fd;
}

} // namespace

Result<OutputPlace> find_output(const fs::path& named) {
    if (named == "-") return OutputPlace{named, STDOUT_FILENO, true};
    MKPXERD_TRY_ASSIGN(OutputPlace place, follow(named));
    struct stat st {};
    if (::stat(place.path.c_str(), &st) != 0) return place;
    if (S_ISDIR(st.st_mode)) return fail(named.string(), "is a folder", "name the file to write");
    place.is_stream = place.is_stream || !S_ISREG(st.st_mode);
    return place;
}

Result<fs::path> find_output_folder(const fs::path& named) {
    MKPXERD_TRY_ASSIGN(OutputPlace place, follow(named));
    return std::move(place.path);
}

Result<fs::path> output_in_tree(const fs::path& root, std::string_view path) {
    using Kind = Sysroot::Entry::Kind;
    const Sysroot tree(root);
    const std::string clean = clean_path(path);
    const auto there = tree.resolve(clean);
    if (!there) {
        const auto link = tree.resolve_parent(clean);
        if (link)
            return fail(tree.host(clean).string(), "is a link to nothing in the tree",
                        "remove it, or name the output with -o");
        const auto slash = clean.rfind('/');
        const auto folder = tree.resolve(slash == std::string::npos ? "" : clean.substr(0, slash));
        if (!folder)
            return fail(tree.host(clean).string(), "lies in a folder that is not there in the tree",
                        "make the folder, or name the output with -o");
        return tree.host(folder->path) / clean.substr(slash == std::string::npos ? 0 : slash + 1);
    }
    const auto entry = tree.entry(there->path);
    if (!entry || entry->kind != Kind::Regular)
        return fail(tree.host(clean).string(), "is no file that could be replaced",
                    "remove it, or name the output with -o");
    return tree.host(there->path);
}

Result<UniqueFd> open_stream(const OutputPlace& place, const fs::path& named) {
    if (place.descriptor) {
        UniqueFd fd(::fcntl(*place.descriptor, F_DUPFD_CLOEXEC, 0));
        if (!fd) return fail_errno(named.string(), "cannot be written", errno);
        if (::isatty(fd.get()) == 1)
            return fail(named.string(), "is a terminal, which an image would garble",
                        "send it to a file or a program: > FILE");
        return fd;
    }
    struct stat st {};
    if (::stat(place.path.c_str(), &st) == 0 && S_ISSOCK(st.st_mode)) return connect_to(place.path, named);
    return open_file(place.path, O_WRONLY | O_TRUNC | O_NOCTTY);
}

bool is_standard_output(const fs::path& named) {
    const auto place = find_output(named);
    struct stat output {};
    struct stat own {};
    return place && place->descriptor && ::fstat(*place->descriptor, &output) == 0 &&
           ::fstat(STDOUT_FILENO, &own) == 0 && is_same(output, own);
}

} // namespace mkpxerd
