// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site.hpp"

#include <catch2/catch.hpp>

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
    return options;
}

} // namespace

TEST_CASE("a server alone gives a whole network") {
    const auto values = values_of(at("10.0.0.1"));
    CHECK(values.at("server") == "10.0.0.1");
    CHECK(values.at("url") == "http://10.0.0.1");
    CHECK(values.at("port") == "80");
    CHECK(values.at("network") == "10.0.0.0");
    CHECK(values.at("netmask") == "255.255.255.0");
    CHECK(values.at("prefix") == "24");
    CHECK(values.at("gateway") == "10.0.0.1");
    CHECK(values.at("bios") == "undionly.kpxe");
    CHECK(values.at("uefi") == "ipxe.efi");
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
    CHECK(error_of(options) == "--subnet 10.0.0.192/29: is not a subnet of /8 to /29 with the server in it");
    options.subnet = "10.0.0.203/29";
    CHECK(values_of(options).at("network") == "10.0.0.200");
    CHECK(values_of(options).at("first") == "10.0.0.204");
    CHECK(values_of(options).at("last") == "10.0.0.206");
}

TEST_CASE("a web server on another port is in every URL") {
    const auto values = values_of(at("10.0.0.1:8080"));
    CHECK(values.at("server") == "10.0.0.1");
    CHECK(values.at("port") == "8080");
    CHECK(values.at("options") == "ip=dhcp modloop=http://10.0.0.1:8080/modloop");
}

TEST_CASE("everything wrong with a site is said at once, with the option's name") {
    SiteOptions options = at("server.example.org");
    options.loaders = {"lilo"};
    options.kernel_options = "a=\"b";
    CHECK(error_of(options) == "--loader lilo: is not one of ipxe, pxelinux, lpxelinux, grub\n"
                               "--server: server.example.org is not an IPv4 address\n"
                               "kernel options: have a line break or an open quote");
    for (const char* bad :
         {"10.0.0", "10.0.0.1:", "10.0.0.1:http", "10.0.0.1:0", "10.0.0.1:65536", "::1", "256.1.1.1"})
        CHECK(error_of(at(bad)) == std::string("--server: ") + bad + " is not an IPv4 address");
    options = at("10.0.0.1");
    for (const char* bad : {"10.0.0.0", "10.0.0.0/30", "10.0.0.0/7", "10.0.0.0/x", "10.0.1.0/24", "/24"}) {
        options.subnet = bad;
        CHECK(error_of(options) ==
              std::string("--subnet ") + bad + ": is not a subnet of /8 to /29 with the server in it");
    }
    options = at("10.0.0.1");
    options.gateway = "gw";
    CHECK(error_of(options) == "--gateway gw: is not an IPv4 address");
    options = at("10.0.0.1");
    options.kernel_options = "a\nboot evil";
    CHECK(error_of(options) == "kernel options: have a line break or an open quote");
}

TEST_CASE("loaders by name take the place of iPXE, BIOS and UEFI apart") {
    SiteOptions options = at("10.0.0.1");
    options.loaders = {"lpxelinux", "grub"};
    CHECK(values_of(options).at("bios") == "lpxelinux/lpxelinux.0");
    CHECK(values_of(options).at("uefi") == "grubnetx64.efi");
    options.loaders = {"pxelinux"};
    CHECK(values_of(options).at("bios") == "pxelinux.0");
    CHECK(values_of(options).at("uefi") == "ipxe.efi");
}

TEST_CASE(
    "the kernel's line has what was asked for, in the init's words, and the hashes of the bundle's files") {
    SiteOptions options = at("10.0.0.1");
    options.alpine_dev = "nfs:10.0.0.1:/srv/depot";
    options.repository = "http://mirror/v3.20/main";
    options.root = "nfs:10.0.0.1:/srv/root";
    options.kernel_options = "console=ttyS0 quiet";
    options.apkovl = "http://10.0.0.1/{MAC}.apkovl.tar.gz";
    const std::string aa(64, 'a');
    const std::string bb(64, 'b');
    options.pins = {{"modloop", aa}, {"lab.apkovl.tar.gz", bb}};
    CHECK(values_of(options).at("options") ==
          "ip=dhcp alpine_dev=nfs:10.0.0.1:/srv/depot alpine_repo=http://mirror/v3.20/main "
          "root=nfs:10.0.0.1:/srv/root apkovl=http://10.0.0.1/{MAC}.apkovl.tar.gz "
          "modloop=http://10.0.0.1/modloop#sha256=" +
              aa + " console=ttyS0 quiet");
    options.own_apkovl = "lab.apkovl.tar.gz";
    options.alpine_dev = options.repository = options.root = "";
    options.kernel_options = "ip=10.0.0.7::10.0.0.1:255.255.255.0";
    options.with_modloop = false;
    CHECK(values_of(options).at("options-ipxe") ==
          "apkovl=${base}/lab.apkovl.tar.gz#sha256=" + bb + " ip=10.0.0.7::10.0.0.1:255.255.255.0");
}

TEST_CASE("GRUB gets one quoted word each, blanks and quotes inside kept") {
    SiteOptions options = at("10.0.0.1");
    options.with_modloop = false;
    options.kernel_options = "a=\"b c\" d=it's -- single";
    CHECK(values_of(options).at("options-grub") == "'ip=dhcp' 'a=b c' 'd=it'\\''s' '--' 'single'");
}

TEST_CASE("exports of this server alone are in its exports") {
    SiteOptions options = at("10.0.0.1");
    CHECK(values_of(options).at("exports")[0] == '#');
    options.alpine_dev = "nfs:10.0.0.1:/srv/depot";
    options.root = "nfs:10.0.0.2:/srv/root";
    CHECK(values_of(options).at("exports") == "/srv/depot 10.0.0.0/24(ro,no_root_squash,no_subtree_check)");
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
        CHECK(error_of(options) == std::string("--out ") + bad + said);
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

TEST_CASE("options that loaders read differently are refused, what the init replaces is not") {
    SiteOptions options = at("10.0.0.1");
    for (const char* word : {"||", "&&"}) {
        options.kernel_options = std::string("quiet ") + word + " shell";
        CHECK(error_of(options) ==
              std::string("kernel options: have the word ") + word + ", which ends a command of iPXE");
    }
    options.kernel_options = "hostname=${uuid}";
    CHECK(error_of(options) ==
          "kernel options: have ${, which iPXE replaces and other loaders do not (in URLs "
          "{MAC} and {UUID} are replaced by the init)");
    options.kernel_options = "report=http://10.0.0.1/{UUID}?a||b&&c x=$y";
    CHECK(values_of(options).at("options").find("{UUID}?a||b&&c x=$y") != std::string::npos);
}

TEST_CASE("a hash in a script is checked to be one") {
    SiteOptions options = at("10.0.0.1");
    options.pins["modloop"] = std::string(64, '0') + "\" }; evil";
    CHECK(error_of(options) == "modloop: has no SHA-256 sum (run mkpxerd bundle again)");
}

TEST_CASE("options and directories with control characters are refused") {
    SiteOptions options = at("10.0.0.1");
    options.kernel_options = "a=\x1b[2J";
    CHECK(error_of(options) == "kernel options: have a control character or invalid UTF-8");
    options = at("10.0.0.1");
    options.directory = "/srv/\xc2\x85";
    CHECK(error_of(options).find("has a character with a meaning in server configurations") !=
          std::string::npos);
    options.directory = "/srv/gr\xC3\xBC\xC3\x9F";
    CHECK(values_of(options).at("directory") == "/srv/gr\xC3\xBC\xC3\x9F");
}
