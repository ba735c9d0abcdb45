// SPDX-License-Identifier: MIT
// Places as people and other programs write them -> the supported forms, for the init and `mkpxerd lint`.
// Anything ambiguous is refused: the init must never wait for a device of that name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd {

enum class PlaceKind {
    Medium, // root=, alpine_dev=: a device, nfs:server:/path[,options]; URLs between '|'
    File,   // apkovl=, modloop=: URLs, device[:fstype]:path, path
    Search, // ovl_dev=: URLs, device[:fstype]
};

// http, https or ftp, in any case.
bool is_url(std::string_view text);
// "HTTP://Host/x" -> "http://Host/x"; a text without a scheme stays as it is.
std::string plain_scheme(std::string_view text);
// Text with any other scheme, which cannot be fetched.
bool has_other_scheme(std::string_view text);
// In the supported form.
bool is_nfs(std::string_view text);

// In the supported form: schemes and tags in their usual case, nfs://, nfs4:, server:/path and dracut's
// live: and nfs:server:path:options as above, udev's links below /dev/disk as UUID= and LABEL=.
// Errors (MPX-OPT-02) name the option and its value.
Result<std::string> plain_place(PlaceKind kind, std::string_view option, std::string_view value);
// A device: "uuid=..." and "/dev/disk/by-uuid/..." -> "UUID=..."; anything else stays as it is.
std::string plain_device(std::string_view text);

// Where mount options follow an NFS path: the position of the ',' (or dracut's ':') before them; the size of
// the text when there are none. A path may contain both characters, too.
std::size_t nfs_options_at(std::string_view path);

// Whether root= leaves it to nfsroot= (nfsroot.rst of the kernel); an empty one does, too.
bool leaves_root_to_nfsroot(std::string_view root);
// nfsroot=[server:]path[,options] -> nfs:server:/path[,options]. server: that of ip=; may be empty.
Result<std::string> plain_nfsroot(std::string_view value, std::string_view server);

} // namespace mkpxerd
