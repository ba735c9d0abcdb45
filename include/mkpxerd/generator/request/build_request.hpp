// SPDX-License-Identifier: MIT
// CommandOptions + profile + configuration file -> BuildRequest.
#pragma once

#include "mkpxerd/generator/request/command_options.hpp"
#include "mkpxerd/generator/request/setting_sources.hpp"
#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

// basedir and data_dir say where profiles, the configuration and features are looked for. record: nullptr, or
// where to note what was read. Errors: an unknown profile, a circle of `extends`, anything that the parsers
// refuse, a value out of range.
Result<BuildRequest> load_request(const CommandOptions& command, SettingsRecord* record = nullptr);

// The command line alone, and only how and where a file is written.
Result<BuildRequest> load_output_request(const CommandOptions& command);

} // namespace mkpxerd::generator
