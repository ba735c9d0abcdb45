// SPDX-License-Identifier: MIT
// UnpackedApkovl -> a diskless root with its packages, installed by the apk of the image.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/mount/mounter.hpp"
#include "mkpxerd/netboot/root/packages.hpp"

namespace mkpxerd::netboot {

// Creates the database, before an apkovl can bring parts of it. nullopt: the image has no apk, or the root is
// not diskless. Errors: those of PackageInstaller::make_database().
Task<std::optional<PackageManager>> make_package_database(BootServices services, const BootOptions& options,
                                                          const BootPlan& plan);

class PackagePhase {
  public:
    // fetcher: none when the network is off.
    PackagePhase(BootServices services, const BootOptions& options, const BootPlan& plan,
                 const UnpackedApkovl& apkovl, ObjectDownloads& objects, Fetcher* fetcher, Mounter mounter);

    // Does nothing without packages. Installs services, keys, packages, repositories and logins. May run
    // again after a failure. Errors: MPX-PKG-..., MPX-SYS-...; with mkpxerd.optional=packages a warning
    // instead.
    Task<void> install(const std::optional<PackageManager>& packages);

  private:
    Task<void> fill_root(const std::string& apk);
    Task<PackageRequest> make_request(const std::string& apk);
    Task<void> run_apk(const std::string& apk, PackageRequest request);
    Task<void> set_arch(const std::string& apk);
    Result<std::filesystem::path> hide_repositories(PackageRequest& request);
    Task<void> add_ssh_keys();

    BootServices services_;
    const BootOptions& options_;
    const BootPlan& plan_;
    const UnpackedApkovl& apkovl_;
    ObjectDownloads& objects_;
    Fetcher* fetcher_;
    Mounter mounter_;
};

} // namespace mkpxerd::netboot
