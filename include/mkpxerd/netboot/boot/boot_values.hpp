// SPDX-License-Identifier: MIT
// The results of the phases of a boot, in order: a phase is done when its value is set. Each phase gets the
// values that it needs; the report of a failure reads them all.
//   Consoles -> BootConfig -> BootOptions -> Trust -> BootPlan -> ModuleLoader -> Devices -> NetworkState
//     -> ObjectDownloads -> NewRoot -> FoundApkovl -> PackageManager -> UnpackedApkovl -> hand-over
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/boot_plan.hpp"
#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/drivers/devices.hpp"
#include "mkpxerd/netboot/drivers/module_loader.hpp"
#include "mkpxerd/netboot/fetch/fetcher.hpp"
#include "mkpxerd/netboot/fetch/object_downloads.hpp"
#include "mkpxerd/netboot/fetch/trust.hpp"
#include "mkpxerd/netboot/options/placeholders.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// The consoles are open, and the kernel reports ctrl-alt-del to the init.
struct Consoles {
    std::string
        ctrl_alt_del; // the kernel's original setting, to be restored for the new root; empty: unknown
};

struct NewRoot {
    bool in_memory = false; // its files belong to this boot, which may change them
};

// The result of the search for an apkovl that no option names.
struct FoundApkovl {
    std::optional<std::string> path; // below /media
};

// The image's apk has created its database in the new root.
struct PackageManager {
    std::string apk; // path
};

struct UnpackedApkovl {
    std::optional<std::vector<std::string>> names; // in the archive, for apk; nullopt: there was no apkovl
    bool default_services = false;                 // the root gets the default services, as without an apkovl
};

struct BootValues {
    std::optional<Consoles> consoles;
    BootConfig image;
    BootOptions options;
    std::optional<Trust> trust;
    BootPlan plan;
    std::unique_ptr<ModuleLoader> modules;
    std::unique_ptr<Devices> devices;
    MachineFacts machine;
    std::optional<NetworkState> network; // none: it is off, or not up yet; follows the lease
    std::unique_ptr<Fetcher> fetcher;    // with a network
    std::unique_ptr<ObjectDownloads> objects;
    std::optional<NewRoot> root;
    FoundApkovl found_apkovl;
    std::optional<PackageManager> packages; // none: the boot installs no packages, or not yet
    UnpackedApkovl apkovl;
};

// The values of all phases, for the later ones and for the report.
template <class Kept, class Value>
Result<void> keep(Kept& kept, Result<Value> value) {
    MKPXERD_TRY_ASSIGN(kept, std::move(value));
    return {};
}

// Does mkpxerd.optional= let the boot continue without the object?
inline bool is_optional(const BootOptions& options, std::string_view object) {
    return options.optional_objects.contains(std::string(object));
}

} // namespace mkpxerd::netboot
