// SPDX-License-Identifier: MIT
// URLs in the scripts of a bundle, and the files in the bundle that they mean. Pure, except for the directory
// that the names come from.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/contract/url.hpp"

namespace mkpxerd::deploy {

// What identifies a machine in the names of its files.
struct MachineNames {
    std::string mac;  // "52:54:00:12:34:56"
    std::string uuid; // lower case
    bool operator==(const MachineNames&) const = default;
};

class BundleUrls {
  public:
    // base: the URL of the bundle on its server; trial: its URL in a trial. Both without a final slash.
    BundleUrls(Url base, std::string trial) : base_(std::move(base)), trial_(std::move(trial)) {}

    // The path of a URL below the bundle, with placeholders and without query. nullopt: it leads elsewhere.
    std::optional<std::string> path_of(const Url& url) const;
    // The text with the bundle's URLs replaced by those of the trial.
    std::string rewritten(std::string_view text) const;

  private:
    Url base_;
    std::string trial_;
};

// "{MAC}.apkovl.tar.gz" -> "52:54:00:12:34:56.apkovl.tar.gz". nullopt: a placeholder whose value only a
// machine knows.
std::optional<std::string> filled_path(std::string_view path, const MachineNames& names);
// The names of the first machine that has a file of this path in the directory; what the path does not
// mention stays as in usual. nullopt: no machine has one.
std::optional<MachineNames> find_machine(const std::filesystem::path& directory, std::string_view path,
                                         const MachineNames& usual);

} // namespace mkpxerd::deploy
