// SPDX-License-Identifier: MIT
// CommandOptions -> Settings: command line, configuration and profiles, laid over each other.
#pragma once

#include "mkpxerd/generator/request/settings.hpp"

namespace mkpxerd::generator {

// Of the command line alone.
Settings command_line_settings(const CommandOptions& command);

// Of everything. What the configuration or a profile of a tree says that is not this machine's is marked as
// such. Errors: an unknown profile, a circle of `extends`, a file that cannot be read, anything that the
// parsers refuse.
Result<Settings> load_settings(const CommandOptions& command);

// BASEDIR/etc/mkpxerd/profiles and the installed profiles: every name with its file, the strongest first. The
// directory of BASEDIR is looked for inside BASEDIR, links and all.
std::vector<std::pair<std::string, std::filesystem::path>> known_profiles(const CommandOptions& command);

} // namespace mkpxerd::generator
