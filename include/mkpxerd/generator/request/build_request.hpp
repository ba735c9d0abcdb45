// SPDX-License-Identifier: MIT
// CommandOptions + profile + configuration file -> BuildRequest.
#pragma once

#include "mkpxerd/generator/request/command_options.hpp"
#include "mkpxerd/generator/request/setting_sources.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// basedir and data_dir say where to search profiles, the configuration and features. record: nullptr, or
// where to note what was read. Errors: an unknown profile, a cycle of `extends`, a parser's error, a value
// out of range.
Result<BuildRequest> load_request(const CommandOptions& command, SettingsRecord* record = nullptr);

// Only the command line, and only the settings that say how and where to write a file.
Result<BuildRequest> load_output_request(const CommandOptions& command);

} // namespace mkpxerd::generator
