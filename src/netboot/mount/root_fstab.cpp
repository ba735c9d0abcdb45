// SPDX-License-Identifier: MIT
// Reads fstab inside the new root, wherever its links point.
#include "mkpxerd/netboot/mount/root_fstab.hpp"

#include <fmt/format.h>
#include <sys/mount.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/netboot/mount/fstab.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

Result<std::vector<FstabLine>> read_fstab(const System& system) {
    const Sysroot root(system.host(new_root));
    const auto fstab = root.resolve("etc/fstab");
    if (!fstab) return std::vector<FstabLine>();
    MKPXERD_TRY_ASSIGN(const std::string text, read_regular(root.host(fstab->path)));
    return parse_fstab(text);
}

// Read-only unless the line says rw, because the system has yet to check it; usrflags= replaces the line's
// options.
Task<void> mount_usr_line(Log& log, SourceMounter& mounter, const BootOptions& options, const Trust& trust,
                          const FstabLine& line) {
    const std::string target = std::string(new_root) + "/usr";
    if (mounter.is_mounted(target)) co_return Result<void>();
    const bool own = !options.usrflags.empty();
    const std::string& mount_options = own ? options.usrflags : line.options;
    if (trust.covers("root"))
        co_return fail(Error(trust.unverifiable(fmt::format("fstab: /usr from {}", line.source))));
    if (line.type == "nfs" || line.type == "nfs4") {
        MKPXERD_CO_TRY_ASSIGN(const Source source, parse_medium("fstab: /usr", "nfs:" + line.source));
        co_return co_await mounter.mount_nfs(*std::get_if<NfsSource>(&source), target, !own, mount_options);
    }
    const bool is_device = line.source.starts_with("/dev/") || line.source.find('=') < line.source.find('/');
    if (!is_device || line.has_option("bind") || line.has_option("rbind")) {
        log.warning(fmt::format("fstab: /usr from {} ({}) is left to the system", line.source, line.type));
        co_return Result<void>();
    }
    DeviceMount mount{.device = DeviceSpec::parse(line.source),
                      .target = target,
                      .fstype = line.type == "auto" ? std::string() : line.type,
                      .options = mount_options,
                      .read_only = !own};
    co_return co_await mounter.mount_device(std::move(mount));
}

} // namespace

Task<void> mount_usr(System& system, Log& log, SourceMounter mounter, const BootOptions& options,
                     const Trust& trust) {
    if (options.usrflags == "disable") co_return Result<void>();
    MKPXERD_CO_TRY_ASSIGN(const auto fstab, read_fstab(system));
    for (const FstabLine& line : fstab) {
        if (line.target != "/usr" || line.has_option("noauto")) continue;
        auto mounted = co_await mount_usr_line(log, mounter, options, trust, line);
        if (!mounted && !line.has_option("nofail")) co_return mounted;
        if (!mounted) log.warning("continuing without /usr, which is nofail", mounted.error());
    }
    co_return Result<void>();
}

Result<void> remount_memory_root(const System& system, Mounter& mounter) {
    MKPXERD_TRY_ASSIGN(const auto fstab, read_fstab(system));
    for (const FstabLine& line : fstab)
        if (line.target == "/" && line.type == "tmpfs" && !line.options.empty())
            MKPXERD_TRY(mounter.mount_memory("tmpfs", std::string(new_root), line.options, MS_REMOUNT));
    return {};
}

} // namespace mkpxerd::netboot
