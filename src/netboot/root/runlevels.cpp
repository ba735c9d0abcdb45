// SPDX-License-Identifier: MIT
// A service is in a runlevel when /etc/runlevels/LEVEL/SERVICE links to its script.
#include "mkpxerd/netboot/root/runlevels.hpp"

#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <unistd.h>

#include "mkpxerd/netboot/root/root_files.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::string_view default_services_mark = "etc/.default_boot_services";

// The services that mkinitfs adds to a root without runlevels of its own.
constexpr auto default_services = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"sysinit", "devfs"},
    {"sysinit", "dmesg"},
    {"sysinit", "mdev"},
    {"sysinit", "hwdrivers"},
    {"sysinit", "modloop"},
    {"boot", "modules"},
    {"boot", "sysctl"},
    {"boot", "hostname"},
    {"boot", "bootmisc"},
    {"boot", "syslog"},
    {"shutdown", "mount-ro"},
    {"shutdown", "killprocs"},
    {"shutdown", "savecache"},
    {"default", "firstboot"},
});

constexpr auto tiny_cloud_services = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"boot", "tiny-cloud-boot"},
    {"default", "tiny-cloud-early"},
    {"default", "tiny-cloud-main"},
    {"default", "tiny-cloud-final"},
});

Result<void> add_service(const System& system, std::string_view level, std::string_view service) {
    MKPXERD_TRY_ASSIGN(const auto directory,
                       make_root_directory(system, fmt::format("etc/runlevels/{}", level)));
    const auto link = directory / service;
    if (::symlink(fmt::format("/etc/init.d/{}", service).c_str(), link.c_str()) != 0 && errno != EEXIST)
        return fail_errno(link.string(), "cannot create link", errno);
    return {};
}

} // namespace

bool wants_default_services(const System& system, bool has_apkovl) {
    return !has_apkovl || find_in_root(system, default_services_mark).has_value();
}

Result<void> add_default_services(const System& system, const BootOptions& options) {
    for (const auto& [level, service] : default_services)
        MKPXERD_TRY(add_service(system, level, service));
    if (!options.ssh_key.empty()) MKPXERD_TRY(add_service(system, "default", "sshd"));
    if (options.tiny_cloud)
        for (const auto& [level, service] : tiny_cloud_services)
            MKPXERD_TRY(add_service(system, level, service));
    if (const auto mark = find_in_root(system, default_services_mark)) {
        std::error_code ignored; // a remaining mark would only create the same links again
        std::filesystem::remove(*mark, ignored);
    }
    return {};
}

Result<void> add_clock_service(const System& system) {
    std::error_code ignored;
    const bool has_clock = std::filesystem::exists(system.host("/dev/rtc"), ignored) ||
                           std::filesystem::exists(system.host("/dev/rtc0"), ignored);
    return add_service(system, "boot", has_clock || system.machine() == "s390x" ? "hwclock" : "swclock");
}

} // namespace mkpxerd::netboot
