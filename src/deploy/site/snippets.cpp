// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/snippets.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/base/text_template.hpp"

namespace mkpxerd::deploy {
namespace {

constexpr auto table = std::to_array<Snippet>({
    {"boot.ipxe", "boot.ipxe", "iPXE: the script that DHCP names"},
    {"gpxe-script", "gpxe-script", "gPXE, and iPXE with the guide's embedded script"},
    {"pxelinux", "pxelinux.cfg/default", "pxelinux.0, by TFTP"},
    {"lpxelinux", "lpxelinux/pxelinux.cfg/default", "lpxelinux.0, by HTTP"},
    {"grub.cfg", "grub/grub.cfg", "GRUB's image for the network, UEFI"},
    {"dhcpd.conf", "snippets/dhcpd.conf", "ISC dhcpd; UEFI HTTP boot as well", true, true},
    {"isc-dhcp-server", "snippets/isc-dhcp-server", "which card ISC dhcpd serves, Debian"},
    {"kea-dhcp4.conf", "snippets/kea-dhcp4.conf", "Kea; UEFI HTTP boot as well", true, true},
    {"dnsmasq.conf", "snippets/dnsmasq.conf", "dnsmasq: DHCP, TFTP; UEFI HTTP boot as well", true, true},
    {"dnsmasq-proxy.conf", "snippets/dnsmasq-proxy.conf",
     "dnsmasq beside another DHCP server: proxyDHCP, TFTP", true},
    {"tftpd-hpa", "snippets/tftpd-hpa", "tftpd-hpa"},
    {"nginx.conf", "snippets/nginx.conf", "nginx"},
    {"exports", "snippets/exports", "/etc/exports of an NFS server"},
});

} // namespace

std::span<const Snippet> snippets() {
    return table;
}

Result<std::string> fill_snippet(const std::filesystem::path& data_dir, const std::string& name,
                                 const SiteValues& values) {
    if (std::none_of(table.begin(), table.end(), [&](const Snippet& known) { return known.name == name; })) {
        std::vector<std::string> names;
        for (const Snippet& known : table)
            names.emplace_back(known.name);
        auto meant = nearest(name, names);
        const auto full = std::ranges::find(names, name + ".conf");
        if (full != names.end()) meant = *full;
        return fail(name, "is not a snippet",
                    meant ? fmt::format("did you mean {}?", *meant) : "--list shows all");
    }
    MKPXERD_TRY_ASSIGN(const std::string text, read_file(data_dir / "snippets" / name));
    return fill_lines(text, values, name);
}

} // namespace mkpxerd::deploy
