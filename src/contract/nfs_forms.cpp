// SPDX-License-Identifier: MIT
// NFS in the spellings of the kernel, dracut, live-boot and RFC 2224.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/contract/nfs_options.hpp"
#include "mkpxerd/contract/place_forms.hpp"
#include "place_parts.hpp"

namespace mkpxerd {
namespace {

// "ro,vers=3", after a ',' or a ':'.
bool are_mount_options(std::string_view text, char before) {
    const auto pieces = split(text, ',');
    return !pieces.empty() && std::all_of(pieces.begin(), pieces.end(), [before](std::string_view piece) {
        const std::size_t equals = piece.find('=');
        const std::string_view name = piece.substr(0, equals);
        // After a colon, only a list of flags tells them from the end of a path.
        if (before == ':' && equals == std::string_view::npos) return is_nfs_flag(name);
        return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
               name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-") == std::string_view::npos;
    });
}

// nfs://host[:port]/path (RFC 2224)
Result<std::string> plain_nfs_url(const Asked& asked, std::string_view rest, std::string_view more) {
    const std::size_t slash = rest.find('/');
    std::string_view host = rest.substr(0, slash);
    if (slash == std::string_view::npos || host.empty() || host.find('@') != std::string_view::npos)
        return asked.refuse("is not the form for NFS", std::string(nfs_form));
    std::string options(more);
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
        if (const std::string_view port = host.substr(colon + 1); !port.empty())
            options.append(options.empty() ? "" : ",").append("port=").append(port);
        host = host.substr(0, colon);
    }
    return plain_nfs(asked, fmt::format("{}:{}", host, rest.substr(slash)), options);
}

// The mount option that "nfs4" implies.
std::string_view version_of(std::string_view scheme) {
    return scheme == "nfs4" ? "vers=4" : "";
}

} // namespace

Result<std::string> plain_nfs(const Asked& asked, std::string_view text, std::string_view more) {
    const std::size_t colon = host_end(text);
    if (colon == 0 || text.starts_with('/'))
        return asked.refuse("names no NFS server", std::string(nfs_form));
    const std::string_view rest = colon < text.size() ? text.substr(colon) : std::string_view{};
    if (!rest.starts_with(":/")) return asked.refuse("is not nfs:server:/path", std::string(nfs_form));
    std::string_view path = rest.substr(1);
    std::string options(more);
    if (const std::size_t end = nfs_options_at(path); end < path.size()) {
        if (!options.empty()) options += ',';
        options += path.substr(end + 1);
        path = path.substr(0, end);
    }
    return fmt::format("nfs:{}:{}{}{}", text.substr(0, colon), path, options.empty() ? "" : ",", options);
}

Result<std::string> find_nfs(const Asked& asked, std::string_view text) {
    const std::string lower = to_lower(text.substr(0, 7));
    for (const std::string_view scheme : {"nfs", "nfs4"}) {
        if (lower.starts_with(fmt::format("{}://", scheme)))
            return plain_nfs_url(asked, text.substr(scheme.size() + 3), version_of(scheme));
        if (lower.starts_with(fmt::format("{}:", scheme)))
            return plain_nfs(asked, text.substr(scheme.size() + 1), version_of(scheme));
    }
    return std::string();
}

bool is_nfs(std::string_view text) {
    return text.starts_with("nfs:") && !text.starts_with("nfs://");
}

std::size_t nfs_options_at(std::string_view path) {
    std::size_t at = path.find_first_of(",:");
    while (at != std::string_view::npos && !are_mount_options(path.substr(at + 1), path[at]))
        at = path.find_first_of(",:", at + 1);
    return std::min(at, path.size());
}

bool leaves_root_to_nfsroot(std::string_view root) {
    const std::string lower = to_lower(root);
    return lower.empty() || lower == "/dev/nfs" || lower == "nfs" || lower == "nfs4";
}

Result<std::string> plain_nfsroot(std::string_view value, std::string_view server) {
    const Asked asked{"nfsroot", value};
    if (value.empty())
        return fail("root=/dev/nfs",
                    "needs nfsroot=server:/path: the root path of the lease is not supported",
                    "write root=nfs:server:/path", Failure::BadOption);
    if (value.find('%') != std::string_view::npos)
        return asked.refuse("placeholders for the address of the machine are not supported",
                            std::string(nfs_form));
    MKPXERD_TRY_ASSIGN(std::string nfs, find_nfs(asked, value));
    if (!nfs.empty()) return nfs;
    if (!value.starts_with('/')) return plain_nfs(asked, value);
    if (server.empty())
        return asked.refuse("names no server, and neither does ip=", "write root=nfs:server:/path");
    return plain_nfs(asked, fmt::format("{}:{}", server, value));
}

} // namespace mkpxerd
