// SPDX-License-Identifier: MIT
// Where something comes from, as an option of the command line says it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/place_forms.hpp"

namespace mkpxerd {

// "sda1", "/dev/sda1", "UUID=...", "LABEL=...", "PARTUUID=...", "PARTLABEL=..."; as plain_device() reads it
struct DeviceSpec {
    enum class Kind { Name, Uuid, Label, PartUuid, PartLabel };
    Kind kind = Kind::Name;
    std::string value; // of a name: below /dev
    static DeviceSpec parse(std::string_view written);
    std::string text() const;
    bool operator==(const DeviceSpec&) const = default;
};

// "nfs:10.0.0.1:/srv/root", "nfs:[fd00::1]:/srv/root,vers=3"
struct NfsSource {
    std::string host;         // address or name, without brackets
    std::string path;         // absolute
    std::string options = {}; // of mount, those behind the comma
    // host:path, as mount(2) takes it and as errors name it.
    std::string text() const;
    bool operator==(const NfsSource&) const = default;
};

struct Source {
    enum class Kind {
        Url,    // http, https or ftp; url may hold alternatives and placeholders
        Nfs,    // nfs
        Device, // device, fstype, path
        Path,   // path, on alpine_dev
    };
    Kind kind = Kind::Path;
    std::string url;
    NfsSource nfs;
    DeviceSpec device;
    std::string fstype; // empty: found out
    std::string path;   // of a file on the device; empty: none was named
    std::string text() const;
    bool operator==(const Source&) const = default;
};

// "example.org" of "https://user@example.org:8443/x"; brackets of an IPv6 address are taken off.
std::string url_host(std::string_view url);
// The last component of its path: "modloop-lts" of "http://h/boot/modloop-lts?x=1". Empty: it has none.
std::string url_file_name(std::string_view url);

// What plain_place() understands. Errors (MPX-OPT-02) name the option and its value.
// root=, alpine_dev=: a URL (root only, by the caller), nfs:host:path, or device[:fstype].
Result<Source> parse_medium(std::string_view option, std::string_view value);
// apkovl=: a URL, device[:fstype]:path, or a path on alpine_dev.
Result<Source> parse_file_source(std::string_view option, std::string_view value);
// ovl_dev=: a URL, or device[:fstype].
Result<Source> parse_search_source(std::string_view option, std::string_view value);
// root= and nfsroot= together; server: that of ip=, for an nfsroot= without one.
Result<Source> parse_nfsroot(std::string_view value, std::string_view server);

} // namespace mkpxerd
