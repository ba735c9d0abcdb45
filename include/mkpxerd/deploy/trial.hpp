// SPDX-License-Identifier: MIT
// TrialRequest -> a machine in QEMU that boots it, without root -> how that ended.
#pragma once

#include <functional>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/deploy/console_watch.hpp"
#include "mkpxerd/deploy/emulator.hpp"

namespace mkpxerd::deploy {

// line: called with each line of the console as it comes. Errors: what is missing for a trial; no verdict
// within the time; QEMU that ended before.
Result<Verdict> run_trial(const TrialRequest& request, const std::function<void(std::string_view)>& line);

} // namespace mkpxerd::deploy
