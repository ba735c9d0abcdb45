// SPDX-License-Identifier: MIT
// One attempt for each version; a problem with a code for each kind of error.
#include "mkpxerd/netboot/mount/nfs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <sys/mount.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/contract/failure_codes.hpp"
#include "mkpxerd/contract/mount_options.hpp"
#include "mkpxerd/contract/nfs_options.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr std::array<std::string_view, 4> versions = {"4.2", "4.1", "4.0", "3"};

// "vers=3", "nfsvers=4.1", "v4", "v4.2", "minorversion=1"
bool names_version(std::string_view option) {
    return option.starts_with("vers=") || option.starts_with("nfsvers=") ||
           option.starts_with("minorversion=") ||
           (option.size() >= 2 && option[0] == 'v' && option[1] >= '2' && option[1] <= '4');
}

bool is_any_of_4(std::string_view option) {
    return option == "vers=4" || option == "nfsvers=4" || option == "v4";
}

bool has_option(std::string_view options, std::string_view start) {
    for (const auto option : split(options, ','))
        if (option.starts_with(start)) return true;
    return false;
}

void append(std::string& data, std::string_view option) {
    if (option.empty()) return;
    if (!data.empty()) data += ',';
    data += option;
}

std::string flavor_name(std::uint32_t flavor) {
    switch (flavor) {
    case 0:
        return "none";
    case 390003:
        return "krb5";
    case 390004:
        return "krb5i";
    case 390005:
        return "krb5p";
    default:
        return fmt::format("flavor {}", flavor);
    }
}

// Version 3 uses no locks because an image runs no lock daemon; version 4 has locks in its protocol.
std::string attempt_data(const NfsMount& mount, std::string_view version, std::string_view wanted) {
    const bool version_3 = version == "3" || wants_nfs3(wanted);
    std::string data;
    if (!version.empty()) append(data, fmt::format("vers={}", version));
    append(data, wanted);
    if (version_3) {
        if (!has_option(wanted, "nolock") && !has_option(wanted, "lock")) append(data, "nolock");
        if (!has_option(wanted, "proto=") && !has_option(wanted, "udp")) append(data, "proto=tcp");
        if (!has_option(wanted, "mountproto=")) append(data, "mountproto=tcp");
    }
    append(data, fmt::format("addr={}", mount.server_address));
    // Version 3 has no callbacks; 4.0 refuses an empty address.
    if (!version_3 && !mount.client_address.empty() && !has_option(wanted, "clientaddr="))
        append(data, fmt::format("clientaddr={}", mount.client_address));
    return data;
}

} // namespace

bool wants_nfs3(std::string_view options) {
    for (const auto option : split(options, ','))
        if (option == "vers=3" || option == "nfsvers=3" || option == "v3") return true;
    return false;
}

std::vector<NfsAttempt> nfs_attempts(const NfsMount& mount) {
    const MountOptions wanted = parse_mount_options(mount.options, mount.read_only ? MS_RDONLY : 0);
    bool one_version = false;
    bool any_of_4 = false;
    std::string data;
    for (const auto option : split(wanted.data, ',')) {
        // The newest minor version of 4, as in mount.nfs(8); the kernel would try only 4.0.
        if (is_any_of_4(option)) {
            any_of_4 = true;
            continue;
        }
        one_version = one_version || names_version(option);
        append(data, option);
    }
    std::vector<NfsAttempt> attempts;
    const auto add = [&](std::string_view version) {
        attempts.push_back({.version = std::string(version),
                            .call = {.source = mount.source.text(),
                                     .target = mount.target,
                                     .type = "nfs",
                                     .flags = wanted.flags,
                                     .data = attempt_data(mount, version, data)}});
    };
    if (one_version)
        add(any_of_4 && data.find("minorversion=") != std::string::npos ? "4" : "");
    else
        for (const std::string_view version : versions)
            if (!any_of_4 || version.starts_with("4")) add(version);
    return attempts;
}

std::optional<std::uint16_t> nfs_mount_port(const NfsMount& mount) {
    constexpr std::string_view name = "mountport=";
    for (const auto option : split(mount.options, ','))
        if (option.starts_with(name))
            if (const auto port = parse_port(option.substr(name.size()))) return port;
    return std::nullopt;
}

NfsAnswer classify_nfs_error(const std::error_code& error, bool version_3) {
    switch (error.value()) {
    case EACCES:
        return NfsAnswer::Denied;
    case EPERM:
        return version_3 ? NfsAnswer::Denied : NfsAnswer::WrongSecurity;
    case ENOENT:
    case ENOTDIR:
    case ESTALE:
        return NfsAnswer::NoExport;
    // For an unknown minor version: EINVAL from a kernel without it, EPROTONOSUPPORT from a server without
    // it.
    case EINVAL:
    case EPROTONOSUPPORT:
    case EOPNOTSUPP:
    case EPFNOSUPPORT:
        return NfsAnswer::NotVersion;
    case ETIMEDOUT:
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case EAGAIN:
    case EPIPE:
        return NfsAnswer::NoAnswer;
    case ENODEV:
        return NfsAnswer::NoKernel;
    default:
        return NfsAnswer::Other;
    }
}

Problem nfs_problem(const NfsMount& mount, NfsAnswer answer, const std::error_code& error) {
    const std::string object = "nfs:" + mount.source.text();
    switch (answer) {
    case NfsAnswer::Denied:
        return {.object = object,
                .text = "access denied by server",
                .hint = fmt::format("is {} among the clients of this export?",
                                    mount.client_address.empty() ? "this machine" : mount.client_address),
                .code = Failure::NfsDenied};
    case NfsAnswer::WrongSecurity:
        return {.object = object,
                .text = "the server refuses sec=sys, the only authentication that this init supports",
                .hint = sec_sys_hint,
                .code = Failure::NfsAuthentication};
    case NfsAnswer::NoExport:
        return {.object = object,
                .text = "the server has no such export",
                .hint =
                    "see /etc/exports of the server: version 4 hides exports that a machine may not mount",
                .code = Failure::NoExport};
    case NfsAnswer::NoAnswer:
        return {.object = object,
                .text = fmt::format("no answer from the server: {}", error.message()),
                .hint = fmt::format("does {} run an NFS server on port {}?", mount.server_address,
                                    nfs_port(mount.options)),
                .code = Failure::NfsSilent};
    case NfsAnswer::NotVersion:
        // The kernel says EINVAL to both.
        if (const auto unknown = unknown_nfs_options(mount.options);
            error == std::errc::invalid_argument && !unknown.empty())
            return {.object = object,
                    .text = fmt::format("the kernel refuses the mount options: {}", error.message()),
                    .hint = fmt::format("'{}' is not one of NFS", unknown.front()),
                    .code = Failure::NfsFailed};
        return {.object = object,
                .text = fmt::format("client and server have no NFS version in common: {}", error.message()),
                .hint = "without a version in the options, this init tries 4.2, 4.1, 4.0 and 3",
                .code = Failure::NoNfsVersion};
    case NfsAnswer::NoKernel:
        return {.object = object,
                .text = "the kernel has no NFS client",
                .hint = "build the image with the feature nfs",
                .code = Failure::NoNfsClient};
    case NfsAnswer::Other:
        break;
    }
    return {.object = object,
            .text = fmt::format("cannot mount: {}", error.message()),
            .code = Failure::NfsFailed};
}

Problem kerberos_problem(const NfsMount& mount, const std::vector<std::uint32_t>& flavors) {
    std::string names;
    for (const std::uint32_t flavor : flavors)
        append(names, flavor_name(flavor));
    const std::string text =
        flavors.empty()
            ? kerberos_refusal
            : fmt::format("the server offers sec={} only, and this init supports only sec=sys", names);
    const bool accepts_none = std::ranges::find(flavors, 0U) != flavors.end();
    return {.object = "nfs:" + mount.source.text(),
            .text = text,
            .hint =
                accepts_none ? "add sec=none to the mount options, or sec=sys to the export" : sec_sys_hint,
            .code = Failure::NfsAuthentication};
}

} // namespace mkpxerd::netboot
