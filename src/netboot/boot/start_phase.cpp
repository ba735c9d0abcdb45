// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/start_phase.hpp"

#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/netboot/options/image_check.hpp"
#include "mkpxerd/netboot/options/option_files.hpp"
#include "mkpxerd/netboot/runtime/early_mounts.hpp"
#include "mkpxerd/netboot/runtime/kernel_log.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::string_view ctrl_alt_del_setting = "/proc/sys/kernel/ctrl-alt-del";

// CLOCK_MONOTONIC and the clock of the kernel's log begin at different moments of the kernel's start: in an
// emulated machine by a third of a second. A line of our own in the log shows how far they are apart.
KernelTimes read_kernel_times(const System& system, Log& log) {
    constexpr std::string_view line = "the kernel's log has the time of this line";
    const auto now = Clock::now().time_since_epoch();
    log.detail(LogSubject::Stages, line);
    const std::string kernel_log = read_kernel_log(system);
    KernelTimes times = parse_kernel_times(kernel_log);
    if (const auto there = time_of_line(kernel_log, fmt::format("mkpxerd: {}", line)))
        times.offset = *there - std::chrono::duration_cast<std::chrono::microseconds>(now);
    return times;
}

// The program that the kernel starts when it needs a module.
void link_modprobe(const System& system, Log& log) {
    const auto named = read_file(system.host("/proc/sys/kernel/modprobe"));
    const std::string path(named ? trim(*named) : "/sbin/modprobe");
    if (path.empty()) return; // the kernel must load none
    std::error_code error;
    const auto link = system.host(path);
    if (std::filesystem::exists(link, error)) return;
    std::filesystem::create_directories(link.parent_path(), error);
    std::filesystem::create_symlink(fmt::format("/{}", init_path), link, error);
    if (error)
        log.warning(fmt::format("{}: {}: the kernel cannot load modules itself", path, error.message()));
}

} // namespace

Result<Consoles> open_consoles(const BootServices& services) {
    System& system = services.system;
    const auto mounted = mount_early(system);
    services.log.open(); // so that a failure can be seen
    MKPXERD_TRY(mounted);
    services.log.timeline().kernel = read_kernel_times(system, services.log);
    Consoles consoles{read_file(system.host(ctrl_alt_del_setting)).value_or("")};
    take_ctrl_alt_del(system, consoles);
    link_modprobe(system, services.log);
    return consoles;
}

void take_ctrl_alt_del(const System& system, const Consoles& consoles) {
    if (!consoles.ctrl_alt_del.empty()) // unchanged if it cannot be written
        (void)write_file(system.host(ctrl_alt_del_setting), "0\n");
}

void restore_ctrl_alt_del(const System& system, const Consoles& consoles) {
    if (!consoles.ctrl_alt_del.empty())
        (void)write_file(system.host(ctrl_alt_del_setting), consoles.ctrl_alt_del);
}

Result<BootConfig> read_image(const BootServices& services) {
    System& system = services.system;
    MKPXERD_TRY_ASSIGN(BootConfig image, check_image(system));
    // A board without a battery starts in 1970, before every certificate's start.
    if (system.clock_seconds() < image.epoch) {
        MKPXERD_TRY(system.set_clock_seconds(image.epoch));
        services.log.detail(LogSubject::Stages, "clock set forward to the image's build time");
    }
    return image;
}

OnFail read_on_fail(const System& system, const BootConfig& image) {
    const auto sources = read_settings(system, image);
    return sources ? parse_on_fail_options(*sources) : OnFail();
}

} // namespace mkpxerd::netboot
