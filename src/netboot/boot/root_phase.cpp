// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/root_phase.hpp"

#include <fmt/format.h>
#include <sys/mount.h>

#include "mkpxerd/netboot/drivers/hibernation.hpp"
#include "mkpxerd/netboot/mount/root_fstab.hpp"
#include "mkpxerd/netboot/root/memory_root.hpp"
#include "mkpxerd/netboot/root/tar_unpacker.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"
#include "mkpxerd/wrap/block_identity.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::string_view overlay_lower = "/media/root-ro"; // mkinitfs' names
constexpr std::string_view overlay_layers = "/media/root-rw";

} // namespace

RootPhase::RootPhase(BootServices services, const BootOptions& options, const BootPlan& plan,
                     Devices& devices, SourceMounter mounter, ObjectDownloads& objects)
    : services_(services), options_(options), plan_(plan), devices_(devices), mounter_(mounter),
      objects_(objects) {}

Task<NewRoot> RootPhase::mount(std::optional<NewRoot> earlier) {
    if (!plan_.root) co_return co_await mount_in_memory();
    start_downloads();
    // Mounted by an earlier attempt, or by hand in the rescue shell.
    if (mounter_.is_mounted(new_root)) co_return earlier.value_or(NewRoot{options_.overlay});
    MKPXERD_CO_TRY(co_await resume_hibernated(services_.system, services_.log, devices_, options_,
                                              services_.time.half_way()));
    co_return co_await mount_asked_root();
}

Task<void> RootPhase::mount_usr(const Trust& trust) {
    if (!plan_.root) co_return Result<void>();
    co_return co_await netboot::mount_usr(services_.system, services_.log, mounter_, options_, trust);
}

void RootPhase::start_downloads() {
    const auto start = [this](std::string name, const std::optional<Source>& source,
                              std::string_view directory) {
        if (const auto* urls = get_source<UrlSource>(source))
            objects_.start(std::move(name), *urls, directory);
    };
    start("root", plan_.root, run_downloads);
    start("apkovl", plan_.apkovl, run_downloads);
    start("modloop", plan_.modloop, plan_.root ? run_downloads : root_downloads);
}

Task<NewRoot> RootPhase::mount_in_memory() {
    if (!mounter_.is_mounted(new_root)) {
        MKPXERD_CO_TRY(co_await resume_hibernated(services_.system, services_.log, devices_, options_,
                                                  services_.time.half_way()));
        MKPXERD_CO_TRY(mounter_.mounter().mount_memory("tmpfs", std::string(new_root), options_.rootflags));
    }
    MKPXERD_CO_TRY(fill_memory_root(services_.system, options_.usr_merged));
    start_downloads(); // the modloop is written into the root
    co_return NewRoot{.in_memory = true};
}

Task<NewRoot> RootPhase::mount_asked_root() {
    const std::string root(new_root);
    if (!options_.overlay) co_return co_await mount_source(root);
    const std::string lower(overlay_lower);
    if (!mounter_.is_mounted(lower)) MKPXERD_CO_TRY(co_await mount_source(lower));
    MKPXERD_CO_TRY(co_await mounter_.mounter().mount_overlay(
        lower, std::string(overlay_layers), options_.overlay_flags, root, services_.time.deadline()));
    co_return NewRoot{.in_memory = true};
}

Task<NewRoot> RootPhase::mount_source(std::string target) {
    const Source& source = *plan_.root;
    const bool read_only = options_.overlay || !options_.read_write;
    const std::string mount_options = options_.rootflags + (options_.overlay ? ",ro" : "");
    if (const auto* urls = std::get_if<UrlSource>(&source))
        co_return co_await open_image(*urls, std::move(target));
    if (const auto* nfs = std::get_if<NfsSource>(&source)) {
        MKPXERD_CO_TRY(co_await mounter_.mount_nfs(*nfs, std::move(target), read_only, mount_options));
        co_return NewRoot{};
    }
    const auto& disk = *std::get_if<DeviceSource>(&source); // parse_medium() gives one of these three
    DeviceMount mount{.device = disk.device,
                      .target = std::move(target),
                      .fstype = options_.rootfstype,
                      .options = mount_options,
                      .read_only = read_only};
    MKPXERD_CO_TRY(co_await mounter_.mount_device(std::move(mount)));
    co_return NewRoot{};
}

// A file system image is mounted; anything else must be a tarball.
Task<NewRoot> RootPhase::open_image(const UrlSource& urls, std::string target) {
    System& system = services_.system;
    MKPXERD_CO_TRY_ASSIGN(const std::string file, co_await objects_.fetch("root", urls, run_downloads));
    const auto identity = wrap::identify_block_device(system.host(file));
    if (identity && !identity->type.empty()) {
        MKPXERD_CO_TRY(co_await mounter_.mounter().mount_image(file, target, options_.rootflags,
                                                               services_.time.deadline()));
        co_return NewRoot{};
    }
    MKPXERD_CO_TRY(mounter_.mounter().mount_memory("tmpfs", target, options_.rootflags));
    const auto unpacked = unpack_tar(system.host(file), system.host(target), {.keep_names = false});
    objects_.discard("root", file);
    if (!unpacked) {
        (void)system.unmount(target, MNT_DETACH);
        co_return fail(unpacked.error());
    }
    for (const std::string& warning : unpacked->warnings)
        services_.log.warning(fmt::format("root: {}", warning));
    services_.log.step(fmt::format("root: {} files unpacked", unpacked->entries));
    co_return NewRoot{.in_memory = true};
}

} // namespace mkpxerd::netboot
