// SPDX-License-Identifier: MIT
// Loads drivers for the devices that exist and for those that appear, and waits for block devices.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/contract/source.hpp"
#include "mkpxerd/netboot/drivers/module_loader.hpp"
#include "mkpxerd/netboot/runtime/async.hpp"
#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/runtime/task.hpp"

namespace mkpxerd::netboot {

class Devices {
  public:
    Devices(boost::asio::io_context& io, System& system, Log& log, ModuleLoader& modules,
            BootNeeds needs = {});

    // Starts to keep events, so that nothing is lost between listen() and coldplug(). Errors: no socket.
    Result<void> listen(std::uint64_t buffer_bytes);
    // Begins to load drivers for the existing devices, and waits for those that the boot needs.
    boost::asio::awaitable<void> coldplug();
    // Has a driver been asked for, for each device that exists? Until then, none is known to be missing.
    bool has_tried() const { return has_tried_; }
    // Have those that the boot needs ended?
    bool coldplugged() const { return coldplugged_; }
    boost::asio::awaitable<void> wait_for_coldplug(Deadline deadline);
    // Loads drivers for devices that appear. Runs until the end of the boot.
    boost::asio::awaitable<void> follow();

    // Names below /dev of all block devices that can hold a file system, sorted.
    std::vector<std::string> block_devices() const;
    // The path of an existing device in /dev.
    std::optional<std::string> find(const DeviceSpec& spec) const;
    // Errors (MPX-DEV-01): it did not appear in time. The hint lists the devices that did. MPX-SYS-04, before
    // that: a driver that may drive it has not returned.
    Task<std::string> wait_for(const DeviceSpec& spec, Deadline deadline);
    // Waits until a device is added or changed, or the deadline has passed.
    boost::asio::awaitable<void> wait_for_change(Deadline deadline) { return changed_.wait(deadline); }

  private:
    void load_drivers(); // begins to, for the existing devices
    bool read_events();

    System& system_;
    Log& log_;
    ModuleLoader& modules_;
    BootNeeds needs_;
    boost::asio::posix::stream_descriptor socket_;
    Notifier changed_;
    bool has_tried_ = false;
    bool coldplugged_ = false;
};

} // namespace mkpxerd::netboot
