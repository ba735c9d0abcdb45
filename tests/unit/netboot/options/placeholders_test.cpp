// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/options/placeholders.hpp"

#include <catch2/catch.hpp>

#include "fake_system.hpp"
#include "mkpxerd/contract/failure_codes.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

const MachineFacts facts = {{"MAC", "52:54:00:aa:bb:cc"}, {"UUID", "A-b"}, {"SERIAL", "S/1 x"}};

Substitution substituted(std::string_view text, const MachineFacts& known = facts) {
    return substitute(UrlSource::parse(text).value(), known);
}

using Urls = std::vector<std::string>;
Urls urls(std::string_view text, const MachineFacts& known = facts) {
    Urls all;
    for (const Url& url : substituted(text, known).urls)
        all.push_back(url.scheme + "://" + url.authority() + url.target);
    return all;
}

} // namespace

TEST_CASE("every occurrence is replaced") {
    CHECK(urls("http://h/{MAC}/{MAC}.apkovl.tar.gz") ==
          Urls{"http://h/52:54:00:aa:bb:cc/52:54:00:aa:bb:cc.apkovl.tar.gz"});
    CHECK(urls("http://h/{UUID}") == Urls{"http://h/A-b"});
    CHECK(urls("http://h/plain", {}) == Urls{"http://h/plain"});
}

TEST_CASE("values are escaped, other braces stay") {
    CHECK(urls("http://h/{SERIAL}") == Urls{"http://h/S%2F1%20x"});
    CHECK(urls("http://h/{other}/{/{}/x{MAC") == Urls{"http://h/{other}/{/{}/x{MAC"});
}

TEST_CASE("placeholders are replaced in every part of a URL") {
    const auto url = substituted("http://{SERIAL}:p{UUID}@{UUID}.lan:8080/x?m={MAC}#{UUID}").urls.at(0);
    CHECK(url.user == "S/1 x");
    CHECK(url.password == "pA-b");
    CHECK(url.host == "a-b.lan");
    CHECK(url.port == 8080);
    CHECK(url.target == "/x?m=52:54:00:aa:bb:cc");
    CHECK(url.fragment == "A-b");
}

TEST_CASE("alternatives with something unknown are passed over and named") {
    const auto result = substituted("http://h/{ASSET}|http://h/{MAC}|http://h/default");
    CHECK(urls("http://h/{ASSET}|http://h/{MAC}|http://h/default") ==
          Urls{"http://h/52:54:00:aa:bb:cc", "http://h/default"});
    REQUIRE(result.skipped.size() == 1);
    CHECK(result.skipped[0].text == "{ASSET} is unknown on this machine");
    CHECK(result.skipped[0].code == Failure::UnknownPlaceholder);
}

TEST_CASE("a value that no host or login can contain makes a URL that is passed over") {
    for (const char* text : {"http://{MAC}/x", "http://{SERIAL}.lan/x", "http://{other}/x"}) {
        INFO(text);
        const auto result = substituted(text);
        CHECK(result.urls.empty());
        REQUIRE(result.skipped.size() == 1);
        CHECK(result.skipped[0].code == Failure::BadUrl);
    }
    CHECK(substituted("ftp://{SERIAL}@h/x", {{"SERIAL", "a\r\nDELE x"}}).urls.empty());
}

TEST_CASE("DMI and kernel tell who this machine is") {
    test::FakeSystem system;
    system.write("/sys/class/dmi/id/product_uuid", "00112233-4455-6677-8899-AABBCCDDEEFF\n");
    system.write("/sys/class/dmi/id/product_serial", "To be filled by O.E.M.\n");
    system.write("/sys/class/dmi/id/chassis_asset_tag", "rack-7\n");
    const auto read = read_machine_facts(system);
    CHECK(read.at("UUID") == "00112233-4455-6677-8899-AABBCCDDEEFF");
    CHECK(read.at("uuid") == "00112233-4455-6677-8899-aabbccddeeff");
    CHECK(read.at("UUID-LE") == "33221100-5544-7766-8899-AABBCCDDEEFF");
    CHECK(read.at("ASSET") == "rack-7");
    CHECK_FALSE(read.contains("SERIAL"));
    CHECK(read.at("ARCH") == "x86_64");
    CHECK(read.at("KVER") == "6.1.0-9-lts");
}

TEST_CASE("placeholder values of vendors are recognised as unknown") {
    for (const char* junk :
         {"", " ", "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
          "Default string", "To Be Filled By O.E.M.", "None", "System Serial Number", "0"})
        CHECK(is_junk_identity(junk));
    for (const char* good : {"rack-7", "00112233-4455-6677-8899-aabbccddeeff", "F00", "PF1ABCDE"})
        CHECK_FALSE(is_junk_identity(good));
}

TEST_CASE("the network adds its facts") {
    NetworkState network;
    network.mac = *MacAddress::parse("52:54:00:AA:BB:CC");
    network.address = *Ipv4Address::parse("10.0.0.9");
    MachineFacts own;
    add_network_facts(network, own);
    CHECK(own.at("MAC") == "52:54:00:aa:bb:cc");
    CHECK(own.at("MAC-") == "52-54-00-aa-bb-cc");
    CHECK(own.at("IP") == "10.0.0.9");
    CHECK_FALSE(own.contains("HOSTNAME"));
}
