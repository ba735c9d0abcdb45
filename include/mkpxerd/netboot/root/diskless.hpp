// SPDX-License-Identifier: MIT
// What a diskless Alpine finds in its root besides packages and apkovl, as mkinitfs leaves it: services,
// keys, repositories, logins on consoles. All paths are resolved inside the new root.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "mkpxerd/contract/cmdline.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"
#include "mkpxerd/netboot/types.hpp"

namespace mkpxerd::netboot {

// Without an apkovl, or when one asks for them with /etc/.default_boot_services.
bool wants_default_services(const System& system, bool has_apkovl);
// Links in /etc/runlevels; the mark is taken away.
Result<void> add_default_services(const System& system, const BootOptions& options);
// hwclock where there is a clock, swclock where there is none.
Result<void> add_clock_service(const System& system);

// /etc/apk/keys of the image into the root, and the keys of signed modloops.
// True: there are modloop keys, and openssl has to be installed to use them.
Result<bool> copy_keys(const System& system);
// An apkovl of another kind of machine brings the wrong /etc/apk/arch; a root that has none is left alone.
bool has_apk_arch(const System& system);
Result<void> set_apk_arch(const System& system, std::string_view arch);
// Whether the apkovl brought /etc/apk/repositories (or .d) that names any: apk reads it by itself.
bool has_own_repositories(const System& system);
// Whether a URL among them has a password, or a query that may be one.
bool holds_secret(std::span<const std::string> repositories);
// /etc/apk/repositories, unless the apkovl has it; for root alone when it holds a secret. False: not written.
Result<bool> write_repositories(const System& system, const std::vector<std::string>& repositories);
// The same beside those of the apkovl, for root alone and until the file is removed, which is returned.
Result<std::filesystem::path> lend_repositories(const System& system,
                                                const std::vector<std::string>& repositories);

// Consoles that people see: those of console= and of the kernel, and serial ports that are there, with
// aliases like tty0 resolved, dead ones left out.
std::vector<std::string> login_consoles(const System& system, const std::vector<std::string>& consoles,
                                        bool autodetect_serial);
// Lines of inittab and securetty for them, where there is an inittab.
Result<void> add_logins(const System& system, const std::vector<std::string>& consoles);

// root's authorized_keys.
Result<void> add_ssh_key(const System& system, std::string_view keys);

// /etc/resolv.conf, /etc/hostname and /etc/network/interfaces as the lease says, each unless the root has it.
Result<void> hand_over_lease(const System& system, const NetworkState& network);

} // namespace mkpxerd::netboot
