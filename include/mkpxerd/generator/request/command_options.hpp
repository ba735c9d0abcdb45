// SPDX-License-Identifier: MIT
// The command line of a build as texts, before interpretation.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mkpxerd::generator {

// load_request() interprets these texts together with profile and configuration.
struct CommandOptions {
    std::filesystem::path basedir = "/";
    std::filesystem::path data_dir;                  // share/mkpxerd of the installation
    std::filesystem::path init_program;              // lib/mkpxerd/init of the installation
    std::optional<std::filesystem::path> config;     // -c
    std::string profile;                             // --profile: a name or a file
    std::vector<std::filesystem::path> feature_dirs; // -P, as given
    std::string kernel_version;                      // the last argument
    // Everything that a profile or configuration may set as well: key (as in a profile), text. If a key
    // occurs several times, its values form a list if it can be one; otherwise the last counts.
    std::vector<std::pair<std::string, std::string>> settings;
    std::string source_date_epoch; // of the environment; empty: not set
};

// Do they describe a build, beyond what is so without them?
inline bool wants_build(const CommandOptions& build) {
    return !build.settings.empty() || !build.profile.empty() || build.config || !build.feature_dirs.empty() ||
           !build.kernel_version.empty() || build.basedir != "/";
}

// The text of this key, of which the last counts. nullopt: the command line does not set it.
inline std::optional<std::string> text_of(const CommandOptions& build, std::string_view key) {
    std::optional<std::string> text;
    for (const auto& [name, value] : build.settings)
        if (name == key) text = value;
    return text;
}

// The tree of the kernel, as far as the command line says.
inline std::filesystem::path kernel_tree(const CommandOptions& build) {
    return text_of(build, "kernel-root").value_or(build.basedir.string());
}

} // namespace mkpxerd::generator
