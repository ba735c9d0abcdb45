// SPDX-License-Identifier: MIT
// NewRoot -> the modloop's modules at its /lib/modules. Runs after everything that may make /lib a link.
#pragma once

#include <optional>
#include <string>

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/mount/source_mounter.hpp"

namespace mkpxerd::netboot {

class ModloopPhase {
  public:
    ModloopPhase(BootServices services, const BootOptions& options, const BootPlan& plan, const Trust& trust,
                 SourceMounter mounter, ObjectDownloads& objects);

    // The modloop in the options, or that of alpine_dev. The next attempt downloads an unusable one again.
    // Errors: MPX-LOOP-..., MPX-FILE-01, MPX-FETCH-..., those of the SourceMounter; with
    // mkpxerd.optional=modloop a warning instead.
    Task<void> attach(const NewRoot& root);

  private:
    // nullopt: there is no modloop to attach.
    Task<std::optional<std::string>> find_file();
    Task<std::string> fetch(const UrlSource& urls);
    Result<std::string> move_into_root(const std::string& fetched);

    BootServices services_;
    const BootOptions& options_;
    const BootPlan& plan_;
    const Trust& trust_;
    SourceMounter mounter_;
    ObjectDownloads& objects_;
};

} // namespace mkpxerd::netboot
