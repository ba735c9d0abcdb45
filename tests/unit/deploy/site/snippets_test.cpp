// SPDX-License-Identifier: MIT
// The snippets that ship, filled.
#include "mkpxerd/deploy/site/snippets.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;

namespace {

const std::string sum(64, 'c');

deploy::SiteValues values() {
    deploy::SiteOptions options;
    options.server = "10.77.0.1:8080";
    options.pins = {{"modloop", sum}};
    options.system = "/nonexistent";
    return deploy::make_site_values(options, "6.1-test").value();
}
std::string filled(const std::string& name) {
    return deploy::fill_snippet(MKPXERD_SOURCE_DIR, name, values()).value();
}
bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}
// As a value: ISC dhcpd has an option named ipxe.efi, too.
bool names_loader(const std::string& text, const std::string& file) {
    return has(text, '"' + file + '"') || has(text, ',' + file + ',');
}

} // namespace

TEST_CASE("every snippet has all its placeholders filled, and has a place of its own in a bundle") {
    std::set<std::string_view> places;
    for (const auto& snippet : deploy::snippets()) {
        INFO(snippet.name);
        const auto text = deploy::fill_snippet(MKPXERD_SOURCE_DIR, std::string(snippet.name), values());
        REQUIRE(text);
        CHECK(text->find('@') == std::string::npos);
        CHECK(text->back() == '\n');
        CHECK(places.insert(snippet.place).second);
    }
    CHECK(places.size() == 13);
}

TEST_CASE("whatever passes a kernel its options passes the same ones, and names the image for UEFI") {
    const std::string options = "ip=dhcp modloop=http://10.77.0.1:8080/modloop#sha256=" + sum;
    CHECK(has(filled("pxelinux"), "APPEND initrd=pxerd " + options + "\n"));
    CHECK(has(filled("lpxelinux"), "APPEND initrd=http://10.77.0.1:8080/pxerd " + options + "\n"));
    CHECK(has(filled("lpxelinux"), "LINUX http://10.77.0.1:8080/vmlinuz\n"));
    CHECK(has(filled("gpxe-script"), "initrd=pxerd"));
    CHECK(has(filled("gpxe-script"), options));
    CHECK(has(filled("boot.ipxe"), "initrd=pxerd"));
    CHECK(has(filled("boot.ipxe"), "initrd --name pxerd ${base}/pxerd"));
    CHECK(has(filled("boot.ipxe"), "modloop=${base}/modloop#sha256=" + sum));
    CHECK(has(filled("grub.cfg"), "'modloop=http://10.77.0.1:8080/modloop#sha256=" + sum + "'"));
}

TEST_CASE("DHCP servers say the same: address, web server, loaders") {
    for (const char* name : {"dhcpd.conf", "kea-dhcp4.conf", "dnsmasq.conf"}) {
        INFO(name);
        const std::string text = filled(name);
        CHECK(has(text, "http://10.77.0.1:8080/boot.ipxe"));
        CHECK(has(text, "http://10.77.0.1:8080/ipxe.efi"));
        CHECK(has(text, "undionly.kpxe"));
        CHECK(has(text, "10.77.0.128"));
        CHECK(has(text, "10.77.0.254"));
    }
    CHECK(has(filled("nginx.conf"), "listen 8080 "));
    CHECK(has(filled("dnsmasq-proxy.conf"), "dhcp-range=10.77.0.0,proxy,255.255.255.0\n"));
    CHECK(has(filled("dnsmasq-proxy.conf"), "http://10.77.0.1:8080/boot.ipxe"));
}

TEST_CASE("what a site lacks is not in its snippets: name servers, loaders") {
    deploy::SiteOptions options;
    options.server = "10.77.0.1";
    options.system = "/nonexistent";
    options.loader_files = {"undionly.kpxe"};
    const auto lacking = deploy::make_site_values(options, "6.1-test").value();
    options.loader_files.reset();
    options.dns = {"10.77.0.2", "192.0.2.53"};
    const auto complete = deploy::make_site_values(options, "6.1-test").value();
    for (const char* name : {"dhcpd.conf", "kea-dhcp4.conf", "dnsmasq.conf", "dnsmasq-proxy.conf"}) {
        INFO(name);
        const std::string less = deploy::fill_snippet(MKPXERD_SOURCE_DIR, name, lacking).value();
        CHECK_FALSE(names_loader(less, "ipxe.efi"));
        CHECK(names_loader(less, "undionly.kpxe"));
        CHECK_FALSE(has(less, "domain-name-servers"));
        CHECK_FALSE(has(less, "option:dns-server"));
        const std::string all = deploy::fill_snippet(MKPXERD_SOURCE_DIR, name, complete).value();
        CHECK(names_loader(all, "ipxe.efi"));
        CHECK(has(all, "10.77.0.2,192.0.2.53") != (std::string_view(name) == "dnsmasq-proxy.conf"));
    }
}

TEST_CASE("iPXE's script tries again after every error, with a pause that grows, and says so") {
    const std::string script = filled("boot.ipxe");
    for (const char* command : {"kernel ", "initrd ", "boot "}) {
        const auto at = script.find('\n' + std::string(command));
        REQUIRE(at != std::string::npos);
        CHECK(has(script.substr(at + 1, script.find('\n', at + 1) - at - 1), " || goto failed"));
    }
    const std::string retry = script.substr(script.find("\n:failed\n"));
    CHECK(has(retry, "\necho mkpxerd: nothing to boot from ${base}\n"));
    CHECK(has(retry, "\niseq ${pause:int32} 64 || inc pause:int32 ${pause:int32}\ngoto boot\n"));
    // a page in the place of a script is not run, and does not become an initrd
    CHECK(has(script, "\nimgfetch --name none ${base}/mac/none || goto own_script\nimgfree\n"));
    CHECK(has(script, ".ipxe || imgfree\n"));
}

TEST_CASE("nginx serves the bundle as a whole or below a path, with a certificate for https") {
    const std::string plain = filled("nginx.conf");
    CHECK(has(plain, "root /srv/mkpxerd;\n"));
    CHECK_FALSE(has(plain, "location"));
    CHECK_FALSE(has(plain, "ssl"));
    deploy::SiteOptions options;
    options.server = "https://boot.example.org:8443/pxe/";
    options.next_server = "10.77.0.1";
    options.system = "/nonexistent";
    const std::string below =
        deploy::fill_snippet(MKPXERD_SOURCE_DIR, "nginx.conf", deploy::make_site_values(options, "").value())
            .value();
    CHECK(has(below, "listen 8443 ssl default_server;\n"));
    CHECK(has(below, "location /pxe/ { alias /srv/mkpxerd/; }\n"));
    CHECK(has(below, "ssl_certificate_key /etc/nginx/mkpxerd.key;\n"));
    CHECK_FALSE(has(below, "root "));
}

TEST_CASE("the service of Debian starts dhcpd for IPv4 alone, on the card with the server's address") {
    CHECK(has(filled("isc-dhcp-server"), "\nINTERFACESv4=\"$(ip -o -4 address show to 10.77.0.1 | "));
    CHECK(has(filled("isc-dhcp-server"), "\nINTERFACESv6=\"\"\n"));
}

TEST_CASE("a name that is not a snippet's: the nearest one is told") {
    const auto text = deploy::fill_snippet(MKPXERD_SOURCE_DIR, "dhcp.conf", values());
    REQUIRE_FALSE(text);
    CHECK(text.error().text() == "dhcp.conf: is not a snippet (did you mean dhcpd.conf?)");
    CHECK(deploy::fill_snippet(MKPXERD_SOURCE_DIR, "../README.md", values()).error().text() ==
          "../README.md: is not a snippet (--list shows all)");
}

TEST_CASE("a changed snippet: unknown placeholders and missing files are errors, other '@' stay") {
    test::TempDir data;
    data.write("snippets/exports", "a@b @ @server@ user@host @@\n");
    CHECK(deploy::fill_snippet(data.path(), "exports", values()).value() == "a@b @ 10.77.0.1 user@host @@\n");
    data.write("snippets/exports", "@sever@");
    CHECK(deploy::fill_snippet(data.path(), "exports", values()).error().text() ==
          "exports: has an unknown placeholder @sever@");
    const auto missing = deploy::fill_snippet(data.path(), "grub.cfg", values());
    REQUIRE_FALSE(missing);
    CHECK(has(missing.error().text(), "snippets/grub.cfg"));
}
