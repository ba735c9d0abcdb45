// SPDX-License-Identifier: MIT
// The kernel resumes as soon as the device is written to /sys/power (Documentation/power/swsusp.rst).
#include "mkpxerd/netboot/drivers/hibernation.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "mkpxerd/base/file.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr auto resume_patience = std::chrono::seconds(3); // the device may be gone for good

} // namespace

Task<void> resume_hibernated(System& system, Log& log, Devices& devices, const BootOptions& options,
                             Deadline deadline) {
    if (options.resume.empty()) co_return Result<void>();
    co_await devices.wait_for_coldplug(deadline);
    const Deadline patience =
        Clock::now() + std::max(resume_patience, std::chrono::seconds(options.device_delay));
    const auto device =
        co_await devices.wait_for(DeviceSpec::parse(options.resume), std::min(deadline, patience));
    struct stat st {};
    if (!device || ::stat(system.host(*device).c_str(), &st) != 0) {
        log.warning(fmt::format("resume={}: the device did not appear", options.resume));
        co_return Result<void>();
    }
    if (!options.resume_offset.empty())
        MKPXERD_CO_TRY(write_file(system.host("/sys/power/resume_offset"), options.resume_offset));
    const std::string number = fmt::format("{}:{}", major(st.st_rdev), minor(st.st_rdev));
    if (const auto resumed = write_file(system.host("/sys/power/resume"), number); !resumed)
        log.step(fmt::format("resume: {}", resumed.error().text()));
    co_return Result<void>();
}

} // namespace mkpxerd::netboot
