// SPDX-License-Identifier: MIT
// The tables, from nfs(5), mount(8) and nfs_fs_parameters[] of fs/nfs/fs_context.c (Linux 6.12).
#include "mkpxerd/contract/nfs_options.hpp"

#include <algorithm>
#include <array>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/mount_options.hpp"

namespace mkpxerd {
namespace {

constexpr auto flags = std::to_array<std::string_view>({"ac",           "acl",
                                                        "alignwrite",   "async",
                                                        "atime",        "bg",
                                                        "cto",          "defaults",
                                                        "dev",          "exec",
                                                        "fg",           "fsc",
                                                        "hard",         "intr",
                                                        "lock",         "migration",
                                                        "noac",         "noacl",
                                                        "noalignwrite", "noatime",
                                                        "nocto",        "nodev",
                                                        "noexec",       "nofsc",
                                                        "nointr",       "nolock",
                                                        "nomigration",  "noposix",
                                                        "nordirplus",   "noresvport",
                                                        "nosharecache", "nosoftreval",
                                                        "nosuid",       "notrunkdiscovery",
                                                        "posix",        "rdirplus",
                                                        "rdma",         "relatime",
                                                        "resvport",     "ro",
                                                        "rw",           "sharecache",
                                                        "sloppy",       "soft",
                                                        "softerr",      "softreval",
                                                        "suid",         "sync",
                                                        "tcp",          "trunkdiscovery",
                                                        "udp",          "v2",
                                                        "v3",           "v4",
                                                        "v4.0",         "v4.1",
                                                        "v4.2"});

constexpr auto with_value = std::to_array<std::string_view>(
    {"acdirmax",    "acdirmin",     "acregmax",   "acregmin",  "actimeo",   "addr",       "bsize",
     "clientaddr",  "context",      "defcontext", "fsc",       "fscontext", "local_lock", "lookupcache",
     "max_connect", "minorversion", "mountaddr",  "mounthost", "mountport", "mountproto", "mountvers",
     "namlen",      "nconnect",     "nfsvers",    "port",      "proto",     "rdirplus",   "retrans",
     "retry",       "rootcontext",  "rsize",      "sec",       "source",    "timeo",      "vers",
     "write",       "wsize",        "xprtsec"});

bool is_in(std::span<const std::string_view> list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

} // namespace

bool is_nfs_flag(std::string_view word) {
    return is_in(flags, word);
}

std::vector<std::string> unknown_nfs_options(std::string_view options) {
    std::vector<std::string> unknown;
    const std::string data = parse_mount_options(options).data; // without the flags of mount(8)
    for (const std::string_view each : split(data, ',')) {
        const std::size_t equals = each.find('=');
        const bool is_known =
            equals == std::string_view::npos ? is_nfs_flag(each) : is_in(with_value, each.substr(0, equals));
        if (!each.empty() && !is_known) unknown.emplace_back(each);
    }
    return unknown;
}

bool wants_kerberos(std::string_view options) {
    for (const std::string_view option : split(options, ','))
        if (option.starts_with("sec=krb5")) return true;
    return false;
}

} // namespace mkpxerd
