// SPDX-License-Identifier: MIT
// The values of a site -> what its machines may lack.
#pragma once

#include <optional>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/deploy/site.hpp"

namespace mkpxerd::deploy {

// The name of the web server cannot be resolved, so this machine is taken for the TFTP server.
std::optional<Problem> find_guessed_server(const SiteValues& values);

// Such a guess. iPXE is to load by https, and none that is known to support it does. PXELINUX is the loader
// of a line with arguments of init. announces_dns: also a URL whose host is a name, if machines get no DNS
// server.
std::vector<Problem> find_site_warnings(const SiteValues& values, bool announces_dns);

} // namespace mkpxerd::deploy
