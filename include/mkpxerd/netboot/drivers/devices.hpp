// SPDX-License-Identifier: MIT
// Devices that are there and devices that appear: drivers are loaded for both, and a block device can be
// waited for.
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
    Devices(boost::asio::io_context& io, System& system, Log& log, ModuleLoader& modules);

    // From here on events are kept, so that nothing is lost between listen() and coldplug(). Errors: no
    // socket.
    Result<void> listen(std::uint64_t buffer_bytes);
    // Loads drivers for what is there, network and virtual buses first, and lets others run between two
    // drivers.
    boost::asio::awaitable<void> coldplug();
    // Whether the first coldplug is through: before, nobody knows which driver is missing.
    bool coldplugged() const { return coldplugged_; }
    // Until it is.
    boost::asio::awaitable<void> wait_for_coldplug();
    // Loads drivers for what appears; runs until the end.
    boost::asio::awaitable<void> follow();

    // Names below /dev of all block devices that can hold a file system, sorted.
    std::vector<std::string> block_devices() const;
    // Its path in /dev, if it is there.
    std::optional<std::string> find(const DeviceSpec& spec) const;
    // Errors (MPX-DEV-01): it did not appear in time; what did appear is listed.
    Task<std::string> wait_for(const DeviceSpec& spec, Deadline deadline);
    // Until a device is added or changed, or the deadline has passed.
    boost::asio::awaitable<void> wait_for_change(Deadline deadline) { return changed_.wait(deadline); }

  private:
    bool read_events();

    System& system_;
    Log& log_;
    ModuleLoader& modules_;
    boost::asio::posix::stream_descriptor socket_;
    Notifier changed_;
    bool coldplugged_ = false;
};

} // namespace mkpxerd::netboot
