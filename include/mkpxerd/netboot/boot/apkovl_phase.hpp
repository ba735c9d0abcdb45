// SPDX-License-Identifier: MIT
// FoundApkovl -> UnpackedApkovl: the named or found apkovl, verified and unpacked into the new root.
#pragma once

#include <optional>
#include <string>

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/mount/source_mounter.hpp"

namespace mkpxerd::netboot {

class ApkovlPhase {
  public:
    ApkovlPhase(BootServices services, const BootOptions& options, const BootPlan& plan, const Trust& trust,
                SourceMounter mounter, ObjectDownloads& objects);

    // for_apk: keep the names in the archive. Errors: MPX-FILE-01, MPX-FETCH-..., MPX-TAR-..., MPX-OVL-01,
    // and those of the SourceMounter.
    Task<UnpackedApkovl> lay(const FoundApkovl& found, bool for_apk);

  private:
    Task<std::optional<std::string>> find_file(const FoundApkovl& found);

    BootServices services_;
    const BootOptions& options_;
    const BootPlan& plan_;
    const Trust& trust_;
    SourceMounter mounter_;
    ObjectDownloads& objects_;
};

} // namespace mkpxerd::netboot
