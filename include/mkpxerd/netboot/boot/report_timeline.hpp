// SPDX-License-Identifier: MIT
// The timeline of the report: every time in seconds since the kernel started. docs/report.md describes it.
#pragma once

#include <optional>
#include <vector>

#include "mkpxerd/base/json.hpp"
#include "mkpxerd/netboot/drivers/module_load.hpp"
#include "mkpxerd/netboot/runtime/timeline.hpp"

namespace mkpxerd::netboot {

struct ReportTimeline {
    Timeline events;
    std::vector<ModuleLoad> modules;
    Clock::time_point written;
    bool handed_over = false; // the report is the last act before the hand-over
};

// As the value of the key "timeline". Secrets are removed.
void write_timeline(JsonWriter& json, const ReportTimeline& timeline);

} // namespace mkpxerd::netboot
