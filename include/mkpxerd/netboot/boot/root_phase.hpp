// SPDX-License-Identifier: MIT
// BootPlan -> NewRoot: the root file system at /newroot, from a device, by NFS, from a URL, or empty in
// memory.
#pragma once

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/mount/source_mounter.hpp"

namespace mkpxerd::netboot {

class RootPhase {
  public:
    RootPhase(BootServices services, const BootOptions& options, const BootPlan& plan, Devices& devices,
              SourceMounter mounter, ObjectDownloads& objects);

    // earlier: the result of a previous attempt, if one got this far; a mounted root is left alone. Downloads
    // of all objects begin here, because a root in memory must exist before they are stored in it. Errors:
    // MPX-MNT-..., MPX-DEV-01, MPX-NFS-..., MPX-FETCH-..., MPX-ROOT-07, MPX-TAR-...
    Task<NewRoot> mount(std::optional<NewRoot> earlier);
    // Mounts /usr as the root's fstab says, for a root that the options name. Errors: those of
    // netboot::mount_usr().
    Task<void> mount_usr(const Trust& trust);

  private:
    void start_downloads();
    Task<NewRoot> mount_in_memory();
    Task<NewRoot> mount_asked_root();
    Task<NewRoot> mount_source(std::string target);
    Task<NewRoot> open_image(const UrlSource& urls, std::string target);

    BootServices services_;
    const BootOptions& options_;
    const BootPlan& plan_;
    Devices& devices_;
    SourceMounter mounter_;
    ObjectDownloads& objects_;
};

} // namespace mkpxerd::netboot
