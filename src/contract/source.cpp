// SPDX-License-Identifier: MIT
// What plain_place() gives, taken apart.
#include "mkpxerd/contract/source.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd {
namespace {

// What follows "nfs:" of the form that plain_place() gives.
NfsSource parse_nfs(std::string_view text) {
    NfsSource nfs;
    std::size_t colon = text.find(':');
    if (text.starts_with('[')) {
        colon = text.find("]:") + 1;
        nfs.host = text.substr(1, colon - 2);
    } else {
        nfs.host = text.substr(0, colon);
    }
    const std::string_view rest = text.substr(colon + 1);
    const std::size_t comma = nfs_options_at(rest);
    nfs.path = rest.substr(0, comma);
    if (comma < rest.size()) nfs.options = rest.substr(comma + 1);
    return nfs;
}

Source device_source(std::string_view device, std::string_view fstype, std::string_view path) {
    Source source;
    source.kind = Source::Kind::Device;
    source.device = DeviceSpec::parse(device);
    source.fstype = fstype;
    source.path = path;
    return source;
}

Source nfs_source(std::string_view text) {
    Source source;
    source.kind = Source::Kind::Nfs;
    source.nfs = parse_nfs(text.substr(std::string_view("nfs:").size()));
    return source;
}

Source url_source(std::string_view url) {
    Source source;
    source.kind = Source::Kind::Url;
    source.url = url;
    return source;
}

} // namespace

DeviceSpec DeviceSpec::parse(std::string_view written) {
    static constexpr std::array<std::pair<std::string_view, Kind>, 4> tags = {{
        {"UUID=", Kind::Uuid},
        {"LABEL=", Kind::Label},
        {"PARTUUID=", Kind::PartUuid},
        {"PARTLABEL=", Kind::PartLabel},
    }};
    const std::string plain = plain_device(written);
    std::string_view text = plain;
    for (const auto& [tag, kind] : tags)
        if (text.starts_with(tag)) return {kind, std::string(text.substr(tag.size()))};
    if (text.starts_with("/dev/")) text.remove_prefix(5);
    return {Kind::Name, std::string(text)};
}

std::string DeviceSpec::text() const {
    switch (kind) {
    case Kind::Uuid:
        return "UUID=" + value;
    case Kind::Label:
        return "LABEL=" + value;
    case Kind::PartUuid:
        return "PARTUUID=" + value;
    case Kind::PartLabel:
        return "PARTLABEL=" + value;
    case Kind::Name:
        break;
    }
    return "/dev/" + value;
}

std::string NfsSource::text() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", path);
}

std::string Source::text() const {
    switch (kind) {
    case Kind::Url:
        return url;
    case Kind::Nfs:
        return "nfs:" + nfs.text();
    case Kind::Device:
        return device.text() + (path.empty() ? "" : ":" + path);
    case Kind::Path:
        break;
    }
    return path;
}

std::string url_host(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    std::string_view authority = url.substr(scheme + 3);
    authority = authority.substr(0, authority.find_first_of("/?#|"));
    authority.remove_prefix(authority.rfind('@') + 1); // npos + 1 is 0
    if (authority.starts_with('[')) return std::string(authority.substr(1, authority.find(']') - 1));
    return std::string(authority.substr(0, authority.find(':')));
}

std::string url_file_name(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("?#"));
    const auto slash = url.rfind('/');
    return slash == std::string_view::npos ? std::string() : std::string(url.substr(slash + 1));
}

Result<Source> parse_medium(std::string_view option, std::string_view value) {
    MKPXERD_TRY_ASSIGN(const std::string text, plain_place(PlaceKind::Medium, option, value));
    if (is_url(text)) return url_source(text);
    if (is_nfs(text)) return nfs_source(text);
    const bool is_tag = text.find('=') != std::string::npos; // a label may hold a colon
    const auto pieces = split(std::string_view(text), ':');
    if (pieces.size() == 2 && !is_tag) return device_source(pieces[0], pieces[1], {});
    return device_source(text, {}, {});
}

Result<Source> parse_file_source(std::string_view option, std::string_view value) {
    MKPXERD_TRY_ASSIGN(const std::string text, plain_place(PlaceKind::File, option, value));
    if (is_url(text)) return url_source(text);
    const auto pieces = split(std::string_view(text), ':');
    if (pieces.size() == 2) return device_source(pieces[0], {}, pieces[1]);
    if (pieces.size() == 3) return device_source(pieces[0], pieces[1], pieces[2]);
    Source source;
    source.path = text;
    return source;
}

Result<Source> parse_search_source(std::string_view option, std::string_view value) {
    MKPXERD_TRY_ASSIGN(const std::string text, plain_place(PlaceKind::Search, option, value));
    if (is_url(text)) return url_source(text);
    const auto pieces = split(std::string_view(text), ':');
    return device_source(pieces[0], pieces.size() == 2 ? pieces[1] : std::string_view{}, {});
}

Result<Source> parse_nfsroot(std::string_view value, std::string_view server) {
    MKPXERD_TRY_ASSIGN(const std::string text, plain_nfsroot(value, server));
    return nfs_source(text);
}

} // namespace mkpxerd
