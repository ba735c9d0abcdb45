// SPDX-License-Identifier: MIT
// Settings from profile, configuration file and command line in one form, each value with its origin. Weak to
// strong: built-in defaults, profile, configuration, command line.
#pragma once

#include <map>

#include "mkpxerd/generator/types.hpp"

namespace mkpxerd::generator {

struct Setting {
    std::string value; // for a list: its texts, separated by spaces
    Origin origin = {};
    std::vector<std::string> items =
        {};                           // the texts of a list, with their spaces; empty: value is a single text
    std::vector<Origin> origins = {}; // of items that come from several sources; empty: all from origin
    bool of_tree = false;             // set by a tree that is not this machine's: it names files of that tree
    bool operator==(const Setting&) const = default;
};

using Settings = std::map<std::string, Setting>; // by key, as a profile spells it

// Adds what a weaker source sets. Settings that exist already are stronger; only the features that it adds
// (add-features) join those of a stronger source, unless that names all features itself.
void merge_weaker(Settings& settings, Settings weaker);

// The largest file of settings, also after the expansion of variables and aliases.
inline constexpr std::size_t max_settings_bytes = std::size_t{1} << 20;

// mkinitfs.conf, in the subset of shell that it needs: NAME=value, quotes, $NAME and ${NAME} of earlier
// lines, comments, backslash-newline. Executes nothing. Keys get the names that profiles use (initfscomp ->
// compression). Errors, with file and line: any other shell syntax, an unknown name that no later line uses.
Result<Settings> parse_mkinitfs_conf(std::string_view text, const std::string& file);

struct Profile {
    std::string description;
    std::string extends; // name or file of the profile it builds on; may be empty
    Origin extends_origin;
    Settings settings;
};

// A YAML profile. Errors: not YAML, not a mapping, an unknown key, a value of the wrong form; with file and
// line.
Result<Profile> parse_profile(const std::string& text, const std::string& file);

// All keys that a setting can have.
const std::vector<std::string>& setting_keys();

} // namespace mkpxerd::generator
