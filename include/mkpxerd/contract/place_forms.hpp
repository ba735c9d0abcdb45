// SPDX-License-Identifier: MIT
// Places as people and other programs write them -> the forms that are served, for the options that name one.
// The init reads them so, and `mkpxerd lint` judges by the same rules. What has no clear meaning is refused
// by name: it must never become a device that is waited for.
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
// "HTTP://Host/x" -> "http://Host/x"; what has no scheme stays as it is.
std::string plain_scheme(std::string_view text);
// What cannot be fetched: text that has a scheme, and none of these three.
bool has_other_scheme(std::string_view text);
// In the form that is served.
bool is_nfs(std::string_view text);

// In the form that is served: schemes and tags in their usual case, nfs://, nfs4:, server:/path and dracut's
// live: and nfs:server:path:options as above, links of udev below /dev/disk as UUID= and LABEL=.
// Errors (MPX-OPT-02) name the option and its value.
Result<std::string> plain_place(PlaceKind kind, std::string_view option, std::string_view value);
// A device: "uuid=..." and "/dev/disk/by-uuid/..." -> "UUID=..."; anything else stays as it is.
std::string plain_device(std::string_view text);

// Where mount options follow a path on NFS: the place of the ',' or, as dracut has it, the ':' before them;
// the size of the text when there are none. A path may hold both, too.
std::size_t nfs_options_at(std::string_view path);

// Whether root= leaves it to nfsroot= (nfsroot.rst of the kernel); an empty one does, too.
bool leaves_root_to_nfsroot(std::string_view root);
// nfsroot=[server:]path[,options] -> nfs:server:/path[,options]. server: that of ip=; may be empty.
Result<std::string> plain_nfsroot(std::string_view value, std::string_view server);

} // namespace mkpxerd
