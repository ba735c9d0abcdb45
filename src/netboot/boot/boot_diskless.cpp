// SPDX-License-Identifier: MIT
// The steps that fill a root in memory: media, apkovl, packages, modloop.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <sys/mount.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/sysroot.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/netboot/boot/boot.hpp"
#include "mkpxerd/netboot/mount/modloop.hpp"
#include "mkpxerd/netboot/root/apkovl.hpp"
#include "mkpxerd/netboot/root/diskless.hpp"
#include "mkpxerd/netboot/root/handover.hpp"
#include "mkpxerd/netboot/root/memory_root.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

bool exists(const System& system, const std::string& path) {
    std::error_code ignored;
    return std::filesystem::exists(system.host(path), ignored);
}

// "sda1" of /dev/sda1, "DATA" of LABEL=DATA: the directory below /media.
std::string media_directory(const DeviceSpec& device) {
    return "/media/" + device.value.substr(device.value.rfind('/') + 1);
}

// The object is not there, which is what mkpxerd.optional= allows for; a damaged one is no such case.
bool is_absent(const Error& error) {
    return std::all_of(error.problems().begin(), error.problems().end(),
                       [](const Problem& problem) { return is_absence(problem.code); });
}

bool is_optional(const BootOptions& options, std::string_view object) {
    return options.optional_objects.contains(std::string(object));
}

} // namespace

Task<void> Boot::mount_media() {
    const std::string target(alpine_media);
    if (plan_.alpine_dev && !mounter_->is_mounted(target)) {
        if (plan_.alpine_dev->kind == Source::Kind::Nfs) {
            MKPXERD_CO_TRY(co_await mount_nfs(plan_.alpine_dev->nfs, target, true, "ro"));
        } else {
            DeviceMount mount{plan_.alpine_dev->device, target, plan_.alpine_dev->fstype, "ro", true};
            MKPXERD_CO_TRY(co_await mounter_->mount_device(std::move(mount), deadline_));
        }
    }
    if (plan_.search_apkovl) {
        const Source& source = *plan_.search_apkovl;
        const std::string directory = media_directory(source.device);
        DeviceMount mount{source.device, directory, source.fstype, "ro", true};
        if (!mounter_->is_mounted(directory))
            MKPXERD_CO_TRY(co_await mounter_->mount_device(std::move(mount), deadline_));
        found_apkovl_ = find_apkovl(system_, log_, directory);
    }
    if (plan_.search_apkovl_everywhere && plan_.alpine_dev && !found_apkovl_)
        found_apkovl_ = find_apkovl(system_, log_, target);
    co_await search_devices();
    co_return Result<void>();
}

// A device that has what is searched for stays mounted below /media, any other one is left alone.
boost::asio::awaitable<void> Boot::search_devices() {
    const bool for_apkovl = plan_.search_apkovl_everywhere && !found_apkovl_;
    if (devices_searched_ || !(for_apkovl || plan_.search_repositories_everywhere)) co_return;
    devices_searched_ = true;
    co_await devices_->wait_for_coldplug();
    const Deadline patience = Clock::now() + std::chrono::seconds(options_.device_delay);
    while (Clock::now() < patience)
        co_await devices_->wait_for_change(patience);
    for (const std::string& name : devices_->block_devices()) {
        const DeviceSpec device{DeviceSpec::Kind::Name, name};
        const std::string directory = media_directory(device);
        if (mounter_->is_mounted(directory)) continue;
        DeviceMount mount{device, directory, {}, "ro", true};
        if (const auto mounted = co_await mounter_->mount_device(std::move(mount), Clock::now()); !mounted)
            continue;
        const auto apkovl = for_apkovl ? find_apkovl(system_, log_, directory) : std::nullopt;
        if (apkovl && !found_apkovl_) found_apkovl_ = apkovl;
        const auto repositories = find_boot_repositories(system_);
        const bool has_repository =
            std::any_of(repositories.begin(), repositories.end(), [&](const std::string& path) {
                return path.starts_with(directory + "/") || path == directory;
            });
        if (!apkovl && !has_repository) (void)system_.unmount(directory, 0);
    }
}

// The path of an object that was asked for.
Task<std::string> Boot::locate(std::string name, const Source& source) {
    if (source.kind == Source::Kind::Url)
        co_return co_await fetch(std::move(name), source.url, run_downloads);
    std::string directory(alpine_media);
    if (source.kind == Source::Kind::Device) {
        directory = media_directory(source.device);
        DeviceMount mount{source.device, directory, source.fstype, "ro", true};
        if (!mounter_->is_mounted(directory))
            MKPXERD_CO_TRY(co_await mounter_->mount_device(std::move(mount), deadline_));
    }
    const std::string path = fmt::format("{}/{}", directory, clean_path(source.path));
    if (!exists(system_, path))
        co_return fail(source.text(), fmt::format("{} is not there", path), {}, Failure::FileAbsent);
    co_return path;
}

Task<std::optional<std::string>> Boot::find_or_fetch_apkovl() {
    if (!plan_.apkovl) co_return found_apkovl_;
    auto file = co_await locate("apkovl", *plan_.apkovl);
    if (file) co_return std::optional(std::move(*file));
    if (!is_optional(options_, "apkovl") || !is_absent(file.error())) co_return fail(std::move(file).error());
    log_.warning("going on without an apkovl", file.error());
    co_return std::optional<std::string>();
}

Task<void> Boot::lay_apkovl() {
    if (apkovl_files_) co_return Result<void>();
    if (plan_.root && !plan_.apkovl && !plan_.search_apkovl) co_return check_absence("apkovl");
    // The database is there before anything that an apkovl may say of it.
    if (const auto apk = find_apk(system_); apk && !plan_.root && !database_made_) {
        PackageInstaller installer(io_, system_, log_, children_, *apk, program_environment());
        const auto made = co_await installer.make_database(deadline_);
        if (!made && !is_optional(options_, "packages")) co_return made;
        if (!made) log_.warning("going on without packages", made.error());
        database_made_ = true;
    }
    MKPXERD_CO_TRY_ASSIGN(auto file, co_await find_or_fetch_apkovl());
    if (!file) {
        MKPXERD_CO_TRY(check_absence("apkovl"));
        log_.step("no apkovl");
        co_return Result<void>();
    }
    if (!file->starts_with(run_downloads)) {
        MKPXERD_CO_TRY_ASSIGN(*file, verified_copy("apkovl", *file));
    }
    const bool for_apk = !plan_.root && find_apk(system_).has_value();
    auto unpacked = apply_apkovl(system_, log_, *file, for_apk);
    if (file->starts_with(run_downloads)) {
        std::error_code ignored; // memory is what counts
        std::filesystem::remove(system_.host(*file), ignored);
        if (downloads_) downloads_->forget("apkovl");
    }
    if (!unpacked) co_return fail(std::move(unpacked).error());
    apkovl_files_ = std::move(unpacked->names);
    log_.step(fmt::format("apkovl {}: {} files", *file, unpacked->entries));
    co_return Result<void>();
}

std::vector<std::string> Boot::program_environment() const {
    std::vector<std::string> environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=linux"};
    if (!options_.proxy.empty())
        for (const char* name : {"http_proxy", "https_proxy", "ftp_proxy"})
            environment.push_back(fmt::format("{}={}", name, options_.proxy));
    return environment;
}

Task<void> Boot::install_packages() {
    const auto apk = find_apk(system_);
    if (plan_.root || !apk || packages_done_) co_return Result<void>();
    const auto filled = co_await fill_with_packages(*apk);
    if (!filled && !is_optional(options_, "packages")) co_return filled;
    if (!filled) log_.warning("going on without all packages", filled.error());
    packages_done_ = true;
    co_return Result<void>();
}

Task<void> Boot::fill_with_packages(const std::string& apk) {
    if (!default_services_) default_services_ = wants_default_services(system_, apkovl_files_.has_value());
    if (*default_services_) MKPXERD_CO_TRY(add_default_services(system_, options_));
    MKPXERD_CO_TRY(remount_root());
    PackageRequest request;
    MKPXERD_CO_TRY(co_await prepare_packages(apk, request));
    // An apkovl that is a whole system needs no repository.
    const bool only_base = request.names == std::vector<std::string>{"alpine-base"};
    const bool none = request.repositories.empty() && !has_own_repositories(system_);
    if (none && only_base && check_init(system_, options_.init)) {
        log_.step("no repository, and no package was asked for");
        co_return Result<void>();
    }
    if (none)
        co_return fail(
            "packages", "no repository was given, and neither a medium nor the apkovl has one",
            "give alpine_repo=, put /etc/apk/repositories into the apkovl, or mark the directory on "
            "alpine_dev with .boot_repository",
            Failure::NoRepository);
    MKPXERD_CO_TRY(add_clock_service(system_));
    const std::vector<std::string> repositories = request.repositories;
    const auto is_https = [](const std::string& url) { return url.starts_with("https://"); };
    if (fetcher_ && std::any_of(repositories.begin(), repositories.end(), is_https))
        co_await fetcher_->set_clock(deadline_);
    MKPXERD_CO_TRY_ASSIGN(const auto lent, hide_repositories(request));
    log_.step(fmt::format("installing {} packages and what they need", request.names.size()));
    PackageInstaller installer(io_, system_, log_, children_, apk, program_environment());
    const auto begin = Clock::now();
    const auto installed = co_await installer.install(std::move(request), deadline_);
    std::error_code ignored; // there may be none
    std::filesystem::remove(lent, ignored);
    MKPXERD_CO_TRY(installed);
    deadline_ += Clock::now() - begin;
    MKPXERD_CO_TRY(co_await add_ssh_keys());
    MKPXERD_CO_TRY(write_repositories(system_, repositories));
    const bool autodetect = options_.autodetect_serial && !apkovl_files_;
    co_return add_logins(system_, login_consoles(system_, options_.consoles, autodetect));
}

Task<void> Boot::prepare_packages(const std::string& apk, PackageRequest& request) {
    MKPXERD_CO_TRY_ASSIGN(const bool modloop_keys, copy_keys(system_));
    request.names = wanted_packages(system_, options_, apkovl_files_.has_value(), *default_services_);
    if (modloop_keys) request.names.emplace_back("openssl");
    request.repositories =
        options_.repositories.empty() ? find_boot_repositories(system_) : options_.repositories;
    request.network = network_.has_value();
    request.keep_apk_new = options_.keep_apk_new;
    request.best_effort = is_optional(options_, "packages");
    request.overlay_files = apkovl_files_;
    if (!has_apk_arch(system_)) co_return Result<void>();
    Program print_arch{apk, {}, program_environment()};
    print_arch.arguments.emplace_back("--print-arch");
    MKPXERD_CO_TRY_ASSIGN(const auto run,
                          co_await run_program(io_, system_, log_, children_, std::move(print_arch),
                                               std::filesystem::path(), deadline_));
    if (run.status == 0 && run.last_lines.size() == 1)
        MKPXERD_CO_TRY(set_apk_arch(system_, run.last_lines.front()));
    co_return Result<void>();
}

// apk keeps its command line in /var/log/apk.log, for all to read: URLs with secrets are no part of it.
// Returns the file to take away afterwards; empty: there is none.
Result<std::filesystem::path> Boot::hide_repositories(PackageRequest& request) {
    if (!holds_secret(request.repositories)) return std::filesystem::path();
    log_.warning("alpine_repo= has a password: root alone can read /etc/apk/repositories");
    const std::vector<std::string> repositories = std::move(request.repositories);
    request.repositories.clear();
    MKPXERD_TRY_ASSIGN(const bool written, write_repositories(system_, repositories));
    return written ? std::filesystem::path() : lend_repositories(system_, repositories);
}

Task<void> Boot::add_ssh_keys() {
    if (options_.ssh_key.empty()) co_return Result<void>();
    std::string keys = options_.ssh_key;
    if (is_url(keys)) {
        MKPXERD_CO_TRY_ASSIGN(const std::string file,
                              co_await fetch("ssh_key", options_.ssh_key, run_downloads));
        MKPXERD_CO_TRY_ASSIGN(keys, read_file(system_.host(file)));
        std::error_code ignored; // as with the apkovl
        std::filesystem::remove(system_.host(file), ignored);
        downloads_->forget("ssh_key");
    }
    co_return add_ssh_key(system_, keys);
}

// An apkovl may say in its fstab how large its root in memory is.
Result<void> Boot::remount_root() {
    MKPXERD_TRY_ASSIGN(const auto fstab, read_fstab());
    for (const FstabLine& line : fstab)
        if (line.target == "/" && line.type == "tmpfs" && !line.options.empty())
            MKPXERD_TRY(mounter_->mount_memory("tmpfs", std::string(new_root), line.options, MS_REMOUNT));
    return {};
}

Task<void> Boot::attach_modloop() {
    if (!plan_.modloop && !plan_.search_modloop) co_return check_absence("modloop");
    const bool is_fetched = plan_.modloop && plan_.modloop->kind == Source::Kind::Url;
    const std::string usual =
        fmt::format("{}/{}", alpine_media, Modloop::usual_path(system_.kernel_release()));
    if (!plan_.modloop && !exists(system_, usual)) co_return check_absence("modloop");
    Result<std::string> file = usual;
    if (is_fetched)
        file = co_await fetch_modloop();
    else if (plan_.modloop)
        file = co_await locate("modloop", *plan_.modloop);
    if (file && !is_fetched) file = verified_copy("modloop", *file);
    Modloop modloop(system_, log_, *mounter_);
    auto attached = file ? modloop.attach(*file, memory_root_) : Result<void>(fail(file.error()));
    if (!attached && file && is_fetched) {
        std::error_code ignored; // another try fetches what the server has by then
        std::filesystem::remove(system_.host(*file), ignored);
        downloads_->forget("modloop");
    }
    if (!attached && is_optional(options_, "modloop")) {
        log_.warning("going on without a modloop", attached.error());
        co_return Result<void>();
    }
    co_return attached;
}

// In a root in memory it ends as /lib/<name>, where the system's own modloop service looks for it.
Task<std::string> Boot::fetch_modloop() {
    const std::string_view directory = plan_.root ? run_downloads : root_downloads;
    MKPXERD_CO_TRY_ASSIGN(const std::string fetched,
                          co_await fetch("modloop", plan_.modloop->url, directory));
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
        co_return fail(place, fmt::format("cannot be put there: {}", error.message()), {},
                       Failure::CannotPlaceModloop);
    std::filesystem::remove_all(system_.host(root_downloads), error);
    co_return place;
}

} // namespace mkpxerd::netboot
