// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/loop_device.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr int loop_attempts = 16;

// Binds in one step (Linux 5.8), or in the two steps of older kernels.
bool configure_loop(int loop, int file, const std::string& name) {
    loop_config config{};
    config.fd = static_cast<__u32>(file);
    config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
    name.copy(reinterpret_cast<char*>(config.info.lo_file_name), LO_NAME_SIZE - 1);
    if (::ioctl(loop, LOOP_CONFIGURE, &config) == 0) return true;
    if (errno != EINVAL && errno != ENOTTY) return false;
    if (::ioctl(loop, LOOP_SET_FD, file) != 0) return false;
    if (::ioctl(loop, LOOP_SET_STATUS64, &config.info) == 0) return true;
    const int saved = errno;
    ::ioctl(loop, LOOP_CLR_FD, 0);
    errno = saved;
    return false;
}

} // namespace

Result<LoopDevice> bind_loop_device(const std::string& path) {
    MKPXERD_TRY_ASSIGN(const UniqueFd file, open_regular(path));
    MKPXERD_TRY_ASSIGN(const UniqueFd control, open_file("/dev/loop-control", O_RDWR));
    // Someone else may take the free device between the two calls: EBUSY asks for the next one.
    for (int attempt = 0; attempt < loop_attempts; ++attempt) {
        const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (number < 0) return fail_errno("/dev/loop-control", "no free loop device", errno);
        const std::string device = fmt::format("/dev/loop{}", number);
        UniqueFd loop(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
        if (!loop) return fail_errno(device, "cannot open", errno);
        if (configure_loop(loop.get(), file.get(), path)) return LoopDevice{device, std::move(loop)};
        if (errno != EBUSY) return fail_errno(device, fmt::format("cannot bind to {}", path), errno);
    }
    return fail("/dev/loop-control", "no free loop device: other programs took each one first");
}

} // namespace mkpxerd::netboot
