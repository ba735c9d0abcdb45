// SPDX-License-Identifier: MIT
// The lease as resolv.conf, as interfaces and as NAME=VALUE lines.
#include "mkpxerd/netboot/net/lease_files.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"
#include "mkpxerd/netboot/runtime/private_files.hpp"

namespace mkpxerd::netboot {

std::string resolv_conf(const NetworkState& network) {
    if (network.dns.empty()) return {};
    std::string text;
    if (!network.search.empty()) {
        text += "search";
        for (const std::string& domain : network.search)
            text += " " + domain;
        text += "\n";
    } else if (!network.domain.empty()) {
        text += fmt::format("search {}\n", network.domain);
    }
    for (const Ipv4Address& server : network.dns)
        text += fmt::format("nameserver {}\n", server.text());
    return text;
}

std::string interfaces_text(const NetworkState& network) {
    std::string text = fmt::format("auto lo\niface lo inet loopback\n\nauto {0}\niface {0} inet {1}\n",
                                   network.interface, network.dynamic ? "dhcp" : "static");
    if (network.dynamic) return text;
    text += fmt::format("\taddress {}/{}\n", network.address.text(), network.prefix);
    if (network.gateway) text += fmt::format("\tgateway {}\n", network.gateway->text());
    return text;
}

std::string lease_text(const NetworkState& network) {
    std::string text = fmt::format("INTERFACE={}\nMAC={}\nADDRESS={}\nPREFIX={}\n", network.interface,
                                   network.mac.text(), network.address.text(), network.prefix);
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) text += fmt::format("{}={}\n", name, value);
    };
    const auto addresses = [](const std::vector<Ipv4Address>& list) {
        std::vector<std::string> texts;
        for (const Ipv4Address& address : list)
            texts.push_back(address.text());
        return fmt::format("{}", fmt::join(texts, " "));
    };
    add("GATEWAY", network.gateway ? network.gateway->text() : "");
    add("DNS", addresses(network.dns));
    add("NTP", addresses(network.ntp));
    add("DOMAIN", network.domain);
    add("HOSTNAME", network.hostname);
    if (network.dynamic) {
        add("DHCP_SERVER", network.dhcp_server.text());
        add("LEASE_SECONDS", fmt::format("{}", network.lease_seconds));
    }
    return text;
}

Result<void> write_lease_files(const System& system, const NetworkState& network) {
    Problems problems;
    if (const std::string text = resolv_conf(network); !text.empty()) {
        const auto file = system.host("/etc/resolv.conf");
        std::error_code ignored; // the write reports it
        std::filesystem::create_directories(file.parent_path(), ignored);
        if (const auto written = write_file(file, text); !written) problems.add(written.error());
    }
    if (const auto written = write_private(system.host(run_lease), lease_text(network)); !written)
        problems.add(written.error());
    return problems.finish();
}

} // namespace mkpxerd::netboot
