// SPDX-License-Identifier: MIT
// Takes the plain forms of plain_place() apart.
#include "mkpxerd/contract/source.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/address.hpp"

namespace mkpxerd {
namespace {

// "nfs:..." in the form that plain_place() gives.
NfsSource parse_nfs(std::string_view text) {
    text.remove_prefix(std::string_view("nfs:").size());
    const std::size_t colon = host_end(text);
    const std::string_view rest = text.substr(colon + 1);
    const std::size_t comma = nfs_options_at(rest);
    NfsSource nfs{.host = std::string(without_brackets(text.substr(0, colon))),
                  .path = std::string(rest.substr(0, comma))};
    if (comma < rest.size()) nfs.options = rest.substr(comma + 1);
    return nfs;
}

DeviceSource device_source(std::string_view device, std::string_view fstype = {}) {
    return {.device = DeviceSpec::parse(device), .fstype = std::string(fstype)};
}

Result<Source> url_source(std::string_view text) {
    MKPXERD_TRY_ASSIGN(UrlSource source, UrlSource::parse(text));
    return Source(std::move(source));
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
    return fmt::format("{}:{}", in_brackets(host), path);
}

std::uint16_t nfs_port(std::string_view mount_options) {
    constexpr std::string_view name = "port=";
    std::uint16_t port = 2049;
    for (const std::string_view option : split(mount_options, ','))
        if (option.starts_with(name)) port = parse_port(option.substr(name.size())).value_or(port);
    return port;
}

Result<UrlSource> UrlSource::parse(std::string_view text) {
    UrlSource source;
    Problems problems;
    for (const std::string_view each : split(text, '|')) {
        Result<UrlTemplate> url = UrlTemplate::parse(each);
        if (url)
            source.alternatives.push_back(std::move(*url));
        else
            problems.add(url.error());
    }
    MKPXERD_TRY(problems.finish());
    return source;
}

std::string UrlSource::text() const {
    std::string all;
    for (const UrlTemplate& alternative : alternatives) {
        if (!all.empty()) all += '|';
        all += alternative.text;
    }
    return all;
}

std::string to_text(const Source& source) {
    const std::string text = std::visit([](const auto& kind) { return kind.text(); }, source);
    return std::holds_alternative<NfsSource>(source) ? "nfs:" + text : text;
}

Result<Source> parse_medium(std::string_view option, std::string_view value) {
    MKPXERD_TRY_ASSIGN(const std::string text, plain_place(PlaceKind::Medium, option, value));
    if (is_url(text)) return url_source(text);
    if (is_nfs(text)) return parse_nfs(text);
    const bool is_tag = text.find('=') != std::string::npos; // a label may hold a colon
    const auto pieces = split(std::string_view(text), ':');
    if (pieces.size() == 2 && !is_tag) return device_source(pieces[0], pieces[1]);
    return device_source(text);
}

Result<Source> parse_file_source(std::string_view option, std::string_view value) {
    MKPXERD_TRY_ASSIGN(const std::string text, plain_place(PlaceKind::File, option, value));
    if (is_url(text)) return url_source(text);
    const auto pieces = split(std::string_view(text), ':');
    if (pieces.size() == 1) return MediumPath{text};
    const std::string_view fstype = pieces.size() == 3 ? pieces[1] : std::string_view{};
    return DeviceFile{.medium = device_source(pieces.front(), fstype), .path = std::string(pieces.back())};
}

Result<Source> parse_search_source(std::string_view option, std::string_view value) {
    MKPXERD_TRY_ASSIGN(const std::string text, plain_place(PlaceKind::Search, option, value));
    if (is_url(text)) return url_source(text);
    const auto pieces = split(std::string_view(text), ':');
    return device_source(pieces[0], pieces.size() == 2 ? pieces[1] : std::string_view{});
}

Result<Source> parse_nfsroot(std::string_view value, std::string_view server) {
    MKPXERD_TRY_ASSIGN(const std::string text, plain_nfsroot(value, server));
    return parse_nfs(text);
}

} // namespace mkpxerd
