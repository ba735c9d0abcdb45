// SPDX-License-Identifier: MIT
// Mount, compare the version, lead /lib/modules there.
#include "mkpxerd/netboot/mount/modloop.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mount.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

// Where it is mounted when the root cannot be changed: /run is moved into every root.

} // namespace

std::string Modloop::usual_path(std::string_view kernel_release) {
    const auto dash = kernel_release.rfind('-');
    return fmt::format("boot/modloop{}{}", dash == std::string_view::npos ? "" : "-",
                       dash == std::string_view::npos ? std::string_view() : kernel_release.substr(dash + 1));
}

Result<void> Modloop::attach(const std::string& file, bool writable) {
    const std::string mounted = writable ? fmt::format("{}/.modloop", new_root) : std::string(run_modloop);
    if (!mounter_.is_mounted(mounted)) {
        MKPXERD_TRY(mounter_.mount_image(file, mounted));
        if (auto right = check_version(mounted, file); !right) {
            (void)system_.unmount(mounted, MNT_DETACH);
            return right;
        }
    }
    MKPXERD_TRY(writable ? link_modules() : bind_modules(mounted));
    log_.step(fmt::format("modloop {} on /lib/modules", file));
    return {};
}

Result<void> Modloop::check_version(const std::string& mounted, const std::string& file) const {
    const Sysroot content(system_.host(mounted));
    if (content.resolve("modules/" + system_.kernel_release())) return {};
    std::vector<std::string> versions = content.list("modules");
    std::erase(versions, "firmware");
    if (versions.empty())
        return fail(file, "holds no modules/VERSION: it is no modloop", {}, Failure::NotModloop);
    return fail(file,
                fmt::format("is for kernel {}, and the kernel that runs is {}", fmt::join(versions, ", "),
                            system_.kernel_release()),
                "take kernel and modloop from one release", Failure::WrongModloopKernel);
}

Result<void> Modloop::link_modules() {
    const Sysroot root(system_.host(new_root));
    std::error_code error;
    if (!root.resolve("lib")) std::filesystem::create_directory(root.host("lib"), error);
    const auto lib = root.resolve("lib");
    if (!lib) return fail("/lib", "of the new root cannot be made", {}, Failure::CannotPlaceModloop);
    const auto modules = root.host(lib->path) / "modules";
    // What packages left there is in the modloop too, and hidden by it in any case.
    std::filesystem::remove_all(modules, error);
    std::filesystem::create_symlink("/.modloop/modules", modules, error);
    if (error)
        return fail("/lib/modules", fmt::format("cannot lead to the modloop: {}", error.message()), {},
                    Failure::CannotPlaceModloop);
    const auto firmware = root.host(lib->path) / "firmware";
    if (root.resolve(".modloop/modules/firmware")) {
        // An empty directory gives way, one with content stays.
        if (!std::filesystem::is_symlink(firmware, error)) std::filesystem::remove(firmware, error);
        std::filesystem::create_symlink("/lib/modules/firmware", firmware, error);
    }
    return {};
}

Result<void> Modloop::bind_modules(const std::string& mounted) {
    const Sysroot root(system_.host(new_root));
    const auto modules = root.resolve("lib/modules");
    if (!modules)
        return fail("/lib/modules", "is not in the new root, and the root cannot be changed",
                    "make the directory there", Failure::CannotPlaceModloop);
    const std::string target = fmt::format("{}/{}", new_root, modules->path);
    if (mounter_.is_mounted(target)) return {};
    return mounter_.mount({mounted + "/modules", target, {}, MS_BIND, {}});
}

} // namespace mkpxerd::netboot
