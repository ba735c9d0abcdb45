// SPDX-License-Identifier: MIT
// BootOptions -> BootPlan, and what a person is told of both before anything is waited for.
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
