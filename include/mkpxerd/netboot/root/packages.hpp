// SPDX-License-Identifier: MIT
// The packages of a diskless Alpine: calls of the image's apk, in mkinitfs' order. References: the manual of
// apk-tools and mkinitfs' init; docs/cmdline.md describes the options.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/runtime/program.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

struct PackageRequest {
    std::vector<std::string> names = {};        // in order
    std::vector<std::string> repositories = {}; // URLs and paths
    bool network = false;
    bool keep_apk_new = false;
    std::optional<std::vector<std::string>> overlay_files = {}; // of the apkovl; nullopt: no apkovl
    bool best_effort = false;                                   // go on without missing packages
    bool operator==(const PackageRequest&) const = default;
};

// The arguments of "apk add ...". Pure.
std::vector<std::string> apk_arguments(const PackageRequest& request);

// The packages of pkgs=, of the apkovl's world and of other options, then alpine-base; each once.
std::vector<std::string> wanted_packages(const System& system, const BootOptions& options, bool has_apkovl,
                                         bool default_services);

// Directories below /media that contain .boot_repository, at most three levels down, by name.
std::vector<std::string> find_boot_repositories(const System& system);

class PackageInstaller {
  public:
    PackageInstaller(boost::asio::io_context& io, System& system, Log& log, Children& children,
                     std::string apk, std::vector<std::string> environment);

    // Creates apk's database in the new root. Must run before the apkovl is unpacked.
    Task<void> make_database(Deadline deadline);
    // Binds /proc, /sys and /dev into the new root while apk runs.
    Task<void> install(PackageRequest request, Deadline deadline);

  private:
    Task<void> run(std::vector<std::string> arguments, std::filesystem::path input, Deadline deadline);

    boost::asio::io_context& io_;
    System& system_;
    Log& log_;
    Children& children_;
    std::string apk_;
    std::vector<std::string> environment_;
};

} // namespace mkpxerd::netboot
