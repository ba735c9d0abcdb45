// SPDX-License-Identifier: MIT
// What the image says about its modules: the lists of depmod, and what modprobe.d and the command line add.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/netboot/drivers/module_index.hpp"

namespace mkpxerd::netboot {

// Names of modules are normalised: '_' for '-'.
struct ImageModules {
    ModuleIndex index;
    ModprobeConfig config;
    std::string
        directory; // /lib/modules/VERSION as the kernel sees it; a test may read the index from elsewhere

    // Modules for an alias except those of blacklist. Aliases of modprobe.d replace those of depmod.
    std::vector<std::string> resolve_alias(std::string_view alias) const;
    // Names or aliases of softdeps, of depmod and of modprobe.d. which: &Softdep::pre, &Softdep::post.
    std::vector<std::string> softdeps(std::string_view name, std::vector<std::string> Softdep::*which) const;
    // The last one needed first. Precondition: the index has the module.
    std::vector<std::string> dependencies(std::string_view name) const;
    bool depends_on(std::string_view name, std::string_view other) const;
    // Those of modprobe.d and the command line, then `more`. Before them "async_probe" for a module that
    // drives no device: without it, finit_module(2) waits until all drivers have probed that do so
    // asynchronously (do_init_module in kernel/module/main.c), such as those of disks.
    std::string parameters(std::string_view name, std::string_view more) const;
    // MPX-MOD-01, with a similar name.
    Problem not_found(std::string_view name) const;
};

} // namespace mkpxerd::netboot
