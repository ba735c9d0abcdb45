// SPDX-License-Identifier: MIT
// Settings, BuildRequest -> the texts that the build reads, for a maintainer who does it again:
// configuration, profiles, feature lists, hardware lists, and depmod's files. Secrets, and the contents of
// modules and of the system's files, are not among them.
#pragma once

#include "mkpxerd/generator/request/setting_sources.hpp"

namespace mkpxerd::generator {

struct InputFile {
    std::string path; // on this machine, absolute, without leading slash
    std::string content;
    bool operator==(const InputFile&) const = default;
};

struct BuildInputs {
    std::string kernel_version;                    // empty: none, or it was not found
    std::vector<InputFile> files;                  // by path
    std::optional<std::string> kernel_config = {}; // wherever it was found
    std::vector<Problem> left_out;                 // what is missing, and why
};

// request: nullptr if the settings made none. Never fails: what cannot be read is left out.
BuildInputs collect_inputs(const SettingsRecord& settings, const BuildRequest* request);

} // namespace mkpxerd::generator
