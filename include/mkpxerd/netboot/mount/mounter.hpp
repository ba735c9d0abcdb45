// SPDX-License-Identifier: MIT
// Mounts what the boot needs: devices, NFS exports, image files, overlays. Loads the file system's module
// first.
#pragma once

#include "mkpxerd/netboot/drivers/devices.hpp"
#include "mkpxerd/netboot/drivers/module_loader.hpp"
#include "mkpxerd/netboot/mount/nfs.hpp"
#include "mkpxerd/netboot/runtime/children.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

struct DeviceMount {
    DeviceSpec device;
    std::string target;
    std::string fstype;  // empty: found on the device
    std::string options; // "ro,noatime"
    bool read_only = true;
};

class Mounter {
  public:
    Mounter(boost::asio::io_context& io, System& system, Log& log, Children& children, ModuleLoader& modules,
            Devices& devices);

    // Makes the mount point. Errors: MPX-MNT-01.
    Result<void> mount(const MountCall& call);
    // A tmpfs for a system to be put into: writable, whatever the options say, which is warned of.
    // more_flags: MS_REMOUNT. Errors: MPX-MNT-01.
    Result<void> mount_memory(const std::string& source, const std::string& target,
                              const std::string& options, unsigned long more_flags = 0);
    // An image file, read-only, by a loop device. Errors: MPX-MNT-01, MPX-MNT-02 no file system that is
    // known.
    Result<void> mount_image(const std::string& file, const std::string& target,
                             const std::string& options = {});
    // tmpfs over a read-only directory; the layers lie under the directory `layers`. Errors: MPX-MNT-01.
    Result<void> mount_overlay(const std::string& lower, const std::string& layers,
                               const std::string& tmpfs_options, const std::string& target);
    // Waits for the device. Errors: MPX-DEV-01, MPX-MNT-01, MPX-MNT-02.
    Task<void> mount_device(DeviceMount request, Deadline deadline);
    // Tries the addresses of the server in order, with each the versions, and again and again while none
    // answers; mount(2) blocks, so a child does it. Errors: MPX-NFS-01 ... MPX-NFS-07.
    Task<void> mount_nfs(NfsMount request, std::vector<std::string> addresses, Deadline deadline);

    bool is_mounted(const std::string& target) const;

  private:
    struct Outcome;
    boost::asio::awaitable<std::error_code> mount_in_child(const MountCall& call, Deadline deadline);
    boost::asio::awaitable<Outcome> try_nfs_versions(const NfsMount& request, Deadline deadline);
    boost::asio::awaitable<Outcome>
    try_nfs_servers(NfsMount& request, const std::vector<std::string>& addresses, Deadline deadline);
    void load_file_system(const std::string& type);
    void make_directory(const std::string& path);

    boost::asio::io_context& io_;
    System& system_;
    Log& log_;
    Children& children_;
    ModuleLoader& modules_;
    Devices& devices_;
};

} // namespace mkpxerd::netboot
