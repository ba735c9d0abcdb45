// SPDX-License-Identifier: MIT
// CommandOptions -> Settings: the command line over the configuration over the profiles.
#pragma once

#include "mkpxerd/generator/request/command_options.hpp"
#include "mkpxerd/generator/request/settings.hpp"

namespace mkpxerd::generator {

// Only the command line.
Settings command_line_settings(const CommandOptions& command);

// A text of settings.
struct SettingsText {
    std::string text;
    std::string file; // as messages name it
    bool of_tree = false;
};
// What was read of the sources, also when reading them failed.
struct SettingsRecord {
    std::vector<SettingsText> texts; // configuration and profiles, in the order read
    Settings settings;               // in effect, as far as they were known
    std::string profile;             // the one in effect, named or by default; empty: none
    std::vector<Problem> warnings;   // settings that others replaced
};

// Whether the tree has a configuration of mkinitfs. Errors: the system does not say.
Result<bool> has_configuration(const CommandOptions& command);

// All sources. Marks settings from a tree that is not this machine's. Errors: an unknown profile, a cycle of
// `extends`, an unreadable file, a parser's error.
// record: nullptr, or where to note what was read.
Result<Settings> load_settings(const CommandOptions& command, SettingsRecord* record = nullptr);

// BASEDIR/etc/mkpxerd/profiles and the installed profiles: every name with its file, the strongest first.
// Links on the way to the directory of BASEDIR are resolved inside BASEDIR.
std::vector<std::pair<std::string, std::filesystem::path>> known_profiles(const CommandOptions& command);
// What the profile of this name says about itself; empty: nothing, or it cannot be read.
std::string profile_description(const CommandOptions& command, const std::string& name);

} // namespace mkpxerd::generator
