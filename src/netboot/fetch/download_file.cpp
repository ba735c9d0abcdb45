// SPDX-License-Identifier: MIT
// Writes do not block for long, because the destination is memory (tmpfs, or the initramfs itself).
#include "mkpxerd/netboot/fetch/download_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits>
#include <sys/statvfs.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/free_memory.hpp"
#include "mkpxerd/netboot/runtime/private_files.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr Failure code = Failure::CannotStore;
// Reserved for the kernel and the init. With less, the kernel would kill the only process.
constexpr std::uint64_t reserved_memory = std::uint64_t{24} << 20;
constexpr std::uint64_t memory_check_interval = std::uint64_t{8} << 20; // bytes

tl::unexpected<Error> failed(const std::filesystem::path& path, const char* what, int error) {
    const char* hint = error == ENOSPC || error == ENOMEM
                           ? "give the machine more memory, or enlarge the root with rootflags=size="
                           : "";
    return fail(path.string(), fmt::format("{}: {}", what, std::strerror(error)), hint, code);
}

} // namespace

Result<DownloadFile> DownloadFile::create(const std::filesystem::path& destination) {
    make_private_directory(destination.parent_path());
    std::string pattern =
        (destination.parent_path() / ("." + destination.filename().string() + ".part-XXXXXX")).string();
    UniqueFd fd(::mkostemp(pattern.data(), O_CLOEXEC));
    if (!fd) return failed(destination, "cannot create a temporary file beside it", errno);
    return DownloadFile(destination, pattern, std::move(fd));
}

DownloadFile::~DownloadFile() {
    if (fd_) ::unlink(path_.c_str());
}

Result<void> DownloadFile::write(std::span<const char> bytes) {
    if (size_ / memory_check_interval != (size_ + bytes.size()) / memory_check_interval &&
        free_memory(reserved_memory) == 0)
        return failed(destination_,
                      fmt::format("does not fit into memory after {}", human_bytes(size_)).c_str(), ENOMEM);
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const int error = errno;
            return failed(destination_, fmt::format("cannot write after {}", human_bytes(size_)).c_str(),
                          error);
        }
        size_ += static_cast<std::uint64_t>(written);
        if (hash_) hash_->update(std::as_bytes(bytes.first(static_cast<std::size_t>(written))));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

void DownloadFile::hash() {
    hash_.emplace();
}

std::string DownloadFile::digest() {
    return wrap::to_hex(hash_->finish());
}

Result<void> DownloadFile::restart() {
    if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) != 0)
        return failed(destination_, "cannot start over", errno);
    size_ = 0;
    if (hash_) hash_.emplace();
    return {};
}

Result<void> DownloadFile::expect(std::uint64_t total) const {
    struct statvfs room {};
    std::uint64_t free = free_memory(reserved_memory);
    if (::fstatvfs(fd_.get(), &room) == 0 && room.f_blocks != 0) // ramfs does not have a limit of its own
        free = std::min(free, std::uint64_t{room.f_bavail} * room.f_frsize);
    if (total <= size_ || total - size_ <= free) return {};
    free += size_;
    return fail(destination_.string(),
                fmt::format("needs {}, and only {} are free", human_bytes(total), human_bytes(free)),
                "give the machine more memory, or enlarge the root with rootflags=size=", code);
}

Result<void> DownloadFile::commit() {
    if (::rename(path_.c_str(), destination_.c_str()) != 0) // with the mode 0600 of mkostemp(3)
        return failed(destination_, "cannot rename the temporary file", errno);
    fd_.reset();
    return {};
}

} // namespace mkpxerd::netboot
