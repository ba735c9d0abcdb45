// SPDX-License-Identifier: MIT
// The modloop: a squashfs with modules/VERSION. It is mounted at /.modloop of the new root, as Alpine's
// service modloop does, and /lib/modules links to it.
#pragma once

#include <string>

#include "mkpxerd/netboot/mount/mounter.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

class Modloop {
  public:
    Modloop(System& system, Log& log, Mounter& mounter) : system_(system), log_(log), mounter_(mounter) {}

    // "boot/modloop-lts" for the kernel 6.6.31-0-lts.
    static std::string usual_path(std::string_view kernel_release);

    // Mounts the file and links /lib/modules of the new root to it. writable: this boot made the root's files
    // and may change them; otherwise the modules are bound over its /lib/modules. Errors: MPX-LOOP-01 it is
    // for another kernel (names both), MPX-LOOP-02 it contains no modules, MPX-LOOP-03 /lib/modules cannot be
    // changed, and those of Mounter::mount_image().
    Task<void> attach(std::string file, bool writable, Deadline deadline);

  private:
    Result<void> check_version(const std::string& mounted, const std::string& file) const;
    Result<void> link_modules();
    Result<void> bind_modules(const std::string& mounted);

    System& system_;
    Log& log_;
    Mounter& mounter_;
};

} // namespace mkpxerd::netboot
