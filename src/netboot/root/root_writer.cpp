// SPDX-License-Identifier: MIT
// Each entry is written through a descriptor of its parent directory, so that nobody's link can lead
// elsewhere.
#include "mkpxerd/netboot/root/root_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/free_memory.hpp"

namespace mkpxerd::netboot {
namespace {

using wrap::TarEntry;
using Kind = TarEntry::Kind;

constexpr mode_t parent_mode = 0755; // of directories that the archive does not mention

constexpr std::uint64_t spared_memory = std::uint64_t{12} << 20; // below it, the kernel ends the init
constexpr std::uint64_t looked_after = std::uint64_t{4} << 20;   // bytes between two looks at the memory
constexpr std::uint64_t bytes_of_entry = 2048;                   // inode and name, in the kernel
constexpr std::size_t most_name_bytes = std::size_t{16} << 20;
// tmpfs looks through the attributes of a file one by one, and counts none of them.
constexpr std::size_t most_attributes = 64;
constexpr std::size_t most_attribute_bytes = std::size_t{64} << 10; // XATTR_SIZE_MAX

tl::unexpected<Error> entry_failure(const std::string& path, std::string_view what, int number) {
    const Failure code =
        number == ENOSPC || number == EDQUOT ? Failure::NoSpaceToUnpack : Failure::CannotUnpack;
    const char* hint =
        number == ENOSPC ? "the root file system is too small: more memory, or rootflags=size=" : "";
    return fail(path, fmt::format("{}: {}", what, std::generic_category().message(number)), hint, code);
}

// Names as archives have them: "./etc/hosts", "etc/". Nothing that leads out of the root.
Result<std::string> safe_path(const std::string& path) {
    if (path.starts_with('/')) return fail(path, "has an absolute name", {}, Failure::ArchiveEscapes);
    for (const auto piece : split(path, '/'))
        if (piece == "..")
            return fail(path, "has a name that leads out of the root", {}, Failure::ArchiveEscapes);
    if (path.find('\0') != std::string::npos)
        return fail(path, "has a name with a NUL", {}, Failure::ArchiveEscapes);
    return clean_path(path);
}

void set_times(const TarEntry& entry, timespec (&times)[2]) {
    times[0] = {};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = entry.mtime;
    times[1].tv_nsec = entry.mtime_nanoseconds;
}

// Owner first: chown(2) clears setuid.
Result<void> set_attributes(int fd, const TarEntry& entry) {
    timespec times[2];
    set_times(entry, times);
    if (::fchown(fd, entry.uid, entry.gid) != 0) return entry_failure(entry.path, "cannot set owner", errno);
    if (::fchmod(fd, entry.mode) != 0) return entry_failure(entry.path, "cannot set mode", errno);
    if (::futimens(fd, times) != 0) return entry_failure(entry.path, "cannot set time", errno);
    return {};
}

Result<void> remove_old(int directory, const std::string& name, const std::string& path) {
    if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    if (errno == EISDIR || errno == EPERM) {
        if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) == 0) return {};
    }
    return entry_failure(path, "cannot replace what is there", errno);
}

UniqueFd open_in_root(int root, const char* path) {
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how)));
}

// What is written into a directory changes its time, which may be the one that the archive gave it.
class DirectoryTime {
  public:
    explicit DirectoryTime(int directory) : directory_(directory), known_(::fstat(directory, &st_) == 0) {}
    DirectoryTime(const DirectoryTime&) = delete;
    DirectoryTime& operator=(const DirectoryTime&) = delete;
    ~DirectoryTime() {
        timespec times[2] = {{0, UTIME_OMIT}, st_.st_mtim};
        if (known_)
            (void)::utimensat(directory_, ".", times, 0); // of a directory of somebody else it stays changed
    }

  private:
    int directory_;
    struct stat st_ {};
    bool known_;
};

} // namespace

std::uint64_t memory_for_archives() {
    return free_memory(spared_memory);
}

Result<void> RootWriter::count(const TarEntry& entry, std::uint64_t bytes) {
    written_ += bytes;
    if (written_ - looked_at_ < looked_after) return {};
    looked_at_ = written_;
    if (free_memory_() > 0) return {};
    return fail(entry.path,
                fmt::format("cannot be kept: less than {} of memory are left after {}",
                            human_bytes(spared_memory), human_bytes(written_)),
                "more memory", Failure::NoSpaceToUnpack);
}

// What stands behind an empty hole at the end of a sparse file is its size.
Result<void> RootWriter::copy_content(const TarEntry& entry, int fd, wrap::TarReader& content) {
    while (true) {
        MKPXERD_TRY_ASSIGN(auto block, content.read());
        if (!block) break;
        MKPXERD_TRY(count(entry, block->bytes.size()));
        while (!block->bytes.empty()) {
            const ssize_t put =
                ::pwrite(fd, block->bytes.data(), block->bytes.size(), static_cast<off_t>(block->offset));
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return entry_failure(entry.path, "cannot write", errno);
            block->bytes = block->bytes.subspan(static_cast<std::size_t>(put));
            block->offset += static_cast<std::uint64_t>(put);
        }
    }
    if (::ftruncate(fd, static_cast<off_t>(entry.size)) != 0)
        return entry_failure(entry.path, "cannot write", errno);
    return {};
}

Result<RootWriter> RootWriter::open(const std::filesystem::path& root, FreeMemory free_memory) {
    UniqueFd fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail_errno(root.string(), "cannot open", errno);
    // Nothing else resolves links inside a root without a race: a fallback that might lead out is none.
    if (const UniqueFd probe = open_in_root(fd.get(), "."); !probe && errno == ENOSYS)
        return fail(root.string(), "archives are not unpacked: this kernel has no openat2(2)",
                    "Linux 5.6 or later has it", Failure::NoSafeUnpacking);
    return RootWriter(std::move(fd), std::move(free_memory));
}

Result<UniqueFd> RootWriter::open_beneath(const std::string& path) const {
    UniqueFd fd = open_in_root(root_.get(), path.empty() ? "." : path.c_str());
    if (!fd) return entry_failure(path, "cannot open", errno);
    return fd;
}

// How much of a path is there: the length of it, up to the end of a name. Halving, since a path may have two
// thousand names, and each look at it takes them all.
std::size_t RootWriter::existing_part(const std::string& path) const {
    std::vector<std::size_t> ends = {0};
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1))
        ends.push_back(at);
    std::size_t there = 0;
    for (std::size_t missing = ends.size(); missing - there > 1;) {
        const std::size_t middle = there + (missing - there) / 2;
        if (open_in_root(root_.get(), path.substr(0, ends[middle]).c_str()))
            there = middle;
        else
            missing = middle;
    }
    return ends[there];
}

Result<UniqueFd> RootWriter::make_directories(const std::string& path) {
    std::size_t at = existing_part(path);
    MKPXERD_TRY_ASSIGN(UniqueFd directory, open_beneath(path.substr(0, at)));
    while (at < path.size()) {
        const std::size_t begin = at == 0 ? 0 : at + 1;
        at = std::min(path.find('/', begin), path.size());
        const std::string name = path.substr(begin, at - begin);
        if (const DirectoryTime kept(directory.get());
            ::mkdirat(directory.get(), name.c_str(), parent_mode) != 0 && errno != EEXIST)
            return entry_failure(path, "cannot make directory", errno);
        UniqueFd next(::openat(directory.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next) { // a link: it starts at the root
            MKPXERD_TRY_ASSIGN(next, open_beneath(path.substr(0, at)));
        }
        directory = std::move(next);
    }
    return directory;
}

Result<RootWriter::Place> RootWriter::place(const std::string& entry_path, bool make_parents) {
    MKPXERD_TRY_ASSIGN(const std::string path, safe_path(entry_path));
    const auto slash = path.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
    auto directory = open_beneath(parent);
    if (!directory && make_parents) directory = make_directories(parent);
    if (!directory) return fail(std::move(directory).error());
    return Place{std::move(*directory), path.substr(slash + 1)};
}

// security.capability goes with every chown(2) and write(2): the attributes come last. By /proc, as there was
// no setxattrat(2) before Linux 6.13, and a link has no other way.
void RootWriter::keep_attributes(const TarEntry& entry, const Place& at) {
    if (entry.has_acl) lose("access control lists", fmt::format("{}: they are not read", entry.path));
    const std::string path = fmt::format("/proc/self/fd/{}/{}", at.directory.get(), at.name);
    std::size_t number = 0;
    std::size_t bytes = 0;
    for (const auto& [name, value] : entry.attributes) {
        bytes += name.size() + value.size();
        if (++number > most_attributes || bytes > most_attribute_bytes) {
            lose("attributes", fmt::format("those of {} from {} on: a file may have {}, of {} bytes together",
                                           entry.path, excerpt(name), most_attributes, most_attribute_bytes));
            break;
        }
        if (::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) != 0)
            lose(fmt::format("attributes {}.*", excerpt(std::string_view(name).substr(0, name.find('.')))),
                 fmt::format("{} of {}: {}", excerpt(name), entry.path,
                             std::generic_category().message(errno)));
    }
}

void RootWriter::lose(std::string_view kind, std::string_view first) {
    // Whatever an archive makes up, there are no more lines than a screen holds.
    constexpr std::size_t most_kinds = 8;
    auto lost = lost_.find(kind);
    if (lost == lost_.end()) {
        if (lost_.size() >= most_kinds) return;
        lost = lost_.emplace(kind, Lost{0, std::string(first)}).first;
    }
    ++lost->second.count;
}

std::vector<std::string> RootWriter::lost_attributes() const {
    std::vector<std::string> texts;
    for (const auto& [kind, lost] : lost_)
        texts.push_back(fmt::format("{}: {} not kept, first {}", kind, lost.count, lost.first));
    return texts;
}

Result<void> RootWriter::write(const TarEntry& entry, wrap::TarReader& content) {
    if (entry.kind == Kind::Socket) return {}; // means nothing without its process
    std::uint64_t kernel_bytes = bytes_of_entry;
    for (const auto& [name, value] : entry.attributes)
        kernel_bytes += name.size() + value.size();
    MKPXERD_TRY(count(entry, kernel_bytes));
    MKPXERD_TRY_ASSIGN(const Place at, place(entry.path, true));
    const DirectoryTime kept(at.directory.get());
    if (entry.kind == Kind::Directory) return write_directory(entry, at);
    if (at.name.empty())
        return fail(entry.path, "is the root itself, and no directory", {}, Failure::ArchiveEscapes);
    if (entry.kind == Kind::Hardlink) return write_hardlink(entry, at);
    MKPXERD_TRY(remove_old(at.directory.get(), at.name, entry.path));
    return entry.kind == Kind::Regular ? write_regular(entry, at, content) : write_special(entry, at);
}

Result<void> RootWriter::write_directory(const TarEntry& entry, const Place& at) {
    if (at.name.empty()) return {}; // the root keeps its own mode
    if (::mkdirat(at.directory.get(), at.name.c_str(), parent_mode) != 0) {
        if (errno != EEXIST) return entry_failure(entry.path, "cannot make directory", errno);
        struct stat st {};
        if (::fstatat(at.directory.get(), at.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
            return entry_failure(entry.path, "cannot stat", errno);
        if (S_ISLNK(st.st_mode)) {
            // "lib" of a root that has it as a link into /usr: the link stays, its directory is used.
            MKPXERD_TRY_ASSIGN(const std::string path, safe_path(entry.path));
            MKPXERD_TRY(open_beneath(path));
            return {};
        }
        if (!S_ISDIR(st.st_mode)) {
            MKPXERD_TRY(remove_old(at.directory.get(), at.name, entry.path));
            if (::mkdirat(at.directory.get(), at.name.c_str(), parent_mode) != 0)
                return entry_failure(entry.path, "cannot make directory", errno);
        }
    }
    const UniqueFd fd(
        ::openat(at.directory.get(), at.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return entry_failure(entry.path, "cannot open", errno);
    MKPXERD_TRY(set_attributes(fd.get(), entry));
    keep_attributes(entry, at);
    return {};
}

Result<void> RootWriter::write_regular(const TarEntry& entry, const Place& at, wrap::TarReader& content) {
    const UniqueFd fd(::openat(at.directory.get(), at.name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return entry_failure(entry.path, "cannot create", errno);
    MKPXERD_TRY(copy_content(entry, fd.get(), content));
    MKPXERD_TRY(set_attributes(fd.get(), entry));
    keep_attributes(entry, at);
    return {};
}

Result<void> RootWriter::write_hardlink(const TarEntry& entry, const Place& at) {
    MKPXERD_TRY_ASSIGN(const Place target, place(entry.target, false));
    struct stat st {};
    if (::fstatat(target.directory.get(), target.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
        return entry_failure(entry.path,
                             fmt::format("is a hard link to {}, which is not there", entry.target), errno);
    struct stat own {};
    const bool same = ::fstatat(at.directory.get(), at.name.c_str(), &own, AT_SYMLINK_NOFOLLOW) == 0 &&
                      own.st_ino == st.st_ino && own.st_dev == st.st_dev;
    if (same) return {};
    MKPXERD_TRY(remove_old(at.directory.get(), at.name, entry.path));
    if (::linkat(target.directory.get(), target.name.c_str(), at.directory.get(), at.name.c_str(), 0) != 0)
        return entry_failure(entry.path, fmt::format("cannot link to {}", entry.target), errno);
    return {};
}

Result<void> RootWriter::write_special(const TarEntry& entry, const Place& at) {
    const char* name = at.name.c_str();
    const int directory = at.directory.get();
    int status = 0;
    if (entry.kind == Kind::Symlink) {
        status = ::symlinkat(entry.target.c_str(), directory, name);
    } else {
        const mode_t type = entry.kind == Kind::CharacterDevice ? S_IFCHR
                            : entry.kind == Kind::BlockDevice   ? S_IFBLK
                                                                : S_IFIFO;
        status = ::mknodat(directory, name, type | 0600, makedev(entry.device_major, entry.device_minor));
    }
    if (status != 0) return entry_failure(entry.path, "cannot create", errno);
    if (::fchownat(directory, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0)
        return entry_failure(entry.path, "cannot set owner", errno);
    if (entry.kind != Kind::Symlink && ::fchmodat(directory, name, entry.mode, 0) != 0)
        return entry_failure(entry.path, "cannot set mode", errno);
    timespec times[2];
    set_times(entry, times);
    if (::utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW) != 0)
        return entry_failure(entry.path, "cannot set time", errno);
    keep_attributes(entry, at);
    return {};
}

namespace {

// "/etc/hosts" -> "etc/hosts", as tar(1) does without -P. True: there was something to take off.
bool make_relative(std::string& name) {
    const auto start = std::min(name.find_first_not_of('/'), name.size());
    name.erase(0, start);
    if (name.empty()) name = ".";
    return start > 0;
}

} // namespace

Result<Unpacked> unpack_tar(const std::filesystem::path& archive, const std::filesystem::path& root,
                            const UnpackOptions& options) {
    const auto damaged = [](const Error& error) {
        Problem problem = error.first();
        if (problem.code == Failure::None) problem.code = Failure::DamagedArchive;
        return fail(Error(std::move(problem)));
    };
    Unpacked unpacked;
    std::size_t absolute = 0;
    std::size_t name_bytes = 0;
    auto reader = wrap::TarReader::open(archive);
    if (!reader) return damaged(reader.error());
    MKPXERD_TRY_ASSIGN(RootWriter writer, RootWriter::open(root, options.free_memory));
    while (true) {
        auto entry = reader->next();
        if (!entry) return damaged(entry.error());
        if (!*entry) break;
        const bool renamed = make_relative((*entry)->path);
        const bool led = (*entry)->kind == Kind::Hardlink && make_relative((*entry)->target);
        if (renamed || led) ++absolute;
        if (auto written = writer.write(**entry, *reader); !written) return damaged(written.error());
        ++unpacked.entries;
        if (!options.keep_names) continue;
        name_bytes += sizeof(std::string) + (*entry)->path.size();
        if (name_bytes > most_name_bytes)
            return fail(
                (*entry)->path,
                fmt::format("the names up to this entry take more than {} bytes of memory", most_name_bytes),
                "as root=, an archive of any size is taken, and without apk in the image an apkovl too",
                Failure::ExcessiveArchive);
        unpacked.names.push_back(std::move((*entry)->path));
    }
    unpacked.warnings = writer.lost_attributes();
    if (absolute > 0)
        unpacked.warnings.push_back(
            fmt::format("{} names begin with \"/\" (tar -P): taken as names below the root", absolute));
    return unpacked;
}

} // namespace mkpxerd::netboot
