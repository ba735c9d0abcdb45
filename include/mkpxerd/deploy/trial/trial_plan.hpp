// SPDX-License-Identifier: MIT
// A bundle, as its servers would hand it out -> what a trial hands out in their place. Reads the bundle only.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::deploy {

// The machine that a trial of a bundle emulates, unless the bundle's files suggest another one.
inline constexpr std::string_view trial_mac = "52:54:00:12:34:56"; // QEMU's first card
inline constexpr std::string_view trial_uuid = "6d6b7078-6572-4d64-8000-525400123456";

struct TrialBundle {
    std::filesystem::path directory;
    std::string baked = {};   // options baked into its image
    std::string options = {}; // of the trial, after all others
    bool has_apk = false;     // its image
};

struct TrialPlan {
    std::string server;                       // IPv4 address of the trial's server, as the machine sees it
    std::string script;                       // boot.ipxe
    std::map<std::string, std::string> texts; // path below the bundle -> a text in the place of that file
    std::string mac{trial_mac};               // of the first card
    std::string uuid{trial_uuid};
    std::string stand_in = {};  // path below the bundle where a small system stands in for an apkovl
    std::vector<Problem> notes; // what the trial cannot hand out
};

// The problem that this user may not read the file. Any other error is for whoever reads it.
std::optional<Problem> find_unreadable(const std::filesystem::path& file);

// place: path of the bundle on the trial's server, without a final slash. Errors: boot.ipxe cannot be read,
// or does not say where the bundle is;
// files of the bundle that this user cannot read.
Result<TrialPlan> plan_trial(const TrialBundle& bundle, const std::string& place);

// "10.0.0.1" -> options of QEMU's user network in which the machine reaches that address alone.
// command: what QEMU runs for each connection to port 80 there.
std::string trial_network(const std::string& server, const std::string& command);

} // namespace mkpxerd::deploy
