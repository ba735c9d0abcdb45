// SPDX-License-Identifier: MIT
// The last step: what is mounted moves into the new root, the new root becomes "/", its init becomes PID 1,
// and then the initramfs is freed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/netboot/runtime/log.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// That the program is there and can be executed, its interpreter too, seen from inside the root.
// Errors: MPX-ROOT-01 not there, MPX-ROOT-02 not executable, MPX-ROOT-03 its interpreter is not there,
// MPX-ROOT-04 for another kind of machine.
Result<void> check_init(const System& system, const std::string& init);

// Mount points outside the new root that have no other one above them, from /proc/self/mountinfo, in its
// order. Pure.
std::vector<std::string> mounts_to_move(std::string_view mountinfo);

// last_words: logged when nothing but the execution itself can fail any more. Returns only with an error
// (MPX-ROOT-05 a mount point is missing, MPX-ROOT-06 the kernel refused), and then everything is where it
// was, so that it can be tried again.
Result<void> hand_over(System& system, Log& log, const Program& init, std::string_view last_words);

} // namespace mkpxerd::netboot
