// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/site_warnings.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <set>

#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/contract/command_words.hpp"
#include "mkpxerd/contract/url.hpp"
#include "mkpxerd/deploy/site/loaders.hpp"
#include "mkpxerd/deploy/site/snippets.hpp"

namespace mkpxerd::deploy {
namespace {

bool is_name(const std::string& host) {
    return !host.empty() && !Ipv4Address::parse(host) && host.find(':') == std::string::npos;
}

// The host in a value of the command line: of a URL, or of "nfs:HOST:PATH".
std::string host_in(std::string_view source) {
    if (source.starts_with("nfs:")) {
        source.remove_prefix(4);
        return std::string(without_brackets(source.substr(0, host_end(source))));
    }
    const auto url = UrlTemplate::parse(source);
    return url && !url->has_placeholder_in_host() ? url->url.host : std::string();
}

std::optional<Problem> find_missing_tls(const SiteValues& values) {
    std::set<std::string> places;
    for (const std::string_view firmware : firmware_names)
        if (const std::string& place = values.at(fmt::format("{}-once", firmware)); !place.empty())
            places.insert(place);
    if (places.empty()) return std::nullopt;
    return Problem{
        .object = "--server " + values.at("url"),
        .text =
            fmt::format("iPXE must support https, and nothing shows that {} does", fmt::join(places, " or ")),
        .hint = "put an iPXE built with DOWNLOAD_PROTO_HTTPS into the bundle and make it again, or use http"};
}

std::optional<Problem> find_missing_bootif(const SiteValues& values) {
    const bool is_pxelinux = values.at("bios").find("pxelinux") != std::string::npos;
    if (!is_pxelinux || !values.at("sysappend").empty()) return std::nullopt;
    return Problem{
        .object = "--cmdline",
        .text = "has --, so PXELINUX does not say which card it used: BOOTIF would be an argument of init",
        .hint = "machines with several cards need BOOTIF= or --loader ipxe"};
}

std::optional<Problem> find_unresolvable(const SiteValues& values) {
    if (!values.at("dns").empty()) return std::nullopt;
    std::vector<std::string> sources = {values.at("url")};
    for (const CommandLineWord& word : split_command_line(values.at("options")).words) {
        const std::string value = word.value.value_or("");
        if (word.name == "ip" && std::ranges::count(value, ':') >= 7) { // with name servers for the init
            sources.resize(1);
            break;
        }
        for (const std::string_view list : split(value, ','))
            for (const std::string_view piece : split(list, '|'))
                sources.emplace_back(piece);
    }
    for (const std::string& source : sources)
        if (const std::string host = host_in(source); is_name(host))
            return Problem{.object = redact_url(source),
                           .text = fmt::format("machines get no DNS server, which they need for {}", host),
                           .hint = "--dns ADDRESS names one"};
    return std::nullopt;
}

} // namespace

std::optional<Problem> find_guessed_server(const SiteValues& values) {
    const auto guess = values.find("guess");
    if (guess == values.end()) return std::nullopt;
    return Problem{.object = "--server " + values.at("url"),
                   .text =
                       fmt::format("{} cannot be resolved: this machine, {}, is taken for the TFTP server",
                                   guess->second, values.at("server")),
                   .hint = "--next-server names another one"};
}

std::vector<Problem> find_site_warnings(const SiteValues& values, std::string_view snippet) {
    const auto all = snippets();
    const auto known = std::ranges::find(all, snippet, &Snippet::name);
    const bool is_any = known == all.end();
    const bool names_loader = is_any || known->names_loader;
    std::vector<Problem> warnings;
    const auto add = [&](const std::optional<Problem>& found) {
        if (found) warnings.push_back(*found);
    };
    add(find_guessed_server(values));
    if (names_loader || snippet == "boot.ipxe") add(find_missing_tls(values));
    if (names_loader || snippet.ends_with("pxelinux")) add(find_missing_bootif(values));
    if (is_any || known->announces_dns) add(find_unresolvable(values));
    return warnings;
}

} // namespace mkpxerd::deploy
