// SPDX-License-Identifier: MIT
#include "mkpxerd/deploy/site/web_address.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using deploy::WebAddress;

namespace {

std::string url_of(const std::string& text) {
    const auto address = WebAddress::parse(text);
    return address ? address->url() : address.error().text();
}

} // namespace

TEST_CASE("a web server is an address, a name or a URL, with a port and a path below its root") {
    CHECK(url_of("192.0.2.1") == "http://192.0.2.1");
    CHECK(url_of("192.0.2.1:8080") == "http://192.0.2.1:8080");
    CHECK(url_of("192.0.2.1:80") == "http://192.0.2.1");
    CHECK(url_of("192.0.2.1/pxe") == "http://192.0.2.1/pxe");
    CHECK(url_of("Boot.Example.ORG") == "http://boot.example.org");
    CHECK(url_of("http://boot/") == "http://boot");
    CHECK(url_of("https://boot.example.org/pxe/") == "https://boot.example.org/pxe");
    CHECK(url_of("https://boot.example.org:8443/a/b//") == "https://boot.example.org:8443/a/b");
    CHECK(url_of("https://192.0.2.1:443") == "https://192.0.2.1");
    CHECK(url_of("http://192.0.2.1:443") == "http://192.0.2.1:443");
}

TEST_CASE("the parts of a web server's URL") {
    CHECK(WebAddress::parse("https://boot.example.org/pxe/").value() ==
          WebAddress{.is_tls = true, .host = "boot.example.org", .port = 443, .path = "/pxe"});
    CHECK_FALSE(WebAddress::parse("boot.example.org").value().address());
    CHECK(WebAddress::parse("192.0.2.1:8080").value().address() == Ipv4Address::parse("192.0.2.1"));
}

TEST_CASE("what is not a web server is refused, as it was written") {
    const std::string hint =
        " (an address, a name, or a URL such as https://boot.example.org/pxe is accepted)";
    for (const char* bad :
         {"10.0.0", "10.0.0.1:", "10.0.0.1:http", "http:/10.0.0.1", "10.0.0.1:/pxe", "http://boot:/",
          "0x0a000001", "10.0.0.0x1", "boot.example.org.", "::1", "256.1.1.1", "[fd00::1]",
          "http://[fd00::1]/", "a_b", "-a", "a..b", "", "tftp://10.0.0.1"})
        CHECK(url_of(bad) == std::string("--server: ") + bad +
                                 " is neither an IPv4 address nor a host name nor a URL of them" + hint);
    for (const char* bad : {"10.0.0.1:0", "10.0.0.1:65536", "http://boot:0/pxe", "boot:99999"})
        CHECK(url_of(bad) ==
              std::string("--server: ") + bad + " has a port that is not a number from 1 to 65535" + hint);
    CHECK(url_of("localhost") == "--server: localhost is each machine itself (RFC 6761)" + hint);
    CHECK(url_of("http://pxe.localhost/").starts_with("--server: http://pxe.localhost/ is each machine"));
    CHECK(url_of("0xlab.example") == "http://0xlab.example");
    CHECK(url_of("ftp://10.0.0.1/") ==
          "--server: ftp://10.0.0.1/ has a scheme that no loader supports" + hint);
    CHECK(url_of("http://me:secret@10.0.0.1/") ==
          "--server: http://10.0.0.1/ has a login, a query or a fragment" + hint);
    CHECK(url_of("10.0.0.1/24") == "--server: 10.0.0.1/24 is a subnet (--subnet names it)");
    CHECK(url_of("http://10.0.0.1/a;b") ==
          "--server http://10.0.0.1/a;b: has a character with a meaning in server "
          "configurations (letters, digits and /._+:~@%=- are safe)");
}

TEST_CASE("a path that servers and loaders read differently is refused") {
    for (const char* bad : {"/a%20b", "//a", "/a//b", "/a/../b", "/..", "/./a"})
        CHECK(url_of(std::string("http://10.0.0.1") + bad) ==
              std::string("--server http://10.0.0.1") + bad +
                  ": has %, //, /./ or /../ in its path (servers and loaders read them differently)");
    CHECK(url_of("http://10.0.0.1/a..b/.c") == "http://10.0.0.1/a..b/.c");
}

TEST_CASE("a plain path has no character that a server's configuration gives a meaning") {
    CHECK(deploy::is_plain_path("/srv/mkpxerd-1.0_x/r\xC3\xA4ume"));
    for (const char* bad : {"/a b", "/a\"b", "/a{b", "/a$b", "/a\nb", "/a\\b", "/a*", "/a\xc2\x85"})
        CHECK_FALSE(deploy::is_plain_path(bad));
}
