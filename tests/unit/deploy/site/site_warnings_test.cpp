// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/site_warnings.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using deploy::SiteOptions;

namespace {

SiteOptions at(const std::string& server) {
    SiteOptions options;
    options.server = server;
    options.system = "/nonexistent"; // without name servers
    return options;
}
std::string warning(const SiteOptions& options, std::string_view snippet = {}) {
    std::string text;
    for (const Problem& found :
         deploy::find_site_warnings(deploy::make_site_values(options, "6.1-test").value(), snippet))
        text += to_text(found);
    return text;
}

} // namespace

TEST_CASE("a name in a URL is warned about when machines get no name server") {
    SiteOptions options = at("10.0.0.1");
    options.apkovl = "http://10.0.0.9/{MAC}.tar.gz";
    options.alpine_dev = "nfs:10.0.0.1:/srv/depot";
    CHECK(warning(options).empty());
    options.repository = "http://10.0.0.9/main,http://me:pw@mirror.example/alpine/main";
    CHECK(warning(options) ==
          "http://mirror.example/alpine/main: machines get no DNS server, which they need for "
          "mirror.example (--dns ADDRESS names one)");
    options.cmdline = "ip=10.0.0.7::10.0.0.1:255.255.255.0::eth0:off:10.0.0.2";
    CHECK(warning(options).empty());
    options.cmdline = "";
    options.dns = {"10.0.0.2"};
    CHECK(warning(options).empty());
    options = at("10.0.0.1");
    options.root = "nfs:depot.example:/srv/root";
    CHECK(warning(options).find("depot.example") != std::string::npos);
    options = at("http://boot.example.org");
    options.next_server = "10.0.0.1";
    options.cmdline = "ip=10.0.0.7::10.0.0.1:255.255.255.0::eth0:off:10.0.0.2";
    CHECK(warning(options).find("boot.example.org") != std::string::npos); // iPXE needs it before the init
}

TEST_CASE("each alternative of a source is looked at for a name") {
    SiteOptions options = at("10.0.0.1");
    options.root = "http://10.0.0.9/x|http://second.example/x";
    CHECK(warning(options).starts_with("http://second.example/x: "));
    CHECK(warning(options, "dnsmasq-proxy.conf").empty()); // where the DHCP server is somebody else's
}

TEST_CASE("iPXE by https is warned about, unless the one of the bundle is known to support that") {
    SiteOptions options = at("https://boot.example.org");
    options.next_server = "10.0.0.1";
    CHECK(
        warning(options, "dnsmasq-proxy.conf") ==
        "--server https://boot.example.org: iPXE must support https, and nothing shows that ipxe.efi or "
        "undionly.kpxe does (put an iPXE built with DOWNLOAD_PROTO_HTTPS into the bundle and make it again, "
        "or use http)");
    CHECK_FALSE(warning(options, "boot.ipxe").empty());
    CHECK(warning(options, "exports").empty());
    options.https_loaders = {"ipxe.efi", "undionly.kpxe"};
    CHECK(warning(options, "dnsmasq-proxy.conf").empty());
    options.loaders = {"snponly"};
    CHECK(warning(options, "dnsmasq-proxy.conf").find("that snponly.efi does") != std::string::npos);
    options.loaders.clear();
    options.https_loaders.clear();
    options.loader_files = {"pxelinux.0", "grubnetx64.efi"};
    CHECK(warning(options, "dnsmasq-proxy.conf").empty()); // by TFTP alone
}

TEST_CASE("PXELINUX has no place for BOOTIF when init gets arguments") {
    SiteOptions options = at("10.0.0.1");
    options.cmdline = "quiet -- single";
    CHECK(warning(options).empty());
    options.loaders = {"pxelinux"};
    CHECK(warning(options).starts_with("--cmdline: has --, so PXELINUX does not say which card it used"));
    CHECK_FALSE(warning(options, "lpxelinux").empty());
    CHECK_FALSE(warning(options, "kea-dhcp4.conf").empty());
    CHECK(warning(options, "nginx.conf").empty());
    options.cmdline = "quiet";
    CHECK(warning(options).empty());
}

TEST_CASE("a web server whose name cannot be resolved makes this machine the TFTP server, with a warning") {
    deploy::SiteValues values = {{"url", "http://boot.example/pxe"}, {"server", "192.0.2.7"}};
    CHECK_FALSE(deploy::find_guessed_server(values));
    values["guess"] = "boot.example";
    CHECK(to_text(deploy::find_guessed_server(values).value()) ==
          "--server http://boot.example/pxe: boot.example cannot be resolved: this machine, 192.0.2.7, is "
          "taken for the TFTP "
          "server (--next-server names another one)");
}
