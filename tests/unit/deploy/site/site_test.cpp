// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/site.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using deploy::SiteOptions;

namespace {

deploy::SiteValues values_of(const SiteOptions& options) {
    const auto values = deploy::make_site_values(options, "6.1-test");
    INFO((values ? "" : values.error().text()));
    REQUIRE(values);
    return *values;
}
std::string error_of(const SiteOptions& options) {
    const auto values = deploy::make_site_values(options, "6.1-test");
    return values ? "no error" : values.error().text();
}
SiteOptions at(const std::string& server) {
    SiteOptions options;
    options.server = server;
    options.system = "/nonexistent"; // without name servers
    return options;
}

} // namespace

TEST_CASE("a server alone gives a whole network") {
    const auto values = values_of(at("10.0.0.1"));
    CHECK(values.at("server") == "10.0.0.1");
    CHECK(values.at("url") == "http://10.0.0.1");
    CHECK(values.at("network") == "10.0.0.0");
    CHECK(values.at("netmask") == "255.255.255.0");
    CHECK(values.at("prefix") == "24");
    CHECK(values.at("gateway") == "10.0.0.1");
    CHECK(values.at("bios") == "undionly.kpxe");
    CHECK(values.at("uefi") == "ipxe.efi");
    CHECK(values.at("http-url") == "http://10.0.0.1/ipxe.efi");
    CHECK(values.at("listen") == "80");
    CHECK(values.at("web-root") == "/srv/mkpxerd");
    CHECK(values.at("dns").empty());
    CHECK(values.at("kernel") == "6.1-test");
    CHECK(values.at("directory") == "/srv/mkpxerd");
    CHECK(values.at("options") == "ip=dhcp modloop=http://10.0.0.1/modloop");
}

TEST_CASE("addresses are leased from the half that the server is not in") {
    SiteOptions options = at("10.0.0.1");
    CHECK(values_of(options).at("first") == "10.0.0.128");
    CHECK(values_of(options).at("last") == "10.0.0.254");
    options.server = "10.0.0.200";
    CHECK(values_of(options).at("first") == "10.0.0.1");
    CHECK(values_of(options).at("last") == "10.0.0.127");
    options.subnet = "10.0.0.192/29";
    CHECK(error_of(options) == "--subnet 10.0.0.192/29: does not contain the TFTP server 10.0.0.200 "
                               "(--next-server names another one)");
    options.server = "10.0.0.203";
    options.subnet = "10.0.0.201/29";
    CHECK(values_of(options).at("network") == "10.0.0.200");
    CHECK(values_of(options).at("first") == "10.0.0.204");
    CHECK(values_of(options).at("last") == "10.0.0.206");
}

TEST_CASE("a web server on another port is in every URL") {
    const auto values = values_of(at("10.0.0.1:8080"));
    CHECK(values.at("server") == "10.0.0.1");
    CHECK(values.at("listen") == "8080");
    CHECK(values.at("options") == "ip=dhcp modloop=http://10.0.0.1:8080/modloop");
}

TEST_CASE("a web server by URL: its path and https are in every URL, the TFTP server has an address") {
    SiteOptions options = at("https://boot.example.org/pxe/");
    options.next_server = "10.0.0.1";
    const auto values = values_of(options);
    CHECK(values.at("server") == "10.0.0.1");
    CHECK(values.at("network") == "10.0.0.0");
    CHECK(values.at("url") == "https://boot.example.org/pxe");
    CHECK(values.at("http-url") == "https://boot.example.org/pxe/ipxe.efi");
    CHECK(values.at("listen") == "443 ssl");
    CHECK(values.at("web-path") == "/pxe");
    CHECK(values.at("web-root").empty());
    CHECK(values.at("options-ipxe") == "ip=dhcp modloop=${base}/modloop ${more}");
    options.next_server = "tftp.example.org";
    options.loaders = {"lpxelinux"};
    CHECK(error_of(options) == "--loader lpxelinux: does not support https (ipxe does)\n"
                               "--next-server tftp.example.org: is not an IPv4 address");
    options.next_server = "10.0.0.1";
    options.loaders.clear();
    options.snippet = "lpxelinux";
    CHECK(error_of(options) == "lpxelinux: does not support https (iPXE does)");
}

TEST_CASE("everything wrong with a site is said at once, with the option's name") {
    SiteOptions options = at("::1");
    options.loaders = {"lilo"};
    options.cmdline = "a=\"b";
    CHECK(error_of(options) == "--loader lilo: is not one of ipxe, snponly, pxelinux, lpxelinux, grub\n"
                               "--server: ::1 is neither an IPv4 address nor a host name nor a URL of them "
                               "(an address, a name, or a URL "
                               "such as https://boot.example.org/pxe is accepted)\n"
                               "kernel options: have a line break or an open quote");
    options = at("10.0.0.1");
    for (const char* bad : {"10.0.0.0/x", "/24", "10.0.0.0/255.255.255.0", "fd00::/64", "10.0.0.0/33"}) {
        options.subnet = bad;
        CHECK(error_of(options) ==
              std::string("--subnet ") + bad + ": is not an IPv4 subnet (such as 10.0.0.0/24)");
    }
    options.subnet = "10.0.0.0";
    CHECK(error_of(options) == "--subnet 10.0.0.0: has no prefix length (such as 10.0.0.0/24)");
    for (const char* bad : {"10.0.0.0/30", "10.0.0.0/7"}) {
        options.subnet = bad;
        CHECK(error_of(options) ==
              std::string("--subnet ") + bad + ": has a prefix length that is not from 8 to 29");
    }
    options = at("10.0.0.1");
    options.gateway = "gw";
    options.dns = {"ns.example.org", "10.0.0.2"};
    CHECK(error_of(options) ==
          "--gateway gw: is not an IPv4 address\n--dns ns.example.org: is not an IPv4 address");
    options.dns = {"10.0.0.2,10.0.0.3"};
    CHECK(error_of(options).ends_with("10.0.0.3: is not an IPv4 address (give --dns once for each)"));
    options.dns = {"ns.example.org"};
    options.subnet = "10.0.0.0/30";
    CHECK(error_of(options) ==
          "--subnet 10.0.0.0/30: has a prefix length that is not from 8 to 29\n"
          "--gateway gw: is not an IPv4 address\n--dns ns.example.org: is not an IPv4 address");
}

TEST_CASE("a gateway that no machine of the subnet reaches is refused") {
    SiteOptions options = at("10.0.0.1");
    for (const char* bad : {"192.168.9.9", "10.0.0.0", "10.0.0.255"}) {
        options.gateway = bad;
        CHECK(error_of(options) ==
              std::string("--gateway ") + bad +
                  ": is not a host of the subnet 10.0.0.0/24 (machines reach a gateway of their "
                  "own subnet alone; --subnet names it)");
    }
    options.subnet = "10.0.0.0/8";
    options.gateway = "10.0.0.255";
    CHECK(values_of(options).at("gateway") == "10.0.0.255");
}

TEST_CASE("leases leave out the server, the gateway and the name servers") {
    SiteOptions options = at("10.0.0.1");
    options.gateway = "10.0.0.254";
    options.dns = {"10.0.0.253", "192.0.2.53"};
    CHECK(values_of(options).at("last") == "10.0.0.252");
    CHECK(values_of(options).at("dns") == "10.0.0.253,192.0.2.53");
    options.subnet = "10.0.0.0/29";
    options.gateway = "10.0.0.2";
    options.dns = {"10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"};
    CHECK(error_of(options) == "--subnet 10.0.0.0/29: has no address left for machines");
}

TEST_CASE("name servers are those of this machine, unless others are named") {
    test::TempDir system;
    system.write("etc/resolv.conf", "nameserver 10.0.0.2\nnameserver 10.0.0.3\n");
    SiteOptions options = at("10.0.0.1");
    options.system = system.path();
    CHECK(values_of(options).at("dns") == "10.0.0.2,10.0.0.3");
    options.dns = {"10.0.0.9"};
    CHECK(values_of(options).at("dns") == "10.0.0.9");
}

TEST_CASE("leases leave out every address of the subnet that the web server or the line has") {
    SiteOptions options = at("http://10.0.0.254");
    options.next_server = "10.0.0.1";
    CHECK(values_of(options).at("last") == "10.0.0.253");
    options.root = "nfs:10.0.0.253:/srv/root";
    options.cmdline = "x=http://10.0.0.252:8080/a ip=10.0.0.128::10.0.0.1:255.255.255.0";
    CHECK(values_of(options).at("first") == "10.0.0.129");
    CHECK(values_of(options).at("last") == "10.0.0.251");
}

TEST_CASE("addresses that no server can have are refused") {
    const std::string never = ": is not an address at which machines reach a server";
    for (const std::string bad : {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"}) {
        CHECK(error_of(at(bad)) == "--server " + bad + never);
        SiteOptions options = at("10.0.0.1");
        options.next_server = bad;
        CHECK(error_of(options) == "--next-server " + bad + never);
        options.next_server = "";
        options.dns = {bad};
        CHECK(error_of(options) == "--dns " + bad + never);
    }
    const std::string edge = ": is the first or last address of the subnet 10.0.0.0/24, which no host has";
    SiteOptions options = at("10.0.0.1");
    for (const std::string bad : {"10.0.0.0", "10.0.0.255"}) {
        CHECK(error_of(at(bad)) == "--server " + bad + edge);
        options.next_server = bad;
        options.dns = {bad};
        CHECK(error_of(options) == "--next-server " + bad + edge + "\n--dns " + bad + edge);
    }
}

TEST_CASE("arguments of init come last, whatever the loader adds") {
    SiteOptions options = at("10.0.0.1");
    options.with_modloop = false;
    options.cmdline = "quiet -- single";
    CHECK(values_of(options).at("options-ipxe") == "ip=dhcp quiet ${more} -- single");
    CHECK(values_of(options).at("sysappend").empty()); // its line is left out
    options.cmdline = "quiet a=\"b -- c\"";
    CHECK(values_of(options).at("sysappend") == "2");
    CHECK(values_of(options).at("options-ipxe") == "ip=dhcp quiet a=\"b -- c\" ${more}");
}

TEST_CASE("loaders by name take the place of iPXE, BIOS and UEFI apart") {
    SiteOptions options = at("10.0.0.1");
    options.loaders = {"lpxelinux", "grub"};
    CHECK(values_of(options).at("bios") == "lpxelinux/lpxelinux.0");
    CHECK(values_of(options).at("uefi") == "grubnetx64.efi");
    options.loaders = {"pxelinux"};
    CHECK(values_of(options).at("bios") == "pxelinux.0");
    CHECK(values_of(options).at("uefi") == "ipxe.efi");
    options.loaders = {"snponly"};
    CHECK(values_of(options).at("bios") == "undionly.kpxe");
    CHECK(values_of(options).at("uefi") == "snponly.efi");
    CHECK(values_of(options).at("http-url") == "http://10.0.0.1/snponly.efi");
}

TEST_CASE("no loader is named that the bundle lacks") {
    SiteOptions options = at("10.0.0.1");
    options.loader_files = {"undionly.kpxe", "pxelinux.0"};
    CHECK(values_of(options).at("bios") == "undionly.kpxe");
    CHECK(values_of(options).at("uefi").empty());
    CHECK(values_of(options).at("http-url").empty());
    options.loaders = {"pxelinux", "grub"};
    CHECK(error_of(options) == "--loader grub: grubnetx64.efi is missing in /srv/mkpxerd");
}

TEST_CASE("each loader gets the kernel's line in its form; it is checked as long as it will be") {
    SiteOptions options = at("10.0.0.1");
    options.cmdline = "a=\"b  c\" ; #d";
    CHECK(values_of(options).at("options") == "ip=dhcp modloop=http://10.0.0.1/modloop a=\"b  c\" ; #d");
    CHECK(values_of(options).at("options-ipxe") ==
          "ip=dhcp modloop=${base}/modloop a=\"b ${empty} c\" ${empty}; ${empty}#d ${more}");
    CHECK(values_of(options).at("options-gpxe") ==
          "ip=dhcp modloop=http://10.0.0.1/modloop a=\"b ${empty} c\" ${empty}; ${empty}#d");
    CHECK(values_of(options).at("options-grub") ==
          "'ip=dhcp' 'modloop=http://10.0.0.1/modloop' 'a=b  c' ';' '#d'");
    options.cmdline = std::string(1900, 'x');
    // "ip=dhcp modloop=http://10.0.0.1/modloop#sha256=..." is in the line, although no hash is known yet
    CHECK(error_of(options).find("are 2012 bytes long, 2104 with what lpxelinux adds") != std::string::npos);
}

TEST_CASE("exports of this server alone are in its exports") {
    SiteOptions options = at("10.0.0.1");
    CHECK(values_of(options).at("exports")[0] == '#');
    options.alpine_dev = "nfs:10.0.0.1:/srv/depot";
    options.root = "nfs:10.0.0.2:/srv/root";
    CHECK(values_of(options).at("exports") == "/srv/depot 10.0.0.0/24(ro,no_root_squash,no_subtree_check)");
    options = at("boot.example.org");
    options.next_server = "10.0.0.1";
    options.root = "nfs:boot.example.org:/srv/root";
    CHECK(values_of(options).at("exports") == "/srv/root 10.0.0.0/24(ro,no_root_squash,no_subtree_check)");
}

TEST_CASE("exports are for the subnet alone, and for its root users only where files need that") {
    SiteOptions options = at("10.1.2.3");
    options.subnet = "10.1.0.0/16";
    options.alpine_dev = "nfs:10.1.2.3:/srv/depot";
    options.root = "nfs:10.1.2.3:/srv/root";
    options.apkovl = "http://10.1.2.3/host7.apkovl.tar.gz";
    CHECK(values_of(options).at("exports") == "/srv/depot 10.1.0.0/16(ro,root_squash,no_subtree_check)\n"
                                              "/srv/root 10.1.0.0/16(ro,no_root_squash,no_subtree_check)");
    options.root = "";
    options.apkovl = "host7.apkovl.tar.gz"; // on the depot, readable for root alone
    CHECK(values_of(options).at("exports") == "/srv/depot 10.1.0.0/16(ro,no_root_squash,no_subtree_check)");
    options.apkovl = ""; // searched for on the depot
    CHECK(values_of(options).at("exports") == "/srv/depot 10.1.0.0/16(ro,no_root_squash,no_subtree_check)");
}

TEST_CASE("one path for both is exported once") {
    SiteOptions options = at("10.0.0.1");
    options.alpine_dev = options.root = "nfs:10.0.0.1:/srv/depot";
    CHECK(values_of(options).at("exports") == "/srv/depot 10.0.0.0/24(ro,no_root_squash,no_subtree_check)");
}

TEST_CASE("paths that would mean something else in the servers' configuration are refused, by name") {
    const std::string said = ": has a character with a meaning in server configurations (letters, digits "
                             "and /._+:~@%=- are safe)";
    for (const char* bad : {"/srv/a b", "/srv/a\"b", "/srv/a'b", "/srv/a;b", "/srv/a#b", "/srv/$a",
                            "/srv/a,b", "/srv/a\nb", "/srv/{a}", "/srv/a\\b", "/srv/a*(rw)"}) {
        INFO(bad);
        SiteOptions options = at("10.0.0.1");
        options.directory = bad;
        CHECK(error_of(options).ends_with(said));
    }
    SiteOptions options = at("10.0.0.1");
    options.alpine_dev = "nfs:10.0.0.1:/srv/my depot";
    options.root = "nfs:10.0.0.1:/srv/#1";
    CHECK(error_of(options) ==
          "--alpine-dev nfs:10.0.0.1:/srv/my depot" + said + "\n--root nfs:10.0.0.1:/srv/#1" + said);
    options.alpine_dev = "nfs:10.0.0.2:/srv/my depot"; // its exports are another server's
    options.root = "";
    options.directory = "/srv/mkpxerd-1.0_x/räume";
    CHECK(values_of(options).at("directory") == "/srv/mkpxerd-1.0_x/räume");
}

TEST_CASE("a hash in a script is checked to be one") {
    SiteOptions options = at("10.0.0.1");
    options.pins["modloop"] = std::string(64, '0') + "\" }; evil";
    CHECK(error_of(options) == "modloop: has no SHA-256 sum (run mkpxerd bundle again)");
}

TEST_CASE("directories with control characters are refused") {
    SiteOptions options = at("10.0.0.1");
    options.directory = "/srv/\xc2\x85";
    CHECK(error_of(options).find("has a character with a meaning in server configurations") !=
          std::string::npos);
    options.directory = "/srv/gr\xC3\xBC\xC3\x9F";
    CHECK(values_of(options).at("directory") == "/srv/gr\xC3\xBC\xC3\x9F");
}
