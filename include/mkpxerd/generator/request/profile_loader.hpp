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

} // namespace mkpxerd::generator
