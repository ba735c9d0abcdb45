// SPDX-License-Identifier: MIT
// BootPlan -> media below /media, and the apkovl found on one of them when no option names it.
#pragma once

#include <string>

#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/boot/boot_values.hpp"
#include "mkpxerd/netboot/mount/source_mounter.hpp"

namespace mkpxerd::netboot {

class MediaPhase {
  public:
    MediaPhase(BootServices services, const BootOptions& options, const BootPlan& plan, Devices& devices,
               SourceMounter mounter);

    // Leaves mounted media alone. Errors: those of the SourceMounter.
    Task<FoundApkovl> mount();

  private:
    Task<void> mount_alpine_dev();
    boost::asio::awaitable<void> search_devices(FoundApkovl& found);

    BootServices services_;
    const BootOptions& options_;
    const BootPlan& plan_;
    Devices& devices_;
    SourceMounter mounter_;
};

// The path of a file that an option names, on alpine_dev or on a device, which this mounts. Precondition:
// source is not a URL. Errors: MPX-FILE-01 it does not exist, those of the SourceMounter.
Task<std::string> find_on_medium(const System& system, SourceMounter mounter, Source source);

} // namespace mkpxerd::netboot
