// SPDX-License-Identifier: MIT
// The loaders that a site names -> what the DHCP server names to each kind of machine.
#pragma once

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/deploy/site/site.hpp"

namespace mkpxerd::deploy {

// For each firmware ("bios", "uefi", "http") the file that it loads first. The default loader is there for
// the firmware that no named loader is for; what the bundle lacks stays empty. Errors: an unknown loader, one
// that the bundle lacks, one that no firmware gets.
void put_loaders(const SiteOptions& options, SiteValues& values, Problems& problems);

// Once "url" and "scheme" are known: the URL for UEFI HTTP boot, and for "bios" and "uefi" which machines get
// the file. An iPXE that cannot load the script is given the one of the bundle; but if that one cannot
// either, it would be given itself, again and again.
//   X-but    who does not get the file: "script", an iPXE that can load the script; or "ipxe", every iPXE
//   X-again  the file, if an iPXE may get it; X-once: the file, if none may (also of "http")
void put_next_loaders(const SiteOptions& options, SiteValues& values);

} // namespace mkpxerd::deploy
