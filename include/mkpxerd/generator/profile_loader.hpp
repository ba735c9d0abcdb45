// SPDX-License-Identifier: MIT
// CommandOptions + profile + configuration file -> BuildRequest.
#pragma once

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

class ProfileLoader {
  public:
    // Where profiles, the configuration and features are looked for follows from basedir and data_dir.
    // Errors: an unknown profile, a circle of `extends`, anything that the parsers refuse, a value out of
    // range.
    Result<BuildRequest> load(const CommandOptions& command) const;
    // Of the command line alone, and only how and where a file is written.
    Result<BuildRequest> load_output(const CommandOptions& command) const;
};

// BASEDIR/etc/mkpxerd/profiles and the installed profiles: every name with its file, the strongest first.
std::vector<std::pair<std::string, std::filesystem::path>> known_profiles(const CommandOptions& command);

} // namespace mkpxerd::generator
