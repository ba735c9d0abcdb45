// SPDX-License-Identifier: MIT
// Each call works on a descriptor or beneath one, never on a whole path.
#include "mkpxerd/netboot/root/entry_attributes.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {
namespace {

using wrap::TarEntry;

// tmpfs searches the attributes of a file one by one, and does not count their bytes.
constexpr std::size_t max_attributes = 64;
constexpr std::size_t max_attribute_bytes = std::size_t{64} << 10; // XATTR_SIZE_MAX

void set_times(const TarEntry& entry, timespec (&times)[2]) {
    times[0] = {};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = entry.mtime;
    times[1].tv_nsec = entry.mtime_nanoseconds;
}

} // namespace

// Owner first: chown(2) clears setuid.
Result<void> set_attributes(int fd, const TarEntry& entry) {
    timespec times[2];
    set_times(entry, times);
    if (::fchown(fd, entry.uid, entry.gid) != 0) return entry_failure(entry.path, "cannot set owner", errno);
    if (::fchmod(fd, entry.mode) != 0) return entry_failure(entry.path, "cannot set mode", errno);
    if (::futimens(fd, times) != 0) return entry_failure(entry.path, "cannot set time", errno);
    return {};
}

Result<void> set_attributes_at(const EntryPlace& place, const TarEntry& entry) {
    const int directory = place.directory.get();
    const char* name = place.name.c_str();
    if (::fchownat(directory, name, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0)
        return entry_failure(entry.path, "cannot set owner", errno);
    if (entry.kind != TarEntry::Kind::Symlink && ::fchmodat(directory, name, entry.mode, 0) != 0)
        return entry_failure(entry.path, "cannot set mode", errno);
    timespec times[2];
    set_times(entry, times);
    if (::utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW) != 0)
        return entry_failure(entry.path, "cannot set time", errno);
    return {};
}

DirectoryTime::~DirectoryTime() {
    timespec times[2] = {{0, UTIME_OMIT}, st_.st_mtim};
    if (known_) (void)::utimensat(directory_, ".", times, 0); // another user's directory stays changed
}

// Must come last: chown(2) and write(2) remove security.capability. Uses /proc because links had no other way
// before setxattrat(2) in Linux 6.13.
void ExtendedAttributes::set(const EntryPlace& place, const TarEntry& entry) {
    if (entry.has_acl) lose("access control lists", fmt::format("{}: not supported", entry.path));
    const std::string path = fmt::format("/proc/self/fd/{}/{}", place.directory.get(), place.name);
    std::size_t number = 0;
    std::size_t bytes = 0;
    for (const auto& [name, value] : entry.attributes) {
        bytes += name.size() + value.size();
        if (++number > max_attributes || bytes > max_attribute_bytes) {
            lose("attributes",
                 fmt::format("those of {} from {} on: the limit for a file is {} attributes and {} bytes",
                             entry.path, excerpt(name), max_attributes, max_attribute_bytes));
            break;
        }
        if (::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) != 0)
            lose(fmt::format("attributes {}.*", excerpt(std::string_view(name).substr(0, name.find('.')))),
                 fmt::format("{} of {}: {}", excerpt(name), entry.path,
                             std::generic_category().message(errno)));
    }
}

void ExtendedAttributes::lose(std::string_view kind, std::string_view first) {
    // Limits the warnings of one archive to a screen.
    constexpr std::size_t max_kinds = 8;
    auto lost = lost_.find(kind);
    if (lost == lost_.end()) {
        if (lost_.size() >= max_kinds) return;
        lost = lost_.emplace(kind, Lost{0, std::string(first)}).first;
    }
    ++lost->second.count;
}

std::vector<std::string> ExtendedAttributes::lost() const {
    std::vector<std::string> texts;
    for (const auto& [kind, lost] : lost_)
        texts.push_back(fmt::format("{}: {} not kept, first {}", kind, lost.count, lost.first));
    return texts;
}

} // namespace mkpxerd::netboot
