// SPDX-License-Identifier: MIT
// The steps that make the new root: what is fetched and mounted, and where to.
#include <fmt/format.h>
#include <sys/mount.h>

#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/netboot/apkovl.hpp"
#include "mkpxerd/netboot/boot.hpp"
#include "mkpxerd/netboot/handover.hpp"
#include "mkpxerd/netboot/memory_root.hpp"
#include "mkpxerd/netboot/modloop.hpp"
#include "mkpxerd/netboot/mount_options.hpp"
#include "mkpxerd/netboot/resolver.hpp"
#include "mkpxerd/netboot/root_writer.hpp"
#include "mkpxerd/wrap/block_identity.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::string_view alpine_media = "/media/alpine";
constexpr std::string_view overlay_lower = "/media/root-ro"; // the names that mkinitfs has
constexpr std::string_view overlay_layers = "/media/root-rw";
constexpr std::string_view run_downloads = "/run/mkpxerd/downloads";
// On the file system of a root in memory, so that a file is moved to its place and not copied.
constexpr std::string_view root_downloads = "/newroot/.mkpxerd";

bool exists(const System& system, const std::string& path) {
    std::error_code ignored;
    return std::filesystem::exists(system.host(path), ignored);
}

// "sda1" of /dev/sda1, "DATA" of LABEL=DATA: the folder below /media.
std::string media_name(const DeviceSpec& device) {
    return device.value.substr(device.value.rfind('/') + 1);
}

} // namespace

Result<FetchRequest> Boot::fetch_request(std::string name, const std::string& alternatives,
                                         std::string_view folder) {
    const Substitution substitution = substitute(alternatives, facts_);
    for (const Problem& skipped : substitution.skipped)
        log_.step(fmt::format("{}: {}", name, to_text(skipped)));
    if (substitution.urls.empty())
        return fail(alternatives, fmt::format("no URL is left: {}", substitution.skipped.front().text), {},
                    "MPX-URL-01");
    if (!downloads_)
        return fail(alternatives, "needs the network, which is off", "give ip=dhcp", "MPX-OPT-03");
    std::string file = url_file_name(substitution.urls.front());
    if (file.empty() || file == "." || file == "..") file = name;
    const std::filesystem::path destination = system_.host(fmt::format("{}/{}/{}", folder, name, file));
    std::error_code ignored; // the fetcher tells
    std::filesystem::create_directories(destination.parent_path(), ignored);
    return FetchRequest{std::move(name), substitution.urls, destination, deadline_};
}

Task<std::string> Boot::fetch(std::string name, const std::string& alternatives, std::string_view folder) {
    MKPXERD_CO_TRY_ASSIGN(auto request, fetch_request(name, alternatives, folder));
    const std::string path = fmt::format("{}/{}/{}", folder, name, request.destination.filename().string());
    MKPXERD_CO_TRY(co_await downloads_->wait(std::move(request)));
    co_return path;
}

void Boot::start_downloads() {
    if (!downloads_) return;
    const auto begin = [this](std::string name, const std::optional<Source>& source,
                              std::string_view folder) {
        if (!source || source->kind != Source::Kind::Url) return;
        // What is wrong with the request is said by the step that needs the object.
        if (auto request = fetch_request(std::move(name), source->url, folder))
            downloads_->start(std::move(*request));
    };
    begin("root", plan_.root, run_downloads);
    begin("apkovl", plan_.apkovl, run_downloads);
    begin("modloop", plan_.modloop, plan_.root ? run_downloads : root_downloads);
}

Task<void> Boot::mount_nfs(const NfsSource& source, std::string target, bool read_only, std::string options) {
    if (!network_)
        co_return fail("nfs:" + source.text(), "needs the network, which is off", "give ip=dhcp",
                       "MPX-OPT-03");
    Resolver resolver(io_, dns_config(*network_));
    MKPXERD_CO_TRY_ASSIGN(const auto addresses, co_await resolver.resolve(source.host, deadline_, {}));
    NfsMount mount{source,
                   addresses.front().to_string(),
                   network_->address.text(),
                   std::move(target),
                   read_only,
                   std::move(options)};
    co_return co_await mounter_->mount_nfs(std::move(mount), deadline_);
}

Task<void> Boot::mount_root() {
    const std::string root(new_root);
    if (mounter_->is_mounted(root)) co_return Result<void>();
    if (!plan_.root) {
        const MountOptions flags = parse_mount_options(options_.rootflags);
        const std::string data = flags.data.empty() ? "mode=0755" : "mode=0755," + flags.data;
        MKPXERD_CO_TRY(mounter_->mount({"tmpfs", root, "tmpfs", flags.flags, data}));
        MKPXERD_CO_TRY(fill_memory_root(system_, options_.usr_merged));
        memory_root_ = true;
        start_downloads();
        co_return Result<void>();
    }
    start_downloads();
    if (!options_.overlay) co_return co_await mount_root_source(root);
    const std::string lower(overlay_lower);
    if (!mounter_->is_mounted(lower)) MKPXERD_CO_TRY(co_await mount_root_source(lower));
    memory_root_ = true;
    co_return mounter_->mount_overlay(lower, std::string(overlay_layers), options_.overlay_flags, root);
}

Task<void> Boot::mount_root_source(std::string target) {
    const Source& source = *plan_.root;
    const bool read_only = options_.overlay || !options_.read_write;
    const std::string options = options_.rootflags + (options_.overlay ? ",ro" : "");
    switch (source.kind) {
    case Source::Kind::Url:
        co_return co_await open_root_image(std::move(target));
    case Source::Kind::Nfs:
        co_return co_await mount_nfs(source.nfs, std::move(target), read_only, options);
    case Source::Kind::Device:
    case Source::Kind::Path:
        break;
    }
    DeviceMount mount{source.device, std::move(target), options_.rootfstype, options, read_only};
    co_return co_await mounter_->mount_device(std::move(mount), deadline_);
}

// A file system image is mounted, anything else is taken for a tarball.
Task<void> Boot::open_root_image(std::string target) {
    MKPXERD_CO_TRY_ASSIGN(const std::string file, co_await fetch("root", plan_.root->url, run_downloads));
    const auto identity = wrap::identify_block_device(system_.host(file));
    if (identity && !identity->type.empty()) co_return mounter_->mount_image(file, target);
    const MountOptions flags = parse_mount_options(options_.rootflags);
    const std::string data = flags.data.empty() ? "mode=0755" : "mode=0755," + flags.data;
    MKPXERD_CO_TRY(mounter_->mount(
        {"tmpfs", target, "tmpfs", flags.flags & ~static_cast<unsigned long>(MS_RDONLY), data}));
    const auto names = unpack_tar(system_.host(file), system_.host(target));
    std::error_code ignored;
    std::filesystem::remove(system_.host(file), ignored);
    downloads_->forget("root");
    if (!names) {
        (void)system_.unmount(target, MNT_DETACH);
        co_return fail(names.error());
    }
    memory_root_ = true;
    log_.step(fmt::format("root: {} files unpacked", names->size()));
    co_return Result<void>();
}

Task<void> Boot::mount_media() {
    if (!plan_.alpine_dev) co_return Result<void>();
    const std::string target(alpine_media);
    if (mounter_->is_mounted(target)) co_return Result<void>();
    if (plan_.alpine_dev->kind == Source::Kind::Nfs)
        co_return co_await mount_nfs(plan_.alpine_dev->nfs, target, true, "ro");
    DeviceMount mount{plan_.alpine_dev->device, target, {}, "ro", true};
    co_return co_await mounter_->mount_device(std::move(mount), deadline_);
}

// The path of an object that was asked for.
Task<std::string> Boot::locate(std::string name, const Source& source) {
    if (source.kind == Source::Kind::Url)
        co_return co_await fetch(std::move(name), source.url, run_downloads);
    std::string folder(alpine_media);
    if (source.kind == Source::Kind::Device) {
        folder = "/media/" + media_name(source.device);
        DeviceMount mount{source.device, folder, source.fstype, "ro", true};
        if (!mounter_->is_mounted(folder))
            MKPXERD_CO_TRY(co_await mounter_->mount_device(std::move(mount), deadline_));
    }
    const std::string path = fmt::format("{}/{}", folder, clean_path(source.path));
    if (!exists(system_, path))
        co_return fail(source.text(), fmt::format("{} is not there", path), {}, "MPX-FILE-01");
    co_return path;
}

// On alpine_dev, on ovl_dev, or on every device; a device that holds none is left alone.
Task<std::optional<std::string>> Boot::search_apkovl() {
    if (plan_.alpine_dev && !plan_.search_apkovl)
        if (auto found = find_apkovl(system_, log_, std::string(alpine_media))) co_return found;
    if (!plan_.search_apkovl && !plan_.search_all_devices) co_return std::optional<std::string>();
    co_await devices_->wait_for_coldplug();
    std::vector<DeviceMount> candidates;
    const Deadline patience = Clock::now() + std::chrono::seconds(options_.device_delay);
    if (plan_.search_apkovl) {
        const Source& source = *plan_.search_apkovl;
        candidates.push_back(
            {source.device, "/media/" + media_name(source.device), source.fstype, "ro", true});
    } else {
        while (Clock::now() < patience)
            co_await devices_->wait_for_change(patience);
        for (const std::string& name : devices_->block_devices())
            candidates.push_back(
                {{DeviceSpec::Kind::Name, name}, "/media/" + media_name({{}, name}), {}, "ro", true});
    }
    for (const DeviceMount& candidate : candidates) {
        if (mounter_->is_mounted(candidate.target)) continue;
        const auto mounted =
            co_await mounter_->mount_device(candidate, plan_.search_apkovl ? deadline_ : Clock::now());
        if (!mounted && plan_.search_apkovl) co_return fail(mounted.error());
        if (!mounted) continue;
        if (auto found = find_apkovl(system_, log_, candidate.target)) co_return found;
        (void)system_.unmount(candidate.target, 0);
    }
    co_return std::optional<std::string>();
}

Task<void> Boot::lay_apkovl() {
    if (plan_.root && !plan_.apkovl && !plan_.search_apkovl) co_return Result<void>();
    if (apkovl_files_) co_return Result<void>();
    std::optional<std::string> file;
    if (plan_.apkovl) {
        MKPXERD_CO_TRY_ASSIGN(file, co_await locate("apkovl", *plan_.apkovl));
    } else {
        MKPXERD_CO_TRY_ASSIGN(file, co_await search_apkovl());
    }
    if (!file) {
        log_.step("no apkovl found");
        co_return Result<void>();
    }
    auto names = apply_apkovl(system_, *file);
    if (file->starts_with(run_downloads)) {
        std::error_code ignored; // memory is what counts
        std::filesystem::remove(system_.host(*file), ignored);
        downloads_->forget("apkovl");
    }
    MKPXERD_CO_TRY(names);
    apkovl_files_ = std::move(*names);
    log_.step(fmt::format("apkovl {}: {} files", *file, apkovl_files_->size()));
    co_return Result<void>();
}

Task<void> Boot::attach_modloop() {
    if (!plan_.modloop && !plan_.search_modloop) co_return Result<void>();
    std::string file;
    if (!plan_.modloop) {
        file = fmt::format("{}/{}", alpine_media, Modloop::usual_path(system_.kernel_release()));
        if (!exists(system_, file)) co_return Result<void>();
    } else if (plan_.modloop->kind == Source::Kind::Url) {
        MKPXERD_CO_TRY_ASSIGN(file, co_await fetch_modloop());
    } else {
        MKPXERD_CO_TRY_ASSIGN(file, co_await locate("modloop", *plan_.modloop));
    }
    Modloop modloop(system_, log_, *mounter_);
    auto attached = modloop.attach(file, memory_root_);
    if (!attached && plan_.modloop && plan_.modloop->kind == Source::Kind::Url) {
        std::error_code ignored; // another try fetches what the server has by then
        std::filesystem::remove(system_.host(file), ignored);
        downloads_->forget("modloop");
    }
    co_return attached;
}

// In a root in memory it ends as /lib/<name>, where the system's own modloop service looks for it.
Task<std::string> Boot::fetch_modloop() {
    const std::string_view folder = plan_.root ? run_downloads : root_downloads;
    MKPXERD_CO_TRY_ASSIGN(const std::string fetched, co_await fetch("modloop", plan_.modloop->url, folder));
    if (plan_.root) co_return fetched;
    const Sysroot root(system_.host(new_root));
    const auto lib = root.resolve("lib");
    const std::string place = fmt::format("{}/{}/{}", new_root, lib ? lib->path : "lib",
                                          std::filesystem::path(fetched).filename().string());
    std::error_code error;
    if (!exists(system_, fetched) && exists(system_, place)) co_return place; // an earlier try moved it
    std::filesystem::create_directories(system_.host(place).parent_path(), error);
    std::filesystem::rename(system_.host(fetched), system_.host(place), error);
    if (error)
        co_return fail(place, fmt::format("cannot be put there: {}", error.message()), {}, "MPX-LOOP-03");
    std::filesystem::remove_all(system_.host(root_downloads), error);
    co_return place;
}

} // namespace mkpxerd::netboot
