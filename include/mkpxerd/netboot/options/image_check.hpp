// SPDX-License-Identifier: MIT
// Whether the image was unpacked whole, and what it can do.
#pragma once

#include <optional>
#include <string>

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/boot_plan.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Reads boot.conf, and compares the sentinel with what it says. Errors: MPX-INIT-01 the kernel ran out of
// memory while it unpacked the image (says how much there is), MPX-INIT-02 boot.conf is damaged.
Result<BootConfig> check_image(const System& system);

// The path of the image's apk. nullopt: the image has no apk that can be executed.
std::optional<std::string> find_apk(const System& system);

ImageAbilities read_image_abilities(const System& system);

} // namespace mkpxerd::netboot
