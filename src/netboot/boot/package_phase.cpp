// SPDX-License-Identifier: MIT
// The order is that of mkinitfs.
#include "mkpxerd/netboot/boot/package_phase.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/place_forms.hpp"
#include "mkpxerd/netboot/mount/root_fstab.hpp"
#include "mkpxerd/netboot/options/image_check.hpp"
#include "mkpxerd/netboot/root/apk_files.hpp"
#include "mkpxerd/netboot/root/logins.hpp"
#include "mkpxerd/netboot/root/program_check.hpp"
#include "mkpxerd/netboot/root/runlevels.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

namespace mkpxerd::netboot {
namespace {

std::vector<std::string> program_environment(const BootOptions& options) {
    std::vector<std::string> environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=linux"};
    if (!options.proxy.empty())
        for (const char* name : {"http_proxy", "https_proxy", "ftp_proxy"})
            environment.push_back(fmt::format("{}={}", name, options.proxy));
    return environment;
}

PackageInstaller installer(const BootServices& services, const BootOptions& options, std::string apk) {
    return {services.io,       services.system, services.log,
            services.children, std::move(apk),  program_environment(options)};
}

void remove_file(const std::filesystem::path& path) {
    std::error_code ignored; // there may be none
    std::filesystem::remove(path, ignored);
}

} // namespace

Task<std::optional<PackageManager>> make_package_database(BootServices services, const BootOptions& options,
                                                          const BootPlan& plan) {
    const auto apk = find_apk(services.system);
    if (!apk || plan.root) co_return std::optional<PackageManager>();
    PackageInstaller packages = installer(services, options, *apk);
    const auto made = co_await packages.make_database(services.time.deadline());
    if (!made && !is_optional(options, "packages")) co_return fail(made.error());
    if (!made) services.log.warning("continuing without packages", made.error());
    co_return PackageManager{*apk};
}

PackagePhase::PackagePhase(BootServices services, const BootOptions& options, const BootPlan& plan,
                           const UnpackedApkovl& apkovl, ObjectDownloads& objects, Fetcher* fetcher,
                           Mounter mounter)
    : services_(services), options_(options), plan_(plan), apkovl_(apkovl), objects_(objects),
      fetcher_(fetcher), mounter_(mounter) {}

Task<void> PackagePhase::install(const std::optional<PackageManager>& packages) {
    if (!packages) co_return Result<void>();
    const auto filled = co_await fill_root(packages->apk);
    if (!filled && !is_optional(options_, "packages")) co_return filled;
    if (!filled) services_.log.warning("continuing without all packages", filled.error());
    co_return Result<void>();
}

Task<void> PackagePhase::fill_root(const std::string& apk) {
    System& system = services_.system;
    if (apkovl_.default_services) MKPXERD_CO_TRY(add_default_services(system, options_));
    MKPXERD_CO_TRY(remount_memory_root(system, mounter_));
    MKPXERD_CO_TRY_ASSIGN(PackageRequest request, co_await make_request(apk));
    // An apkovl with a whole system needs no repository.
    const bool only_base = request.names == std::vector<std::string>{"alpine-base"};
    const bool none = request.repositories.empty() && !has_own_repositories(system);
    if (none && only_base && check_init(system, options_.init)) {
        services_.log.step("no repository, and no packages to install");
        co_return Result<void>();
    }
    if (none)
        co_return fail(
            "packages", "neither the options nor a medium nor the apkovl name a repository",
            "give alpine_repo=, put /etc/apk/repositories into the apkovl, or mark the directory on "
            "alpine_dev with .boot_repository",
            Failure::NoRepository);
    MKPXERD_CO_TRY(add_clock_service(system));
    const std::vector<std::string> repositories = request.repositories;
    MKPXERD_CO_TRY(co_await run_apk(apk, std::move(request)));
    MKPXERD_CO_TRY(co_await add_ssh_keys());
    MKPXERD_CO_TRY(write_repositories(system, repositories));
    const bool autodetect = options_.autodetect_serial && !apkovl_.names;
    co_return add_logins(system, login_consoles(system, options_.consoles, autodetect));
}

Task<PackageRequest> PackagePhase::make_request(const std::string& apk) {
    System& system = services_.system;
    MKPXERD_CO_TRY_ASSIGN(const bool modloop_keys, copy_keys(system));
    PackageRequest request;
    request.names = wanted_packages(system, options_, apkovl_.names.has_value(), apkovl_.default_services);
    if (modloop_keys) request.names.emplace_back("openssl");
    request.repositories =
        options_.repositories.empty() ? find_boot_repositories(system) : options_.repositories;
    request.network = fetcher_ != nullptr;
    request.keep_apk_new = options_.keep_apk_new;
    request.best_effort = is_optional(options_, "packages");
    request.overlay_files = apkovl_.names;
    if (has_apk_arch(system)) MKPXERD_CO_TRY(co_await set_arch(apk));
    co_return request;
}

// An apkovl from another architecture has the wrong one.
Task<void> PackagePhase::set_arch(const std::string& apk) {
    Program print_arch{apk, {}, program_environment(options_)};
    print_arch.arguments.emplace_back("--print-arch");
    MKPXERD_CO_TRY_ASSIGN(const auto run,
                          co_await run_program(services_.io, services_.system, services_.log,
                                               services_.children, std::move(print_arch),
                                               std::filesystem::path(), services_.time.deadline()));
    if (run.status == 0 && run.last_lines.size() == 1)
        MKPXERD_CO_TRY(set_apk_arch(services_.system, run.last_lines.front()));
    co_return Result<void>();
}

Task<void> PackagePhase::run_apk(const std::string& apk, PackageRequest request) {
    const auto is_https = [](const std::string& url) { return url.starts_with("https://"); };
    if (fetcher_ != nullptr &&
        std::any_of(request.repositories.begin(), request.repositories.end(), is_https))
        co_await fetcher_->set_clock(services_.time.deadline());
    MKPXERD_CO_TRY_ASSIGN(const auto lent, hide_repositories(request));
    services_.log.step(fmt::format("installing {} packages and their dependencies", request.names.size()));
    PackageInstaller packages = installer(services_, options_, apk);
    const auto begin = Clock::now();
    const auto installed = co_await packages.install(std::move(request), services_.time.deadline());
    remove_file(lent);
    MKPXERD_CO_TRY(installed);
    services_.time.give_back(Clock::now() - begin);
    co_return Result<void>();
}

// Keeps URLs with secrets out of apk's command line, which it writes into the world-readable
// /var/log/apk.log. Returns the file to be removed afterwards; empty: there is none.
Result<std::filesystem::path> PackagePhase::hide_repositories(PackageRequest& request) {
    if (!holds_secret(request.repositories)) return std::filesystem::path();
    services_.log.warning("alpine_repo= has a password: only root can read /etc/apk/repositories");
    const std::vector<std::string> repositories = std::move(request.repositories);
    request.repositories.clear();
    MKPXERD_TRY_ASSIGN(const bool written, write_repositories(services_.system, repositories));
    return written ? std::filesystem::path() : write_run_repositories(services_.system, repositories);
}

Task<void> PackagePhase::add_ssh_keys() {
    if (options_.ssh_key.empty()) co_return Result<void>();
    std::string keys = options_.ssh_key;
    if (plan_.ssh_key) {
        MKPXERD_CO_TRY_ASSIGN(const std::string file,
                              co_await objects_.fetch("ssh_key", *plan_.ssh_key, run_downloads));
        MKPXERD_CO_TRY_ASSIGN(keys, read_file(services_.system.host(file)));
        objects_.discard("ssh_key", file);
    }
    co_return add_ssh_key(services_.system, keys);
}

} // namespace mkpxerd::netboot
