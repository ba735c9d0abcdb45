// SPDX-License-Identifier: MIT
// Where something comes from, as an option of the command line says. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/contract/place_forms.hpp"
#include "mkpxerd/contract/url.hpp"

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
    std::string options = {}; // mount options, from after the comma
    // host:path, as in mount(2) and in errors.
    std::string text() const;
    bool operator==(const NfsSource&) const = default;
};

// "http://h/x|http://other/x": each is tried when the one before it is not found.
struct UrlSource {
    std::vector<UrlTemplate> alternatives; // at least one
    // Errors: those of UrlTemplate::parse, of all alternatives.
    static Result<UrlSource> parse(std::string_view text);
    std::string text() const; // as written
    bool operator==(const UrlSource&) const = default;
};

// A block device, as a medium.
struct DeviceSource {
    DeviceSpec device;
    std::string fstype = {}; // empty: detected
    std::string text() const { return device.text(); }
    bool operator==(const DeviceSource&) const = default;
};

// A file on a block device.
struct DeviceFile {
    DeviceSource medium;
    std::string path;
    std::string text() const { return medium.text() + ":" + path; }
    bool operator==(const DeviceFile&) const = default;
};

// A file on alpine_dev.
struct MediumPath {
    std::string path;
    std::string text() const { return path; }
    bool operator==(const MediumPath&) const = default;
};

using Source = std::variant<UrlSource, NfsSource, DeviceSource, DeviceFile, MediumPath>;
// For messages and the log.
std::string to_text(const Source& source);
// The source, if it is of this kind: get_source<NfsSource>(plan.root).
template <class Kind>
const Kind* get_source(const std::optional<Source>& source) {
    return source ? std::get_if<Kind>(&*source) : nullptr;
}

// The port that mount options ask for (the last port= counts), or 2049.
std::uint16_t nfs_port(std::string_view mount_options);

// These read what plain_place() understands. Errors (MPX-OPT-02) name the option and its value; MPX-FETCH-01:
// a URL. root=, alpine_dev=: a URL (root only, by the caller), nfs:host:path, or device[:fstype].
Result<Source> parse_medium(std::string_view option, std::string_view value);
// apkovl=: a URL, device[:fstype]:path, or a path on alpine_dev.
Result<Source> parse_file_source(std::string_view option, std::string_view value);
// ovl_dev=: a URL, or device[:fstype].
Result<Source> parse_search_source(std::string_view option, std::string_view value);
// root= and nfsroot= together; server: that of ip=, for an nfsroot= without one.
Result<Source> parse_nfsroot(std::string_view value, std::string_view server);

} // namespace mkpxerd
