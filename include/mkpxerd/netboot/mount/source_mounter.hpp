// SPDX-License-Identifier: MIT
// Mounts the sources that the options name, before the boot's deadline: NFS exports after resolving their
// host, devices as soon as they appear.
#pragma once

#include <optional>
#include <string>

#include "mkpxerd/contract/source.hpp"
#include "mkpxerd/netboot/mount/mounter.hpp"
#include "mkpxerd/netboot/runtime/time_budget.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

class SourceMounter {
  public:
    // network: none when it is off; then an NFS source is an error. network and time outlive this.
    SourceMounter(boost::asio::io_context& io, Mounter mounter, const std::optional<NetworkState>& network,
                  const TimeBudget& time)
        : io_(io), mounter_(mounter), network_(network), time_(time) {}

    // The options of the source come first. Errors: MPX-OPT-03 the network is off, MPX-DNS-..., those of the
    // Mounter.
    Task<void> mount_nfs(NfsSource source, std::string target, bool read_only, std::string options);
    // Errors: those of the Mounter.
    Task<void> mount_device(DeviceMount request);

    // For mounts that need neither the network nor waiting.
    Mounter& mounter() { return mounter_; }
    bool is_mounted(std::string_view target) const { return mounter_.is_mounted(std::string(target)); }

  private:
    boost::asio::io_context& io_;
    Mounter mounter_;
    const std::optional<NetworkState>& network_;
    const TimeBudget& time_;
};

} // namespace mkpxerd::netboot
