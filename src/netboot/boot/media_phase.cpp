// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/media_phase.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/root/apkovl.hpp"
#include "mkpxerd/netboot/root/packages.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

// "sda1" of /dev/sda1, "DATA" of LABEL=DATA: the directory below /media.
std::string media_directory(const DeviceSpec& device) {
    return "/media/" + device.value.substr(device.value.rfind('/') + 1);
}

bool has_repository(const System& system, const std::string& directory) {
    const auto repositories = find_boot_repositories(system);
    return std::any_of(repositories.begin(), repositories.end(), [&](const std::string& path) {
        return path.starts_with(directory + "/") || path == directory;
    });
}

// Mounts it read-only. Returns the mount point.
Task<std::string> mount_medium(SourceMounter mounter, DeviceSpec device, std::string fstype) {
    const std::string directory = media_directory(device);
    DeviceMount mount{.device = std::move(device),
                      .target = directory,
                      .fstype = std::move(fstype),
                      .options = "ro",
                      .read_only = true};
    if (!mounter.is_mounted(directory)) MKPXERD_CO_TRY(co_await mounter.mount_device(std::move(mount)));
    co_return directory;
}

} // namespace

MediaPhase::MediaPhase(BootServices services, const BootOptions& options, const BootPlan& plan,
                       Devices& devices, SourceMounter mounter)
    : services_(services), options_(options), plan_(plan), devices_(devices), mounter_(mounter) {}

Task<FoundApkovl> MediaPhase::mount() {
    FoundApkovl found;
    MKPXERD_CO_TRY(co_await mount_alpine_dev());
    if (const auto* medium = get_source<DeviceSource>(plan_.search_apkovl)) {
        MKPXERD_CO_TRY_ASSIGN(const std::string directory,
                              co_await mount_medium(mounter_, medium->device, medium->fstype));
        found.path = find_apkovl(services_.system, services_.log, directory);
    }
    if (plan_.search_apkovl_everywhere && plan_.alpine_dev && !found.path)
        found.path = find_apkovl(services_.system, services_.log, std::string(alpine_media));
    co_await search_devices(found);
    co_return found;
}

Task<void> MediaPhase::mount_alpine_dev() {
    if (!plan_.alpine_dev || mounter_.is_mounted(alpine_media)) co_return Result<void>();
    const std::string target(alpine_media);
    if (const auto* nfs = get_source<NfsSource>(plan_.alpine_dev))
        co_return co_await mounter_.mount_nfs(*nfs, target, true, "ro");
    const auto& medium = *get_source<DeviceSource>(plan_.alpine_dev); // the plan refuses a URL
    DeviceMount mount{.device = medium.device,
                      .target = target,
                      .fstype = medium.fstype,
                      .options = "ro",
                      .read_only = true};
    co_return co_await mounter_.mount_device(std::move(mount));
}

// A device with a match stays mounted below /media, any other is unmounted again.
boost::asio::awaitable<void> MediaPhase::search_devices(FoundApkovl& found) {
    const bool for_apkovl = plan_.search_apkovl_everywhere && !found.path;
    if (!for_apkovl && !plan_.search_repositories_everywhere) co_return;
    co_await devices_.wait_for_coldplug(services_.time.half_way());
    const Deadline patience = Clock::now() + std::chrono::seconds(options_.device_delay);
    while (Clock::now() < patience)
        co_await devices_.wait_for_change(patience);
    for (const std::string& name : devices_.block_devices()) {
        const DeviceSpec device{DeviceSpec::Kind::Name, name};
        const std::string directory = media_directory(device);
        if (mounter_.is_mounted(directory)) continue;
        DeviceMount mount{
            .device = device, .target = directory, .fstype = {}, .options = "ro", .read_only = true};
        // The device is there; the module of its file system may have to load.
        const auto mounted =
            co_await mounter_.mounter().mount_device(std::move(mount), services_.time.half_way());
        if (!mounted) continue;
        const auto apkovl =
            for_apkovl ? find_apkovl(services_.system, services_.log, directory) : std::nullopt;
        if (apkovl && !found.path) found.path = apkovl;
        if (!apkovl && !has_repository(services_.system, directory))
            (void)services_.system.unmount(directory, 0);
    }
}

Task<std::string> find_on_medium(const System& system, SourceMounter mounter, Source source) {
    std::string directory(alpine_media);
    std::string file;
    if (const auto* on_device = std::get_if<DeviceFile>(&source)) {
        MKPXERD_CO_TRY_ASSIGN(
            directory, co_await mount_medium(mounter, on_device->medium.device, on_device->medium.fstype));
        file = on_device->path;
    } else if (const auto* on_medium = std::get_if<MediumPath>(&source)) {
        file = on_medium->path;
    }
    const std::string path = fmt::format("{}/{}", directory, clean_path(file));
    std::error_code ignored;
    if (!std::filesystem::exists(system.host(path), ignored))
        co_return fail(to_text(source), fmt::format("{} is not there", path), {}, Failure::FileAbsent);
    co_return path;
}

} // namespace mkpxerd::netboot
