// SPDX-License-Identifier: MIT
// apk's own files in the new root: keys, architecture and repositories.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

// Copies the image's /etc/apk/keys and its keys of signed modloops into the new root. Returns whether there
// are keys of modloops: openssl must be installed to use them.
Result<bool> copy_keys(const System& system);

bool has_apk_arch(const System& system);
// Corrects the /etc/apk/arch of an apkovl from another architecture. Creates no new file.
Result<void> set_apk_arch(const System& system, std::string_view arch);

// Does the apkovl contain repositories, in /etc/apk/repositories or in /etc/apk/repositories.d? apk reads
// them by itself.
bool has_own_repositories(const System& system);
// Does a URL contain a password, or a query that may be one?
bool holds_secret(std::span<const std::string> repositories);
// Writes /etc/apk/repositories unless the apkovl contains it; only root can read it if it contains a secret.
// Returns whether it wrote.
Result<bool> write_repositories(const System& system, const std::vector<std::string>& repositories);
// Adds repositories to those of the apkovl for one run of apk: the caller removes the returned file
// afterwards. Only root can read it.
Result<std::filesystem::path> write_run_repositories(const System& system,
                                                     const std::vector<std::string>& repositories);

} // namespace mkpxerd::netboot
