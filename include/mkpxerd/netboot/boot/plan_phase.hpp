// SPDX-License-Identifier: MIT
// BootOptions -> BootPlan, and the log lines about both, before the boot waits for anything.
#pragma once

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/boot_plan.hpp"
#include "mkpxerd/netboot/boot/boot_services.hpp"
#include "mkpxerd/netboot/fetch/trust.hpp"

namespace mkpxerd::netboot {

// Errors: those of make_boot_plan() and Trust::check_plan().
Result<BootPlan> plan_boot(const BootServices& services, const BootConfig& image, const BootOptions& options,
                           const Trust& trust);

} // namespace mkpxerd::netboot
