// SPDX-License-Identifier: MIT
// Links are followed one by one, each held open while it is checked, so that nobody can change it meanwhile.
#include "mkpxerd/base/output_place.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <deque>
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

constexpr const char* own_descriptors = "/proc/self/fd";

bool is_same(const struct stat& a, const struct stat& b) {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// The number of "/proc/self/fd/1", also by way of /dev/fd.
std::optional<int> own_descriptor(const fs::path& link) {
    const std::string name = link.filename().string();
    const auto number = parse_number(name);
    struct stat directory {};
    struct stat own {};
    if (!number || *number > INT_MAX || ::stat(directory_of(link).c_str(), &directory) != 0 ||
        ::stat(own_descriptors, &own) != 0 || !is_same(directory, own))
        return std::nullopt;
    return static_cast<int>(*number);
}

// may_follow_link() and may_create_in_sticky() of fs/namei.c, whatever the sysctl says: in a sticky
// world-writable directory, links of others could redirect root, and their pipes could receive private data.
bool is_trap(const struct stat& entry, const UniqueFd& directory) {
    constexpr mode_t sticky_for_all = S_ISVTX | S_IWOTH;
    struct stat around {};
    return entry.st_uid != ::geteuid() && ::fstat(directory.get(), &around) == 0 &&
           (around.st_mode & sticky_for_all) == sticky_for_all && around.st_uid != entry.st_uid;
}

tl::unexpected<Error> refuse_trap(const fs::path& named, const fs::path& trap, std::string_view kind,
                                  std::string hint) {
    return fail(named.string(),
                fmt::format("{} is a {} that another user put into a directory where all may write",
                            trap.string(), kind),
                std::move(hint));
}

// A link of procfs to an open file: its text need not be a path.
bool is_of_procfs(const UniqueFd& link) {
    struct statfs file_system {};
    return ::fstatfs(link.get(), &file_system) == 0 && file_system.f_type == PROC_SUPER_MAGIC;
}

UniqueFd look_at(const UniqueFd& directory, const std::string& name, int flags) {
    return UniqueFd(::openat(directory.get(), name.c_str(), O_PATH | O_CLOEXEC | flags));
}

// Follows a path through directories and links, step by step.
class Way {
  public:
    explicit Way(const fs::path& named) : named_(named) { lead(named); }

    // The end of all links, or the link to an open file of a process.
    Result<OutputPlace> walk() {
        while (!ahead_.empty()) {
            const std::string name = std::move(ahead_.front());
            ahead_.pop_front();
            if (name.empty() || name == ".") continue;
            if (name == "..") {
                climb();
                continue;
            }
            UniqueFd entry = look_at(at_, name, O_NOFOLLOW);
            struct stat st {};
            // Missing or unreachable: writing there reports why.
            if (!entry || ::fstat(entry.get(), &st) != 0) return stop(name, UniqueFd());
            if (S_ISLNK(st.st_mode)) {
                if (is_of_procfs(entry)) {
                    if (ahead_.empty()) return stream_at(name);
                    entry = look_at(at_, name, O_DIRECTORY);
                    if (!entry) return stop(name, UniqueFd());
                } else {
                    MKPXERD_TRY(follow(name, entry, st));
                    continue;
                }
            } else if (ahead_.empty() || !S_ISDIR(st.st_mode)) {
                return stop(name, std::move(entry));
            }
            at_ = std::move(entry);
            text_ /= name;
        }
        OutputPlace place;
        place.path = text_.empty() ? fs::path(".") : text_;
        place.target = std::move(at_);
        return place;
    }

  private:
    void lead(const fs::path& path) {
        if (path.is_absolute() || !at_) {
            text_ = path.is_absolute() ? "/" : "";
            at_.reset(::open(path.is_absolute() ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
        }
        std::deque<std::string> pieces;
        for (const fs::path& piece : path.relative_path())
            pieces.push_back(piece.string());
        ahead_.insert(ahead_.begin(), pieces.begin(), pieces.end());
    }
    void climb() {
        at_ = look_at(at_, "..", O_DIRECTORY);
        const bool is_above = text_.empty() || text_.filename() == "..";
        text_ = is_above ? text_ / ".." : text_.parent_path();
    }
    Result<void> follow(const std::string& name, const UniqueFd& link, const struct stat& st) {
        if (++followed_ > max_links)
            return fail(named_.string(), "is part of a loop of links", "point it to a file");
        if (is_trap(st, at_))
            return refuse_trap(named_, text_ / name, "link", "name its target if you mean that file");
        std::array<char, PATH_MAX> target{};
        const ssize_t size = ::readlinkat(link.get(), "", target.data(), target.size());
        if (size <= 0) return fail_errno(named_.string(), "cannot be followed", errno);
        lead(std::string(target.data(), static_cast<std::size_t>(size)));
        return {};
    }
    OutputPlace stop(const std::string& name, UniqueFd entry) {
        OutputPlace place;
        place.path = text_ / name;
        if (ahead_.empty()) {
            place.name = name;
            place.directory = std::move(at_);
            place.target = std::move(entry);
        }
        for (const std::string& piece : ahead_)
            place.path /= piece;
        return place;
    }
    OutputPlace stream_at(const std::string& name) {
        OutputPlace place;
        place.path = text_ / name;
        place.descriptor = own_descriptor(place.path);
        place.is_stream = true;
        return place;
    }

    const fs::path& named_;
    UniqueFd at_;                   // the directory reached so far
    fs::path text_;                 // its path, without links
    std::deque<std::string> ahead_; // the rest of the path
    unsigned followed_ = 0;
};

Result<UniqueFd> connect_to(const UniqueFd& socket, const fs::path& named) {
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno(named.string(), "cannot open", errno);
    sockaddr_un address{};
    address.sun_family = AF_UNIX; // its path has at most 107 bytes
    const std::string path = fmt::format("{}/{}", own_descriptors, socket.get());
    std::copy(path.begin(), path.end(), address.sun_path);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno(named.string(), "cannot connect to this socket", errno);
    return fd;
}

std::string_view kind_of(const struct stat& st) {
    return S_ISFIFO(st.st_mode) ? "pipe" : S_ISSOCK(st.st_mode) ? "socket" : "device";
}

} // namespace

Result<OutputPlace> find_output(const fs::path& named) {
    if (named == "-") {
        OutputPlace output;
        output.path = named;
        output.descriptor = STDOUT_FILENO;
        output.is_stream = true;
        return output;
    }
    MKPXERD_TRY_ASSIGN(OutputPlace place, Way(named).walk());
    struct stat st {};
    if (!place.target || ::fstat(place.target.get(), &st) != 0) return place;
    if (S_ISDIR(st.st_mode)) return fail(named.string(), "is a directory", "name the file to write");
    place.is_stream = !S_ISREG(st.st_mode);
    if (place.is_stream && place.directory && is_trap(st, place.directory))
        return refuse_trap(named, place.path, kind_of(st), "name another file");
    return place;
}

Result<OutputPlace> find_output_directory(const fs::path& named) {
    return Way(named).walk();
}

Result<OutputPlace> output_in_tree(const fs::path& root, std::string_view path) {
    const Sysroot tree(root);
    const std::string clean = clean_path(path);
    const auto refuse = [&](std::string text, const std::string& first) {
        return fail(tree.host(clean).string(), std::move(text), first + ", or name the output with -o");
    };
    const auto there = tree.resolve(clean);
    if (!there && tree.resolve_parent(clean)) return refuse("is a dangling link in the tree", "remove it");
    const std::string file = there ? there->path : clean; // whose last component is not a link
    const auto slash = file.rfind('/');
    const std::string directory = slash == std::string::npos ? "" : file.substr(0, slash);
    const auto real = tree.resolve(directory);
    OutputPlace place;
    // The directory is held open, so that the owner of the tree cannot replace it by one outside.
    if (real) place.directory = tree.file(real->path).try_open(O_PATH | O_DIRECTORY);
    if (!place.directory)
        return refuse("is in a directory that does not exist in the tree", "create the directory");
    place.name = file.substr(slash + 1); // npos + 1 is 0
    place.path = tree.host(real->path) / place.name;
    struct stat st {};
    if (!place.name.empty()) place.target = look_at(place.directory, place.name, O_NOFOLLOW);
    const bool is_new = !place.name.empty() && !place.target && is_absence(errno);
    if (!is_new && (!place.target || ::fstat(place.target.get(), &st) != 0 || !S_ISREG(st.st_mode)))
        return refuse("is not a file that can be replaced", "remove it");
    return place;
}

Result<UniqueFd> open_stream(const OutputPlace& place, const fs::path& named) {
    if (place.descriptor) {
        UniqueFd fd(::fcntl(*place.descriptor, F_DUPFD_CLOEXEC, 0));
        if (!fd) return fail_errno(named.string(), "cannot be written", errno);
        if (::isatty(fd.get()) == 1)
            return fail(named.string(), "is a terminal, and an image is binary",
                        "redirect it to a file or a program: > FILE");
        return fd;
    }
    constexpr int flags = O_WRONLY | O_TRUNC | O_NOCTTY;
    struct stat st {};
    if (!place.target || ::fstat(place.target.get(), &st) != 0) return open_file(place.path, flags);
    if (S_ISSOCK(st.st_mode)) return connect_to(place.target, named);
    // The checked file, whatever its name is now. Without /proc: by its name.
    auto fd = open_file(fmt::format("{}/{}", own_descriptors, place.target.get()), flags);
    if (fd || ::access(own_descriptors, F_OK) != 0)
        return fd ? std::move(fd) : open_file(place.path, flags | O_NOFOLLOW);
    return fail(place.path.string(), fd.error().first().text);
}

bool is_standard_output(const fs::path& named) {
    const auto place = find_output(named);
    struct stat output {};
    struct stat own {};
    return place && place->descriptor && ::fstat(*place->descriptor, &output) == 0 &&
           ::fstat(STDOUT_FILENO, &own) == 0 && is_same(output, own);
}

} // namespace mkpxerd
