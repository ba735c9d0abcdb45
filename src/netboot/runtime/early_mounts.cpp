// SPDX-License-Identifier: MIT
// The table of mounts, and how each is mounted.
#include "mkpxerd/netboot/runtime/early_mounts.hpp"

#include <array>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"
#include "mkpxerd/netboot/runtime/private_files.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr unsigned long safe_mount_flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

// devpts: 5 is the group tty everywhere; every distribution mounts it with these options.
const std::array<MountCall, 6>& table() {
    static const std::array<MountCall, 6> mounts = {{
        {"proc", "/proc", "proc", safe_mount_flags, {}},
        {"sysfs", "/sys", "sysfs", safe_mount_flags, {}},
        {"devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755"},
        {"devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=0620,ptmxmode=0666"},
        {"shm", "/dev/shm", "tmpfs", safe_mount_flags, {}},
        {"run", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"},
    }};
    return mounts;
}

// Mounted by an earlier attempt, or before the init crashed: a second tmpfs would hide the first.
bool is_mount_point(const std::filesystem::path& path) {
    struct stat here {};
    struct stat above {};
    return ::lstat(path.c_str(), &here) == 0 && ::lstat(path.parent_path().c_str(), &above) == 0 &&
           here.st_dev != above.st_dev;
}

} // namespace

std::span<const MountCall> early_mounts() {
    return table();
}

Result<void> mount_early(System& system) {
    for (const MountCall& call : table()) {
        std::error_code ignored;
        std::filesystem::create_directories(system.host(call.target), ignored);
        if (is_mount_point(system.host(call.target))) continue;
        const std::error_code error = system.mount(call);
        const bool can_do_without = call.target.starts_with("/dev/");
        if (error && error != std::errc::device_or_resource_busy && !can_do_without)
            return fail(call.text(), fmt::format("cannot mount: {}", error.message()), {},
                        Failure::NoKernelMounts);
    }
    make_private_directory(system.host(run_directory));
    return {};
}

} // namespace mkpxerd::netboot
