// SPDX-License-Identifier: MIT
// The apkovl of a bundle, and the checks before the bundle offers it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/deploy/site/site.hpp"

namespace mkpxerd::deploy {

// Sets own_apkovl if site.apkovl is a file of this machine, which goes into the bundle. Anything else is an
// option of the init. Errors: neither a file nor a URL; a name that cannot be part of a URL.
Result<void> choose_own_apkovl(SiteOptions& site);

// The first program of the system in memory, without the leading '/'.
std::string init_path(const SiteOptions& site);

struct ApkovlFacts {
    bool has_init = false;
    std::vector<Problem> secrets;
};
// init: see init_path(). Errors: an archive that the init refuses, because it is damaged, say.
Result<ApkovlFacts> read_apkovl(const std::filesystem::path& archive, const std::string& init);

// An apkovl from `lbu package` contains only /etc: without apk, which installs the rest, nothing can start.
// has_apk: whether the image has it. nullopt: the machine has a system to start.
std::optional<Problem> find_missing_system(const SiteOptions& site, bool has_apk, const ApkovlFacts& apkovl);

} // namespace mkpxerd::deploy
