// SPDX-License-Identifier: MIT
// Whether the image was unpacked whole, and what it can do.
#pragma once

#include "mkpxerd/boot_config.hpp"
#include "mkpxerd/netboot/boot_plan.hpp"
#include "mkpxerd/netboot/system.hpp"

namespace mkpxerd::netboot {

// Reads boot.conf, and compares the sentinel with what it says. Errors: MPX-INIT-01 the kernel ran out of
// memory while it unpacked the image (says how much there is), MPX-INIT-02 boot.conf is damaged.
Result<BootConfig> check_image(const System& system);

ImageFacts read_image_facts(const System& system);

} // namespace mkpxerd::netboot
