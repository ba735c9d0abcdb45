// SPDX-License-Identifier: MIT
// Mount options of NFS: what the kernel's client takes, and what the init refuses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mkpxerd {

// A word of nfs(5) or mount(8) that stands without a value.
bool is_nfs_flag(std::string_view word);
// Those of "ro,vers=3,..." that neither mount(8) nor the kernel's client knows. With one, the kernel refuses
// to mount.
std::vector<std::string> unknown_nfs_options(std::string_view options);

// Do they ask for Kerberos? It needs programs and keys that an image does not have.
bool wants_kerberos(std::string_view options);
inline constexpr const char* kerberos_refusal =
    "sec=krb5 asks for Kerberos, which this init does not support";
inline constexpr const char* sec_sys_hint =
    "add sec=sys to the export, only for this machine if necessary: Kerberos "
    "needs a key, which this machine does not have";

} // namespace mkpxerd
