// SPDX-License-Identifier: MIT
// What mount(2) is asked for to get an NFS export, and what its errors mean. Pure. The kernel parses the
// options as text (fs/nfs/fs_context.c) and asks the server for the port of version 3 itself: no mount.nfs,
// no rpcbind here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/source.hpp"
#include "mkpxerd/netboot/runtime/system.hpp"

namespace mkpxerd::netboot {

struct NfsMount {
    NfsSource source;
    std::string server_address; // one of source.host, as text
    std::string client_address; // our own; empty: left to the kernel
    std::string target;
    bool read_only = true;
    std::string options; // as of rootflags=; a version among them is the only one tried
    bool operator==(const NfsMount&) const = default;
};

struct NfsAttempt {
    std::string version; // "4.2"; empty: as the options say
    MountCall call;
    bool operator==(const NfsAttempt&) const = default;
};

// Whether mount options ask for version 3 and no other.
bool wants_nfs3(std::string_view options);

// Whether they ask for Kerberos, which takes programs and keys that no initial RAM disk has.
bool wants_kerberos(std::string_view options);

// 4.2, 4.1, 4.0, 3; or the one that the options name.
std::vector<NfsAttempt> nfs_attempts(const NfsMount& mount);
// Of version 3's mount service, if the options have it; otherwise the server's portmapper knows.
std::optional<std::uint16_t> nfs_mount_port(const NfsMount& mount);

enum class NfsAnswer {
    Denied,        // the server knows the export and refuses us
    WrongSecurity, // it wants another authentication than sec=sys
    NoExport,      // it has no such export
    NotVersion,    // it does not speak this version
    NoAnswer,      // nothing came back: worth another try
    NoKernel,      // this kernel has no NFS client
    Other,
};
// EPERM is what version 4 makes of NFS4ERR_WRONGSEC (fs/nfs/nfs4proc.c), and 3 of a plain denial.
NfsAnswer classify_nfs_error(const std::error_code& error, bool version_3);
// Codes MPX-NFS-01 ... MPX-NFS-07; the text says what the server answered.
Problem nfs_problem(const NfsMount& mount, NfsAnswer answer, const std::error_code& error);

// What the flavors of an export mean: its mount service offers these (RFC 5531 8.1, RFC 2623 2.7) and sec=sys
// is not among them.
Problem kerberos_problem(const NfsMount& mount, const std::vector<std::uint32_t>& flavors);

} // namespace mkpxerd::netboot
