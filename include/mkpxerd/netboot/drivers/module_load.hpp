// SPDX-License-Identifier: MIT
// One module on its way into the kernel, with its times, for the report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

struct ModuleLoad {
    std::string name;
    std::string device; // that asked for it, as in sysfs: "pci 0000:00:03.0"; may be empty
    Clock::time_point queued;
    std::optional<Clock::time_point> begun, ended; // of the kernel's call
    std::string problem;                           // why it failed; empty: it did not
};

// Is the kernel's call still running?
inline bool is_running(const ModuleLoad& load) {
    return load.begun && !load.ended;
}
// "e1000e (pci 0000:00:03.0) for 12 s", one text for each module whose call is still running.
std::vector<std::string> still_loading(const std::vector<ModuleLoad>& loads, Clock::time_point now);

} // namespace mkpxerd::netboot
