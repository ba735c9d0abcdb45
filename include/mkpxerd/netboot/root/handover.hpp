// SPDX-License-Identifier: MIT
// The last step: the mounts move into the new root, the new root becomes "/", its init becomes PID 1, and
// then the initramfs is freed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Mount points outside the new root that are not below another one, from /proc/self/mountinfo, in its order.
// Pure.
std::vector<std::string> mounts_to_move(std::string_view mountinfo);

// Logs last_words when only the execution itself can still fail. Returns only with an error (MPX-ROOT-05 a
// mount point cannot be made, MPX-ROOT-06 the kernel refused), and only after everything is back where it
// was, so that the hand-over can be tried again.
Result<void> hand_over(System& system, Log& log, const Program& init, std::string_view last_words);

} // namespace mkpxerd::netboot
