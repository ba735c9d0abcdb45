// SPDX-License-Identifier: MIT
// TrialRequest -> boots it in QEMU, without root rights -> Verdict.
#pragma once

#include <functional>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/deploy/trial/console_watch.hpp"
#include "mkpxerd/deploy/trial/emulator.hpp"
#include "mkpxerd/deploy/trial/loopback_server.hpp"

namespace mkpxerd::deploy {

// Called while a trial runs.
struct TrialObserver {
    std::function<void(const Problem&)> note;   // before it starts: what the trial does not have
    std::function<void(std::string_view)> line; // each line of the console as it comes
    std::function<void(const LoopbackServer::Transfer&)> tick; // about once a second
    // With TrialRequest::wants_report: the last report of the init. nullopt: none came.
    std::function<void(const std::optional<std::string>&)> report = {};
};

// Errors: a missing program or file; no verdict within the time; QEMU ended early.
Result<Verdict> run_trial(const TrialRequest& request, const TrialObserver& observer);

} // namespace mkpxerd::deploy
