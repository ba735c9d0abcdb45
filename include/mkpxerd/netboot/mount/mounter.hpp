// SPDX-License-Identifier: MIT
// Mounts devices, NFS exports, image files and overlays. Loads the module of the file system first: if that
// has not loaded by the deadline, MPX-SYS-04 names it, and mount(2) is not called.
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
    std::string target = {};
    std::string fstype = {};  // empty: read from the device
    std::string options = {}; // "ro,noatime"
    bool read_only = true;
};

// How long to wait for an NFS server.
struct NfsPatience {
    std::chrono::milliseconds connection{3000}; // for a TCP connection to the NFS port
    std::chrono::milliseconds exports{3000};    // for the list of exports
    std::chrono::milliseconds one_mount{20000}; // for one mount(2), after the server accepted a connection
    std::chrono::milliseconds first_pause{250}; // before the second try; doubles for each further one
    std::chrono::milliseconds longest_pause{4000};
};

class Mounter {
  public:
    Mounter(boost::asio::io_context& io, System& system, Log& log, Children& children, ModuleLoader& modules,
            Devices& devices, NfsPatience patience = {});

    // Makes the mount point, but loads no module. Errors: MPX-MNT-01.
    Result<void> mount(const MountCall& call);
    // A tmpfs for a root file system: always writable, with a warning if the options say otherwise.
    // more_flags: MS_REMOUNT. Errors: MPX-MNT-01.
    Result<void> mount_memory(const std::string& source, const std::string& target,
                              const std::string& options, unsigned long more_flags = 0);
    // An image file, read-only, through a loop device. Errors: MPX-MNT-01, MPX-MNT-02 no known file system.
    Task<void> mount_image(std::string file, std::string target, std::string options, Deadline deadline);
    // An overlayfs with a tmpfs over a read-only directory. The tmpfs is mounted at `layers`. Errors:
    // MPX-MNT-01.
    Task<void> mount_overlay(std::string lower, std::string layers, std::string tmpfs_options,
                             std::string target, Deadline deadline);
    // Waits for the device. Errors: MPX-DEV-01, MPX-MNT-01, MPX-MNT-02.
    Task<void> mount_device(DeviceMount request, Deadline deadline);
    // Tries all versions at each address of the server, in order, and starts over until one answers or the
    // deadline has passed. mount(2) blocks, so a child process calls it. Errors: MPX-NFS-01 ... MPX-NFS-07.
    Task<void> mount_nfs(NfsMount request, std::vector<std::string> addresses, Deadline deadline);

    bool is_mounted(const std::string& target) const;

  private:
    struct Outcome;
    // Tells the timeline how a mount that it knows has ended.
    Result<void> record(const std::string& target, Result<void> mounted);
    Result<void> mount_now(const MountCall& call);
    Task<void> wait_and_mount(DeviceMount request, Deadline deadline);
    Task<void> try_nfs(NfsMount request, std::vector<std::string> addresses, Deadline deadline);
    boost::asio::awaitable<std::error_code> mount_in_child(const MountCall& call, Deadline deadline);
    boost::asio::awaitable<Outcome> try_nfs_versions(const NfsMount& request, Deadline deadline);
    boost::asio::awaitable<Outcome>
    try_nfs_servers(NfsMount request, const std::vector<std::string>& addresses, Deadline deadline);
    void make_directory(const std::string& path);

    boost::asio::io_context& io_;
    System& system_;
    Log& log_;
    Children& children_;
    ModuleLoader& modules_;
    Devices& devices_;
    NfsPatience patience_;
};

} // namespace mkpxerd::netboot
