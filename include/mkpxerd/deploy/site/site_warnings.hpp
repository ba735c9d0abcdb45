// SPDX-License-Identifier: MIT
// The values of a site -> what its machines may lack.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/deploy/site/site.hpp"

namespace mkpxerd::deploy {

// The name of the web server cannot be resolved, so this machine is taken for the TFTP server.
std::optional<Problem> find_guessed_server(const SiteValues& values);

// Such a guess. iPXE is to load by https, and none that is known to support it does. PXELINUX is the loader
// of a line with arguments of init. A host of a URL is a name, and machines get no DNS server. snippet: only
// what concerns this one; empty: all.
std::vector<Problem> find_site_warnings(const SiteValues& values, std::string_view snippet = {});

} // namespace mkpxerd::deploy
