// SPDX-License-Identifier: MIT
// CommandOptions -> Settings: the command line over the configuration over the profiles.
#pragma once

#include "mkpxerd/generator/request/command_options.hpp"
#include "mkpxerd/generator/request/settings.hpp"

namespace mkpxerd::generator {

// The command line alone.
Settings command_line_settings(const CommandOptions& command);

// All sources. Settings from a tree that is not this machine's are marked as such. Errors: an unknown
// profile, a circle of `extends`, a file that cannot be read, anything that the parsers refuse.
Result<Settings> load_settings(const CommandOptions& command);

// BASEDIR/etc/mkpxerd/profiles and the installed profiles: every name with its file, the strongest first.
// Links on the way to the directory of BASEDIR are resolved inside BASEDIR.
std::vector<std::pair<std::string, std::filesystem::path>> known_profiles(const CommandOptions& command);

} // namespace mkpxerd::generator
