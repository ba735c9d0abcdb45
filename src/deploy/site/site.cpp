// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/site.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mkpxerd/base/printable.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/contract/address.hpp"
#include "mkpxerd/contract/names.hpp"
#include "mkpxerd/deploy/site/boot_line.hpp"
#include "mkpxerd/deploy/site/host_network.hpp"
#include "mkpxerd/deploy/site/lease_range.hpp"
#include "mkpxerd/deploy/site/site_loaders.hpp"
#include "mkpxerd/deploy/site/web_address.hpp"
#include "mkpxerd/version.hpp"

namespace mkpxerd::deploy {
namespace {

// A subnet with room for a server and machines, and one that is a network of this site.
constexpr unsigned longest_prefix = 29;
constexpr unsigned shortest_prefix = 8;

void put_web_server(const WebAddress& web, const SiteOptions& options, SiteValues& values,
                    Problems& problems) {
    values["url"] = web.url();
    // What an iPXE in ROM must support, by its number in option 175.
    values["scheme"] = web.is_tls ? "https" : "http";
    values["scheme-code"] = web.is_tls ? "20" : "19";
    // nginx: what it listens on; the directory that it serves as a whole, or as a path; its certificate.
    values["listen"] = fmt::format("{}{}", web.port, web.is_tls ? " ssl" : "");
    values["web-path"] = web.path;
    values["web-root"] = web.path.empty() ? options.directory.string() : "";
    values["certificate"] = web.is_tls ? "/etc/nginx/mkpxerd" : "";
    if (!web.is_tls) return;
    if (std::ranges::find(options.loaders, "lpxelinux") != options.loaders.end())
        problems.add("--loader lpxelinux", "does not support https", "ipxe does");
    if (options.snippet == "lpxelinux") problems.add("lpxelinux", "does not support https", "iPXE does");
}

// Parses the address of another machine. Errors: not an address; loopback, 0.0.0.0, multicast, broadcast.
std::optional<Ipv4Address> parse_host(const char* option, const std::string& text, Problems& problems) {
    constexpr std::uint32_t first_of_groups = 0xe0000000; // 224.0.0.0
    const auto address = Ipv4Address::parse(text);
    const std::string object = fmt::format("{} {}", option, text);
    if (!address)
        problems.add(object, "is not an IPv4 address",
                     text.find(',') == std::string::npos ? "" : fmt::format("give {} once for each", option));
    else if (is_local(*address) || address->value >= first_of_groups) {
        problems.add(object, "is not an address at which machines reach a server");
        return std::nullopt;
    }
    return address;
}

std::optional<Ipv4Address> find_next_server(const WebAddress& web, const SiteOptions& options,
                                            SiteValues& values, Problems& problems) {
    const auto web_host = web.address() ? parse_host("--server", web.host, problems) : std::nullopt;
    if (web.address() && !web_host) return std::nullopt;
    if (!options.next_server.empty()) return parse_host("--next-server", options.next_server, problems);
    auto found = web_host;
    if (!found) found = resolve_host(web.host);
    if (found) return found;
    found = own_address();
    if (found)
        values["guess"] = web.host;
    else
        problems.add("--next-server", fmt::format("is needed: {} has no known address", web.host),
                     "it is the address of the TFTP server");
    return found;
}

std::vector<Ipv4Address> find_name_servers(const SiteOptions& options, Problems& problems) {
    if (options.dns.empty()) return name_servers(options.system);
    std::vector<Ipv4Address> servers;
    for (const std::string& text : options.dns)
        if (const auto address = parse_host("--dns", text, problems)) servers.push_back(*address);
    return servers;
}

bool is_host_of(const Ipv4Subnet& subnet, Ipv4Address address) {
    return subnet.contains(address) && address != subnet.first() && address != subnet.last();
}

// Literal addresses anywhere in a text: hosts of URLs, of "nfs:HOST:PATH", fields of "ip=".
std::vector<Ipv4Address> addresses_in(std::string_view text) {
    static constexpr std::string_view digits = "0123456789.";
    std::vector<Ipv4Address> found;
    while (!text.empty()) {
        text.remove_prefix(std::min(text.find_first_of(digits), text.size()));
        const auto end = std::min(text.find_first_not_of(digits), text.size());
        if (const auto address = Ipv4Address::parse(text.substr(0, end))) found.push_back(*address);
        text.remove_prefix(end);
    }
    return found;
}

// The first and the last address of a subnet are no hosts.
void check_hosts(const Ipv4Subnet& subnet, const SiteOptions& options, const std::string& web_host,
                 Problems& problems) {
    const auto check = [&](const char* option, const std::string& text) {
        const auto address = Ipv4Address::parse(text);
        if (!address || !subnet.contains(*address) || is_host_of(subnet, *address)) return;
        problems.add(fmt::format("{} {}", option, text),
                     fmt::format("is the first or last address of the subnet {}/{}, which no host has",
                                 subnet.first().text(), subnet.prefix));
    };
    check("--server", web_host);
    check("--next-server", options.next_server);
    for (const std::string& server : options.dns)
        check("--dns", server);
}

// The subnet that the machines share with the TFTP server.
std::optional<Ipv4Subnet> parse_subnet(const std::string& text, Ipv4Address server, Problems& problems) {
    const auto subnet = Ipv4Subnet::parse(text);
    const std::string object = "--subnet " + text;
    if (!subnet)
        problems.add(object,
                     text.find('/') == std::string::npos ? "has no prefix length" : "is not an IPv4 subnet",
                     fmt::format("such as {}/24", Ipv4Subnet{server, 24}.first().text()));
    else if (subnet->prefix < shortest_prefix || subnet->prefix > longest_prefix)
        problems.add(object, fmt::format("has a prefix length that is not from {} to {}", shortest_prefix,
                                         longest_prefix));
    else if (!subnet->contains(server))
        problems.add(object, fmt::format("does not contain the TFTP server {}", server.text()),
                     "--next-server names another one");
    else
        return subnet;
    return std::nullopt;
}

void put_subnet(Ipv4Address server, const std::string& web_host, const SiteOptions& options,
                SiteValues& values, Problems& problems) {
    const auto subnet =
        parse_subnet(options.subnet.empty() ? server.text() + "/24" : options.subnet, server, problems);
    if (subnet) check_hosts(*subnet, options, web_host, problems);
    const auto gateway =
        options.gateway.empty() ? std::optional(server) : Ipv4Address::parse(options.gateway);
    if (!gateway)
        problems.add("--gateway " + options.gateway, "is not an IPv4 address");
    else if (subnet && !options.gateway.empty() && !is_host_of(*subnet, *gateway))
        problems.add("--gateway " + options.gateway,
                     fmt::format("is not a host of the subnet {}/{}", subnet->first().text(), subnet->prefix),
                     "machines reach a gateway of their own subnet alone; --subnet names it");
    std::vector<Ipv4Address> used = find_name_servers(options, problems);
    values["dns"] = "";
    for (const Ipv4Address address : used)
        values["dns"] += fmt::format("{}{}", values["dns"].empty() ? "" : ",", address.text());
    if (!subnet || !gateway) return;
    used.insert(used.end(), {server, *gateway});
    const auto named = addresses_in(values["url"] + ' ' + make_boot_line(options, values["url"]));
    used.insert(used.end(), named.begin(), named.end());
    const auto range = choose_lease_range(*subnet, server, used);
    if (!range) {
        problems.add("--subnet " + options.subnet, "has no address left for machines");
        return;
    }
    values["network"] = subnet->first().text();
    values["netmask"] = subnet->mask().text();
    values["prefix"] = std::to_string(subnet->prefix);
    values["first"] = range->first.text();
    values["last"] = range->second.text();
    values["gateway"] = gateway->text();
}

// Returns the web server's host, for exports.
std::string put_network(const SiteOptions& options, SiteValues& values, Problems& problems) {
    std::string said = options.server;
    if (said.empty()) {
        const auto own = own_address();
        if (!own) {
            problems.add("--server", "is needed: this machine has no route that shows its address");
            return {};
        }
        said = own->text();
    }
    const auto web = WebAddress::parse(said);
    if (!web) {
        problems.add(web.error());
        return {};
    }
    put_web_server(*web, options, values, problems);
    if (const auto server = find_next_server(*web, options, values, problems)) {
        values["server"] = server->text();
        put_subnet(*server, web->host, options, values, problems);
    }
    return web->host;
}

// The files of the bundle that the line names, each with a hash: the line is as long before they are known.
SiteOptions with_all_pins(SiteOptions options) {
    for (const std::string& name :
         {std::string(options.with_modloop ? "modloop" : ""), options.own_apkovl, options.own_root})
        options.pins.try_emplace(name, std::string(64, '0'));
    return options;
}

void put_options(const SiteOptions& options, SiteValues& values, Problems& problems) {
    const std::string& url = values["url"];
    const std::string line = make_boot_line(options, url);
    values["options"] = line;
    // What the script of a machine adds is for the kernel.
    values["options-ipxe"] = for_ipxe(std::string(line).insert(init_args_at(line), " ${more}"), url);
    // PXELINUX puts BOOTIF at the end, where it would be an argument of init.
    values["sysappend"] = init_args_at(line) < line.size() ? "" : "2";
    values["options-gpxe"] = for_ipxe(line, {});
    values["options-grub"] = for_grub(line);
    check_boot_line(make_boot_line(with_all_pins(options), url), url, problems, options.snippet);
}

// The init searches the depot for an apkovl that no option names, and only root may read the files of lbu.
bool may_offer_apkovl(const SiteOptions& options) {
    return options.own_apkovl.empty() && options.apkovl.find(':') == std::string::npos;
}

// Exports of the server, for the subnet that gets addresses. A root has files that only root may read, such
// as etc/shadow. A depot is public, so its clients' root is mapped to nobody.
void put_exports(const SiteOptions& options, const std::string& host, SiteValues& values,
                 Problems& problems) {
    std::vector<std::string> lines;
    const auto add = [&](const char* name, const std::string& source, bool for_root) {
        for (const std::string& server : {values["server"], host}) {
            const std::string prefix = fmt::format("nfs:{}:", server);
            if (!source.starts_with(prefix)) continue;
            if (!is_plain_path(source)) problems.add(fmt::format("{} {}", name, source), bad_path, good_path);
            lines.push_back(fmt::format("{} {}/{}(ro,{},no_subtree_check)", source.substr(prefix.size()),
                                        values["network"], values["prefix"],
                                        for_root ? "no_root_squash" : "root_squash"));
            return;
        }
    };
    if (options.alpine_dev != options.root)
        add("--alpine-dev", options.alpine_dev, may_offer_apkovl(options));
    add("--root", options.root, true);
    if (lines.empty())
        lines.emplace_back("# Neither --alpine-dev nor --root names an export of this server.");
    values["exports"] = fmt::format("{}", fmt::join(lines, "\n"));
}

} // namespace

Result<SiteValues> make_site_values(const SiteOptions& options, const std::string& kernel_version) {
    Problems problems;
    for (const auto& [name, sum] : options.pins)
        if (!is_sha256(sum)) problems.add(name, "has no SHA-256 sum", "run mkpxerd bundle again");
    MKPXERD_TRY(problems.finish()); // otherwise the lines that contain them would be blamed
    SiteValues values;
    put_loaders(options, values, problems);
    const std::string host = put_network(options, values, problems);
    put_next_loaders(options, values);
    put_options(options, values, problems);
    put_exports(options, host, values, problems);
    if (!is_plain_path(options.directory.string()))
        problems.add(options.directory.string(), bad_path, good_path);
    if (!is_printable(kernel_version)) problems.add("the kernel", "has a name that a script cannot contain");
    MKPXERD_TRY(problems.finish());
    values["directory"] = options.directory.string();
    values["kernel"] = kernel_version;
    values["version"] = version;
    return values;
}

} // namespace mkpxerd::deploy
