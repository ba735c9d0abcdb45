// SPDX-License-Identifier: MIT
// Mount, compare the version, link or bind /lib/modules.
#include "mkpxerd/netboot/mount/modloop.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mount.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {

std::string Modloop::usual_path(std::string_view kernel_release) {
    const auto dash = kernel_release.rfind('-');
    return fmt::format("boot/modloop{}{}", dash == std::string_view::npos ? "" : "-",
                       dash == std::string_view::npos ? std::string_view() : kernel_release.substr(dash + 1));
}

Task<void> Modloop::attach(std::string file, bool writable, Deadline deadline) {
    // /run moves into every root, even into a read-only one.
    const std::string mounted = writable ? fmt::format("{}/.modloop", new_root) : std::string(run_modloop);
    if (!mounter_.is_mounted(mounted)) {
        MKPXERD_CO_TRY(co_await mounter_.mount_image(file, mounted, {}, deadline));
        if (auto checked = check_version(mounted, file); !checked) {
            (void)system_.unmount(mounted, MNT_DETACH);
            co_return checked;
        }
    }
    MKPXERD_CO_TRY(writable ? link_modules() : bind_modules(mounted));
    log_.step(fmt::format("modloop {} on /lib/modules", file));
    co_return Result<void>();
}

Result<void> Modloop::check_version(const std::string& mounted, const std::string& file) const {
    const Sysroot content(system_.host(mounted));
    if (content.resolve("modules/" + system_.kernel_release())) return {};
    std::vector<std::string> versions = content.list("modules");
    std::erase(versions, "firmware");
    if (versions.empty())
        return fail(file, "contains no modules/VERSION: it is not a modloop", {}, Failure::NotModloop);
    return fail(file,
                fmt::format("is for kernel {}, but the running kernel is {}", fmt::join(versions, ", "),
                            system_.kernel_release()),
                "use the kernel and the modloop of the same release", Failure::WrongModloopKernel);
}

Result<void> Modloop::link_modules() {
    const Sysroot root(system_.host(new_root));
    std::error_code error;
    if (!root.resolve("lib")) std::filesystem::create_directory(root.host("lib"), error);
    const auto lib = root.resolve("lib");
    if (!lib) return fail("/lib", "cannot be created in the new root", {}, Failure::CannotPlaceModloop);
    const auto modules = root.host(lib->path) / "modules";
    // The modloop contains the modules that packages left there, and would hide them anyway.
    std::filesystem::remove_all(modules, error);
    std::filesystem::create_symlink("/.modloop/modules", modules, error);
    if (error)
        return fail("/lib/modules", fmt::format("cannot link to the modloop: {}", error.message()), {},
                    Failure::CannotPlaceModloop);
    const auto firmware = root.host(lib->path) / "firmware";
    if (root.resolve(".modloop/modules/firmware")) {
        // Replaces an empty directory; one with content stays.
        if (!std::filesystem::is_symlink(firmware, error)) std::filesystem::remove(firmware, error);
        std::filesystem::create_symlink("/lib/modules/firmware", firmware, error);
    }
    return {};
}

Result<void> Modloop::bind_modules(const std::string& mounted) {
    const Sysroot root(system_.host(new_root));
    const auto modules = root.resolve("lib/modules");
    if (!modules)
        return fail("/lib/modules", "does not exist in the new root, which this boot may not change",
                    "create the directory in the root file system", Failure::CannotPlaceModloop);
    const std::string target = fmt::format("{}/{}", new_root, modules->path);
    if (mounter_.is_mounted(target)) return {};
    return mounter_.mount(
        {.source = mounted + "/modules", .target = target, .type = {}, .flags = MS_BIND, .data = {}});
}

} // namespace mkpxerd::netboot
