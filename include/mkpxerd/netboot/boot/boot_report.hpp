// SPDX-License-Identifier: MIT
// The report of this boot as a value: /run/mkpxerd/report.json for programs, report.txt for people.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/boot/report_timeline.hpp"
#include "mkpxerd/netboot/fetch/fetcher.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// One network device as the kernel shows it.
struct Nic {
    std::string name;
    std::string mac;
    std::string driver; // empty: virtual
    std::string state;  // "up", "down", "no carrier"
    std::string modalias;
    bool operator==(const Nic&) const = default;
};

struct BootReport {
    struct Stage {
        std::string name;
        std::chrono::milliseconds begin; // since the start of init
        std::chrono::milliseconds took;
        unsigned attempts = 1;
    };
    struct Download {
        std::string name;
        std::string url; // secrets removed
        std::uint64_t bytes = 0;
        unsigned attempts = 0;
    };
    std::string kernel;
    std::string image;              // version of the generator that wrote it
    std::string machine_uuid;       // empty: not known
    std::string result;             // "handover", "failed"
    std::string init;               // the new init
    std::optional<Problem> problem; // the last failure
    std::string failed_stage;
    std::chrono::milliseconds elapsed{};
    std::vector<Stage> stages;
    std::vector<Nic> nics;
    std::vector<std::string> devices_without_driver; // network devices, each with the reason
    std::vector<std::string> missing_firmware;       // of network devices, after a failure
    std::optional<NetworkState> network;
    std::vector<Download> downloads;
    std::vector<BootSetting> settings;      // values without secrets
    std::vector<std::string> modules;       // loaded by the init, in order
    std::vector<std::string> still_loading; // modules whose drivers still probe: "e1000e (pci ...) for 12 s"
    std::uint64_t memory_bytes = 0;         // of the machine
    std::uint64_t peak_bytes = 0;           // peak memory of the init itself (VmHWM)
    ReportTimeline timeline;
};

// Network devices, sorted by name.
std::vector<Nic> read_nics(const System& system);
// 0: unknown.
std::uint64_t read_memory_bytes(const System& system);
std::uint64_t read_peak_bytes(const System& system);

std::string report_json(const BootReport& report);
std::string report_text(const BootReport& report);

// Writes both files. An error must not fail the boot: the caller only logs it.
Result<void> write_report(const System& system, const BootReport& report);

} // namespace mkpxerd::netboot
