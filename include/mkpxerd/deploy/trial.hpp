// SPDX-License-Identifier: MIT
// TrialRequest -> boots it in QEMU, without root rights -> Verdict.
#pragma once

#include <functional>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/deploy/console_watch.hpp"
#include "mkpxerd/deploy/emulator.hpp"

namespace mkpxerd::deploy {

// line: called with each line of the console as it comes. Errors: a missing program or file; no verdict
// within the time; QEMU ended early.
Result<Verdict> run_trial(const TrialRequest& request, const std::function<void(std::string_view)>& line);

} // namespace mkpxerd::deploy
