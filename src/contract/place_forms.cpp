// SPDX-License-Identifier: MIT
// A colon separates in every form, so the schemes are tried first.
#include "mkpxerd/contract/place_forms.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/address.hpp"
#include "place_parts.hpp"

namespace mkpxerd {
namespace {

constexpr std::array<std::string_view, 4> tags = {"UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="};
// Links that udev makes, and the tag each stands for (systemd's 60-persistent-storage.rules).
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> links = {{
    {"/dev/disk/by-uuid/", "UUID="},
    {"/dev/disk/by-label/", "LABEL="},
    {"/dev/disk/by-partuuid/", "PARTUUID="},
    {"/dev/disk/by-partlabel/", "PARTLABEL="},
}};
// Directories that the kernel itself creates below /dev for disks, for a '!' in a disk's name.
constexpr std::array<std::string_view, 4> device_directories = {"cciss", "ida", "rd", "etherd"};
// Words, alone or before a colon, that mean something to other programs and are never names of disks.
constexpr std::array foreign_words = std::to_array<std::string_view>(
    {"9p",       "aoe",     "auto",  "block", "casper", "cdrom", "ceph",    "cifs",     "dhcp",     "dhcp6",
     "dir",      "dvd",     "fcoe",  "file",  "floppy", "fstab", "ftp",     "ftps",     "gpt-auto", "http",
     "https",    "iscsi",   "live",  "mount", "mtd",    "nbd",   "nfs",     "nfs4",     "none",     "off",
     "ostree",   "overlay", "ramfs", "rbd",   "root",   "rsync", "scp",     "sftp",     "smb",      "ssh",
     "squashfs", "tftp",    "tmpfs", "ubi",   "ubi0",   "usb",   "usbdisk", "virtiofs", "zfs"});

// The names that drivers of the kernel give to disks: these, then a digit and more,
constexpr std::array numbered_disks = std::to_array<std::string_view>(
    {"bcache", "dm-",  "drbd", "fd",  "loop", "md", "md_d", "mmcblk",   "mspblk", "mtdblock", "nbd",
     "nullb",  "nvme", "pmem", "rbd", "scd",  "sr", "ubd",  "ubiblock", "ublkb",  "zd",       "zram"});
// or these, up to three letters, and the number of a partition if there is one.
constexpr std::array lettered_disks =
    std::to_array<std::string_view>({"dasd", "hd", "ps3d", "rssd", "sd", "ubd", "vd", "vdisk", "xvd"});

// Endings of files that hold a root. A disk never has such a name.
constexpr std::array<std::string_view, 13> root_files = {".squashfs", ".sqfs", ".sfs",   ".erofs", ".img",
                                                         ".iso",      ".raw",  ".qcow2", ".tar",   ".tgz",
                                                         ".gz",       ".xz",   ".zst"};

// "http" of "HTTP://h/"; empty: the text has none.
std::string scheme_of(std::string_view text) {
    const std::size_t end = text.find("://");
    if (end == std::string_view::npos || end == 0) return {};
    std::string scheme = to_lower(text.substr(0, end));
    const bool plain = std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    });
    return plain ? scheme : std::string();
}

bool is_fetched(std::string_view scheme) {
    return scheme == "http" || scheme == "https" || scheme == "ftp";
}

// Alternatives between '|', each a URL.
Result<std::string> plain_urls(const Asked& asked, std::string_view text) {
    std::string out;
    for (const std::string_view each : split(text, '|')) {
        const std::string scheme = scheme_of(each);
        if (scheme.empty())
            return asked.refuse(fmt::format("'{}' is not a URL", each), "alternatives between '|' are URLs");
        if (!is_fetched(scheme))
            return asked.refuse(fmt::format("{}:// cannot be fetched", scheme), "use http, https or ftp");
        if (const std::string_view rest = each.substr(scheme.size() + 3);
            rest.empty() || rest.find_first_of("/:?#") == 0)
            return asked.refuse(fmt::format("'{}' has no host", each));
        if (!out.empty()) out += '|';
        out.append(scheme).append(each.substr(scheme.size()));
    }
    return out;
}

std::string unescaped(std::string_view text) { // "\x20", as udev escapes characters in file names
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        constexpr std::string_view digits = "0123456789abcdef";
        const std::string code = to_lower(text.substr(i, 4));
        const std::size_t high = code.size() == 4 ? digits.find(code[2]) : std::string_view::npos;
        const std::size_t low = code.size() == 4 ? digits.find(code[3]) : std::string_view::npos;
        if (code.starts_with("\\x") && high != std::string_view::npos && low != std::string_view::npos) {
            out += static_cast<char>(high * 16 + low);
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string_view tag_of(std::string_view device) {
    const auto* found =
        std::find_if(tags.begin(), tags.end(), [&](std::string_view tag) { return device.starts_with(tag); });
    return found == tags.end() ? std::string_view{} : *found;
}

tl::unexpected<Error> refuse_word(const Asked& asked, std::string_view word) {
    if (word.starts_with("dhcp"))
        return asked.refuse("the root path of the lease is not supported", "write root=nfs:server:/path");
    if (word == "tmpfs" || word == "ramfs" || word == "none" || word == "off" || word.starts_with("ram"))
        return asked.refuse("names no device", "leave it out: without root= the root is in memory");
    if (word == "nfs" || word == "nfs4")
        return asked.refuse("does not say which export is meant", std::string(nfs_form));
    if (word == "zfs") return asked.refuse("ZFS is not supported by this init yet");
    return asked.refuse(fmt::format("'{}' is not a supported form", word),
                        "a device, UUID=, LABEL=, nfs:server:/path, or an http, https or ftp URL");
}

// One to `most` letters, then nothing but digits.
bool is_lettered(std::string_view text, std::size_t most) {
    const std::size_t letters = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), text.size());
    return letters >= 1 && letters <= most &&
           text.find_first_not_of("0123456789", letters) == std::string_view::npos;
}

// Whether a driver of the kernel gives a disk such a name.
bool is_disk_name(std::string_view name) {
    const auto rest_after = [&](std::string_view kind) {
        return name.starts_with(kind) ? name.substr(kind.size()) : std::string_view{};
    };
    constexpr std::size_t most_letters = 3;
    return std::ranges::any_of(
               numbered_disks,
               [&](auto kind) { return rest_after(kind).find_first_of("0123456789") == 0; }) ||
           std::ranges::any_of(lettered_disks,
                               [&](auto kind) { return is_lettered(rest_after(kind), most_letters); }) ||
           std::ranges::any_of(device_directories,
                               [&](auto directory) { return rest_after(directory).starts_with('!'); });
}

// A name that the kernel may give a disk, or a tag with a value.
Result<void> check_device(const Asked& asked, std::string_view device) {
    if (const std::string_view tag = tag_of(device); !tag.empty()) {
        if (device.size() == tag.size()) return asked.refuse(fmt::format("has nothing after {}", tag));
        if (tag == "PARTUUID=" && device.find('/') != std::string_view::npos)
            return asked.refuse("PARTNROFF is not supported", "write the PARTUUID= of the partition itself");
        return {};
    }
    const bool below_dev = device.starts_with("/dev/");
    const std::string_view name = below_dev ? device.substr(5) : device;
    const std::string lower = to_lower(name);
    if (lower == "zfs" || lower.starts_with("zfs=")) return refuse_word(asked, "zfs");
    const bool is_ram = lower == "ram" || (lower.starts_with("ram") && parse_number(lower.substr(3)));
    if (is_one_of(lower, foreign_words) || is_ram) return refuse_word(asked, lower);
    const std::size_t slash = name.find('/');
    if (slash != std::string_view::npos && !below_dev) return asked.refuse("is a path, not a device");
    if (slash != std::string_view::npos && !is_one_of(name.substr(0, slash), device_directories))
        return asked.refuse(fmt::format("the init makes no links below /dev/{}", name.substr(0, slash)),
                            "without udev and LVM a disk has its own name, UUID=, LABEL=, PARTUUID= and "
                            "PARTLABEL=");
    if (!below_dev && std::any_of(root_files.begin(), root_files.end(),
                                  [&](std::string_view ending) { return lower.ends_with(ending); }))
        return asked.refuse("is the name of a file, not of a device",
                            fmt::format("write its URL: {}=http://server/{}", asked.option, name));
    const bool plain = std::all_of(lower.begin(), lower.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("_-.!/").find(c) != std::string_view::npos;
    });
    if (lower.empty() || lower.front() < 'a' || lower.front() > 'z' || !plain)
        return asked.refuse("is not a device in a supported form",
                            "a device is sda1, /dev/sda1, UUID=, LABEL=, PARTUUID= or PARTLABEL=");
    if (!below_dev && !is_disk_name(name))
        return asked.refuse(
            fmt::format("no driver of the kernel gives a disk the name '{}'", name),
            fmt::format("for a file on a server write its URL, for a disk that does have this name /dev/{}",
                        name));
    return {};
}

bool is_fstype(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") == std::string_view::npos;
}

Result<std::string> plain_medium(const Asked& asked) {
    const std::string_view value = asked.value;
    MKPXERD_TRY_ASSIGN(std::string nfs, find_nfs(asked, value));
    if (!nfs.empty()) return nfs;
    const std::string device = plain_device(value);
    const std::size_t colon = host_end(device);
    if (colon != std::string::npos && tag_of(device).empty()) {
        const std::string word = to_lower(std::string_view(device).substr(0, colon));
        const std::string_view rest = std::string_view(device).substr(colon + 1);
        if (is_one_of(word, foreign_words)) return refuse_word(asked, word);
        if (rest.starts_with('/') && device.front() != '/') return plain_nfs(asked, device);
        if (asked.option != "root" && is_fstype(rest)) { // mkinitfs used to accept alpine_dev=device:fstype
            MKPXERD_TRY(check_device(asked, std::string_view(device).substr(0, colon)));
            return device;
        }
    }
    MKPXERD_TRY(check_device(asked, device));
    return device;
}

// device[:fstype]:path, or device[:fstype] when no path is wanted.
Result<std::string> plain_on_device(const Asked& asked, bool wants_path) {
    const auto pieces = split(asked.value, ':');
    const std::string device = plain_device(pieces.front());
    const std::size_t most = wants_path ? 3 : 2;
    if (pieces.size() > most || pieces.back().empty())
        return asked.refuse(wants_path ? "must be a URL, device[:fstype]:path or path"
                                       : "must be a URL or device[:fstype]");
    MKPXERD_TRY(check_device(asked, device));
    if (pieces.size() == most && !is_fstype(pieces[1]))
        return asked.refuse(fmt::format("'{}' is not a file system", pieces[1]));
    return device + std::string(asked.value.substr(pieces.front().size()));
}

Result<std::string> plain_file(const Asked& asked) {
    const std::string_view value = asked.value;
    if (const bool on_nfs = !find_nfs(asked, value).value_or("nfs").empty(); on_nfs)
        return asked.refuse("a single file cannot be read from NFS",
                            fmt::format("write alpine_dev=nfs:server:/directory {}=file", asked.option));
    if (value.find(':') != std::string_view::npos) return plain_on_device(asked, true);
    if (!tag_of(plain_device(value)).empty() || value.starts_with("/dev/"))
        return asked.refuse("names a device but no file on it",
                            fmt::format("write {}=device:path", asked.option));
    return std::string(value);
}

} // namespace

bool is_url(std::string_view text) {
    return is_fetched(scheme_of(text));
}

std::string plain_scheme(std::string_view text) {
    const std::string scheme = scheme_of(text);
    return scheme + std::string(text.substr(scheme.size()));
}

bool has_other_scheme(std::string_view text) {
    const std::string scheme = scheme_of(text);
    return !scheme.empty() && !is_fetched(scheme);
}

std::string plain_device(std::string_view text) {
    for (const std::string_view tag : tags) {
        if (to_lower(text.substr(0, tag.size())) != to_lower(tag)) continue;
        std::string_view value = text.substr(tag.size());
        const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                            value.back() == value.front();
        if (quoted) value = value.substr(1, value.size() - 2);
        return std::string(tag).append(value);
    }
    for (const auto& [directory, tag] : links)
        if (text.starts_with(directory)) return std::string(tag) + unescaped(text.substr(directory.size()));
    return std::string(text);
}

Result<std::string> plain_place(PlaceKind kind, std::string_view option, std::string_view value) {
    Asked asked{option, value};
    if (value.empty()) return asked.refuse("is empty");
    if (to_lower(value.substr(0, 5)) == "live:") { // dracut's dmsquash-live
        if (!is_url(value.substr(5)))
            return asked.refuse("dracut's search for a live medium is not supported",
                                "write root= with the URL of the squashfs");
        asked.value = value.substr(5);
    }
    const std::string scheme = scheme_of(asked.value);
    if (!scheme.empty() && scheme != "nfs" && scheme != "nfs4") return plain_urls(asked, asked.value);
    if (kind == PlaceKind::Medium) return plain_medium(asked);
    if (kind == PlaceKind::File) return plain_file(asked);
    MKPXERD_TRY_ASSIGN(const std::string nfs, find_nfs(asked, asked.value));
    if (!nfs.empty())
        return asked.refuse("cannot be searched for on NFS", fmt::format("write alpine_dev={}", nfs));
    return plain_on_device(asked, false);
}

} // namespace mkpxerd
