// SPDX-License-Identifier: MIT
// Was the image unpacked completely, and what does it contain?
#pragma once

#include <optional>
#include <string>

#include "mkpxerd/contract/boot_config.hpp"
#include "mkpxerd/contract/boot_plan.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Reads boot.conf, and checks the image's last file against it. Errors: MPX-INIT-01 the kernel ran out of
// memory while it unpacked the image (the hint says how much there is), MPX-INIT-02 boot.conf is damaged.
Result<BootConfig> check_image(const System& system);

// The path of the image's apk. nullopt: the image has no apk that can be executed.
std::optional<std::string> find_apk(const System& system);

ImageAbilities read_image_abilities(const System& system);

} // namespace mkpxerd::netboot
