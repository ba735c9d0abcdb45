// SPDX-License-Identifier: MIT
// Options of a site -> the kernel command line, in the form of each loader. The kernel must get the same
// words from all of them.
#pragma once

#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/deploy/site/site.hpp"

namespace mkpxerd::deploy {

// The line itself, one space between words. url: of the bundle.
std::string make_boot_line(const SiteOptions& options, const std::string& url);

// Where the arguments of init begin, at the space before "--"; without them the end of the text.
std::size_t init_args_at(std::string_view text);

// For iPXE, and for a gPXE script, which iPXE reads as well. url: replaced by ${base}; empty: not replaced.
std::string for_ipxe(const std::string& line, const std::string& url);

// One quoted word of GRUB's script for each word of the line.
std::string for_grub(const std::string& line);

// Errors, all at once: what a loader cannot pass as it is; a line that is longer than a loader can pass, with
// what it adds. snippet: the one whose loader alone counts; empty: all loaders.
void check_boot_line(const std::string& line, const std::string& url, Problems& problems,
                     std::string_view snippet = {});

} // namespace mkpxerd::deploy
