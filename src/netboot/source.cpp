// SPDX-License-Identifier: MIT
// Colons separate everywhere, so the schemes are looked for first.
#include "mkpxerd/netboot/source.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"

namespace mkpxerd::netboot {
namespace {

tl::unexpected<Error> bad_value(std::string_view option, std::string_view value, std::string text) {
    return fail(fmt::format("{}={}", option, value), std::move(text), "see docs/cmdline.md", "MPX-OPT-02");
}

// What follows "nfs:".
std::optional<NfsSource> parse_nfs(std::string_view text) {
    NfsSource nfs;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return std::nullopt;
        nfs.host = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
    } else {
        const auto colon = text.find(':');
        nfs.host = text.substr(0, colon);
        text.remove_prefix(std::min(colon, text.size()));
    }
    if (!text.starts_with(":/") || nfs.host.empty()) return std::nullopt;
    nfs.path = text.substr(1);
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

Source url_source(std::string_view url) {
    Source source;
    source.kind = Source::Kind::Url;
    source.url = url;
    return source;
}

} // namespace

DeviceSpec DeviceSpec::parse(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, Kind>, 4> tags = {{
        {"UUID=", Kind::Uuid},
        {"LABEL=", Kind::Label},
        {"PARTUUID=", Kind::PartUuid},
        {"PARTLABEL=", Kind::PartLabel},
    }};
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

bool is_url(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://") || text.starts_with("ftp://");
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
    if (is_url(value)) return url_source(value);
    if (value.starts_with("nfs:")) {
        const auto nfs = parse_nfs(value.substr(4));
        if (!nfs) return bad_value(option, value, "is not nfs:host:/path");
        Source source;
        source.kind = Source::Kind::Nfs;
        source.nfs = *nfs;
        return source;
    }
    if (value.starts_with("ZFS=")) return bad_value(option, value, "ZFS is not served by this init yet");
    return device_source(value, {}, {});
}

Result<Source> parse_file_source(std::string_view option, std::string_view value) {
    if (is_url(value)) return url_source(value);
    const auto pieces = split(value, ':');
    if (pieces.size() == 2) return device_source(pieces[0], {}, pieces[1]);
    if (pieces.size() == 3) return device_source(pieces[0], pieces[1], pieces[2]);
    if (pieces.size() > 3) return bad_value(option, value, "is none of URL, device[:fstype]:path, path");
    Source source;
    source.path = value;
    return source;
}

Result<Source> parse_search_source(std::string_view option, std::string_view value) {
    if (is_url(value)) return url_source(value);
    const auto pieces = split(value, ':');
    if (pieces.size() == 1) return device_source(pieces[0], {}, {});
    if (pieces.size() == 2) return device_source(pieces[0], pieces[1], {});
    return bad_value(option, value, "is neither a URL nor device[:fstype]");
}

} // namespace mkpxerd::netboot
