// SPDX-License-Identifier: MIT
// The calls of mount(2) that mount an NFS export, and what their errors mean. Pure. The kernel parses the
// options as text (fs/nfs/fs_context.c) and asks the server for the port of version 3 by itself, so that
// neither mount.nfs nor rpcbind is needed.
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
    std::string server_address = {}; // an address of source.host, as text
    std::string client_address = {}; // our own; empty: the kernel chooses
    std::string target = {};
    bool read_only = true;
    std::string options = {}; // as in rootflags=; if they name a version, no other is tried
    bool operator==(const NfsMount&) const = default;
};

struct NfsAttempt {
    std::string version = {}; // "4.2"; empty: the one that the options name
    MountCall call;
    bool operator==(const NfsAttempt&) const = default;
};

// Do mount options ask for version 3 alone?
bool wants_nfs3(std::string_view options);

// 4.2, 4.1, 4.0 and 3, or the version that the options name.
std::vector<NfsAttempt> nfs_attempts(const NfsMount& mount);
// The port of version 3's mount service, if the options name it; else the server's portmapper knows it.
std::optional<std::uint16_t> nfs_mount_port(const NfsMount& mount);

enum class NfsAnswer {
    Denied,        // the server knows the export and refuses us
    WrongSecurity, // the server wants another authentication than sec=sys
    NoExport,      // the server has no such export
    NotVersion,    // the server does not speak this version
    NoAnswer,      // the server did not answer: worth another try
    NoKernel,      // this kernel has no NFS client
    Other,
};
// EPERM means NFS4ERR_WRONGSEC in version 4 (fs/nfs/nfs4proc.c), and a plain denial in version 3.
NfsAnswer classify_nfs_error(const std::error_code& error, bool version_3);
// Codes MPX-NFS-01 ... MPX-NFS-07. The text has the server's answer.
Problem nfs_problem(const NfsMount& mount, NfsAnswer answer, const std::error_code& error);

// For an export without sec=sys: the mount service offers these flavors (RFC 5531 8.1, RFC 2623 2.7). Empty:
// the options ask for Kerberos.
Problem kerberos_problem(const NfsMount& mount, const std::vector<std::uint32_t>& flavors);

} // namespace mkpxerd::netboot
