// SPDX-License-Identifier: MIT
// Each entry is written through a descriptor of its parent directory, so that no link can redirect the write.
#include "mkpxerd/netboot/root/root_writer.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/free_memory.hpp"

namespace mkpxerd::netboot {
namespace {

using wrap::TarEntry;
using Kind = TarEntry::Kind;

constexpr std::uint64_t reserved_memory = std::uint64_t{12} << 20; // with less, the kernel kills the init
constexpr std::uint64_t memory_check_interval = std::uint64_t{4} << 20; // bytes written between two checks
constexpr std::uint64_t bytes_of_entry = 2048;                          // inode and name, in the kernel

Result<void> remove_old(int directory, const std::string& name, const std::string& path) {
    if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    if (errno == EISDIR || errno == EPERM) {
        if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) == 0) return {};
    }
    return entry_failure(path, "cannot replace the existing file", errno);
}

} // namespace

std::uint64_t memory_for_archives() {
    return free_memory(reserved_memory);
}

Result<RootWriter> RootWriter::open(const std::filesystem::path& root, FreeMemory free_memory) {
    MKPXERD_TRY_ASSIGN(auto directory, RootDirectory::open(root));
    return RootWriter(std::move(directory), std::move(free_memory));
}

Result<void> RootWriter::count(const TarEntry& entry, std::uint64_t bytes) {
    written_ += bytes;
    if (written_ - checked_at_ < memory_check_interval) return {};
    checked_at_ = written_;
    if (free_memory_() > 0) return {};
    return fail(entry.path,
                fmt::format("cannot be unpacked: less than {} of memory is left after {}",
                            human_bytes(reserved_memory), human_bytes(written_)),
                "give the machine more memory", Failure::NoSpaceToUnpack);
}

// A sparse file may end in a hole, which has no block: its size is set.
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

Result<void> RootWriter::write(const TarEntry& entry, wrap::TarReader& content) {
    if (entry.kind == Kind::Socket) return {}; // useless without its process
    std::uint64_t kernel_bytes = bytes_of_entry;
    for (const auto& [name, value] : entry.attributes)
        kernel_bytes += name.size() + value.size();
    MKPXERD_TRY(count(entry, kernel_bytes));
    MKPXERD_TRY_ASSIGN(const EntryPlace at, root_.place(entry.path, true));
    const DirectoryTime kept(at.directory.get());
    if (entry.kind == Kind::Directory) return write_directory(entry, at);
    if (at.name.empty())
        return fail(entry.path, "names the root itself, but is not a directory", {}, Failure::ArchiveEscapes);
    if (entry.kind == Kind::Hardlink) return write_hardlink(entry, at);
    MKPXERD_TRY(remove_old(at.directory.get(), at.name, entry.path));
    return entry.kind == Kind::Regular ? write_regular(entry, at, content) : write_special(entry, at);
}

Result<void> RootWriter::write_directory(const TarEntry& entry, const EntryPlace& at) {
    if (at.name.empty()) return {}; // the root keeps its own mode
    if (::mkdirat(at.directory.get(), at.name.c_str(), new_directory_mode) != 0) {
        if (errno != EEXIST) return entry_failure(entry.path, "cannot create directory", errno);
        struct stat st {};
        if (::fstatat(at.directory.get(), at.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
            return entry_failure(entry.path, "cannot stat", errno);
        if (S_ISLNK(st.st_mode)) {
            // "lib" in a root where it is a link into /usr: the link stays, and its directory is used.
            return root_.check_directory(entry.path);
        }
        if (!S_ISDIR(st.st_mode)) {
            MKPXERD_TRY(remove_old(at.directory.get(), at.name, entry.path));
            if (::mkdirat(at.directory.get(), at.name.c_str(), new_directory_mode) != 0)
                return entry_failure(entry.path, "cannot create directory", errno);
        }
    }
    const UniqueFd fd(
        ::openat(at.directory.get(), at.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return entry_failure(entry.path, "cannot open", errno);
    MKPXERD_TRY(set_attributes(fd.get(), entry));
    attributes_.set(at, entry);
    return {};
}

Result<void> RootWriter::write_regular(const TarEntry& entry, const EntryPlace& at,
                                       wrap::TarReader& content) {
    const UniqueFd fd(::openat(at.directory.get(), at.name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return entry_failure(entry.path, "cannot create", errno);
    MKPXERD_TRY(copy_content(entry, fd.get(), content));
    MKPXERD_TRY(set_attributes(fd.get(), entry));
    attributes_.set(at, entry);
    return {};
}

Result<void> RootWriter::write_hardlink(const TarEntry& entry, const EntryPlace& at) {
    MKPXERD_TRY_ASSIGN(const EntryPlace target, root_.place(entry.target, false));
    struct stat st {};
    if (::fstatat(target.directory.get(), target.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
        return entry_failure(entry.path,
                             fmt::format("is a hard link to {}, which does not exist", entry.target), errno);
    struct stat own {};
    const bool same = ::fstatat(at.directory.get(), at.name.c_str(), &own, AT_SYMLINK_NOFOLLOW) == 0 &&
                      own.st_ino == st.st_ino && own.st_dev == st.st_dev;
    if (same) return {};
    MKPXERD_TRY(remove_old(at.directory.get(), at.name, entry.path));
    if (::linkat(target.directory.get(), target.name.c_str(), at.directory.get(), at.name.c_str(), 0) != 0)
        return entry_failure(entry.path, fmt::format("cannot link to {}", entry.target), errno);
    return {};
}

Result<void> RootWriter::write_special(const TarEntry& entry, const EntryPlace& at) {
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
    MKPXERD_TRY(set_attributes_at(at, entry));
    attributes_.set(at, entry);
    return {};
}

} // namespace mkpxerd::netboot
