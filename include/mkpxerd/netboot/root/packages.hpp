// SPDX-License-Identifier: MIT
// A diskless Alpine: what apk of the image is asked to do, in the order of mkinitfs. The references for the
// facts are the man page of apk-tools and mkinitfs' init; docs/cmdline.md tells the options.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/runtime/program.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

struct PackageRequest {
    std::vector<std::string> names;        // in order
    std::vector<std::string> repositories; // URLs and paths
    bool network = false;
    bool keep_apk_new = false;
    std::optional<std::vector<std::string>> overlay_files; // of the apkovl; none: there is none
    bool best_effort = false; // install what there is, though packages are missing
    bool operator==(const PackageRequest&) const = default;
};

// "apk add ..." without its name. Pure.
std::vector<std::string> apk_arguments(const PackageRequest& request);

// pkgs=, the apkovl's world, alpine-base and what options bring, each once, in this order.
std::vector<std::string> wanted_packages(const System& system, const BootOptions& options, bool has_apkovl,
                                         bool default_services);

// Directories with a .boot_repository below /media, at most three levels down, by name.
std::vector<std::string> find_boot_repositories(const System& system);

class PackageInstaller {
  public:
    PackageInstaller(boost::asio::io_context& io, System& system, Log& log, Children& children,
                     std::string apk, std::vector<std::string> environment);

    // Makes the database that everything else is recorded in; before the apkovl is laid.
    Task<void> make_database(Deadline deadline);
    // /proc, /sys and /dev are bound into the new root while it runs.
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
