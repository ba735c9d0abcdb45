// SPDX-License-Identifier: MIT
// Values at and beyond their limits; dhcp_message_test has them in whole messages.
#include "mkpxerd/netboot/net/dhcp_values.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace mkpxerd::netboot::dhcp;

namespace {

using Octets = std::vector<std::uint8_t>;
using Words = std::vector<std::string>;

Octets octets(std::string_view text) {
    return {text.begin(), text.end()};
}
std::optional<std::string> name(std::string_view text) {
    return read_name(octets(text));
}

} // namespace

TEST_CASE("a list of addresses is cut at four, each once, and must consist of whole ones") {
    CHECK_FALSE(read_addresses({}));
    CHECK_FALSE(read_addresses(Octets{10, 0, 0}));
    CHECK_FALSE(read_addresses(Octets{10, 0, 0, 1, 10}));
    CHECK(read_addresses(Octets{0, 0, 0, 0}).value().empty());
    Octets six;
    for (std::uint8_t i = 1; i <= 6; ++i)
        six.insert(six.end(), {10, 0, 0, i, 10, 0, 0, i});
    const auto addresses = read_addresses(six).value();
    REQUIRE(addresses.size() == 4);
    CHECK(addresses.front().text() == "10.0.0.1");
    CHECK(addresses.back().text() == "10.0.0.4");
}

TEST_CASE("a name has letters, digits, '-', '_' and single dots, and at most 253 characters") {
    CHECK(name("host-1_a.example") == "host-1_a.example");
    CHECK(name(std::string("host\0\0", 6)) == "host"); // some servers count the zero
    CHECK(name("example.") == "example");
    for (const char* bad : {"", ".", ".host", "-host", "a..b", "a b", "a;b", "a/b", "h\xc3\xb6st", "$(x)"})
        CHECK(name(bad) == std::nullopt);
    const std::string longest = std::string(125, 'a') + '.' + std::string(127, 'b');
    CHECK(name(longest) == longest);
    CHECK(name(longest + 'b') == std::nullopt);
}

TEST_CASE("a route has the significant bytes of its destination, and nothing below its prefix") {
    const auto routes =
        read_routes(Octets{0, 10, 0, 0, 1, 20, 10, 1, 0xff, 0, 0, 0, 0, 32, 10, 9, 8, 7, 10, 0, 0, 2});
    REQUIRE(routes);
    REQUIRE(routes->size() == 3);
    CHECK((*routes)[0].destination.is_unspecified());
    CHECK((*routes)[0].gateway->text() == "10.0.0.1");
    CHECK((*routes)[1].destination.text() == "10.1.240.0");
    CHECK((*routes)[1].prefix == 20);
    CHECK_FALSE((*routes)[1].gateway); // on-link
    CHECK((*routes)[2].destination.text() == "10.9.8.7");
    CHECK_FALSE(read_routes({}));
    CHECK_FALSE(read_routes(Octets{33, 10, 0, 0, 0, 0, 10, 0, 0, 1}));
    CHECK_FALSE(read_routes(Octets{24, 10, 0, 0, 10, 0, 0}));
    CHECK_FALSE(read_routes(Octets{0, 10, 0, 0, 1, 0}));
}

TEST_CASE("more routes than a boot can need are not read") {
    Octets many;
    for (unsigned i = 0; i < 200; ++i)
        many.insert(many.end(), {16, 10, static_cast<std::uint8_t>(i), 10, 0, 0, 1});
    CHECK(read_routes(many).value().size() == 128);
}

TEST_CASE("a text with several domains is cut into them") {
    const DomainNames names = read_domains(octets("lab.example, site.example\tlab.example  bad..name"));
    CHECK(names.good == Words{"lab.example", "site.example"});
    CHECK(names.has_bad);
    CHECK(read_domains({}).good.empty());
    CHECK_FALSE(read_domains(octets(" ,")).has_bad);
    CHECK(read_domains(octets("a b c d e f g h")).good.size() == 6);
}

TEST_CASE("a search list is read with its pointers, which lead backwards") {
    // 0: lab.example, 13: www + pointer to 4 (example)
    Octets list{3, 'l', 'a', 'b', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 3, 'w', 'w', 'w', 0xc0, 4};
    CHECK(read_search(list).good == Words{"lab.example", "www.example"});
    CHECK_FALSE(read_search(list).has_bad);
    SECTION("to itself") {
        list.back() = 17;
    }
    SECTION("forwards") {
        list.back() = 60;
    }
    SECTION("nowhere: it is cut") {
        list.pop_back();
    }
    const DomainNames names = read_search(list);
    CHECK(names.good == Words{"lab.example"});
    CHECK(names.has_bad);
}

TEST_CASE("a search list that is empty, does not end, or has an impossible label is bad") {
    CHECK(read_search({}).has_bad);
    for (const Octets& bad :
         {Octets{3, 'l', 'a'}, Octets{64, 'a'}, Octets{3, 'a', '.', 'b', 0}, Octets{1, 'a'}}) {
        const DomainNames names = read_search(bad);
        CHECK(names.good.empty());
        CHECK(names.has_bad);
    }
    Octets seven;
    for (std::uint8_t letter = 'a'; letter < 'h'; ++letter)
        seven.insert(seven.end(), {1, letter, 0});
    CHECK(read_search(seven).good.size() == 6);
}

TEST_CASE("a chain of pointers costs no more than its length") {
    Octets chain{1, 'a', 0};
    for (unsigned i = 0; i < 2000; ++i) { // each points to the one before
        const std::size_t target = i == 0 ? 0 : chain.size() - 2;
        chain.push_back(static_cast<std::uint8_t>(0xc0 | target >> 8));
        chain.push_back(static_cast<std::uint8_t>(target));
    }
    CHECK(read_search(chain).good == Words{"a"});
}

TEST_CASE("a mask has at least one bit, an MTU room for DHCP, and a number four bytes") {
    CHECK(read_mask(Octets{255, 255, 240, 0}) == 20U);
    CHECK_FALSE(read_mask(Octets{0, 0, 0, 0}));
    CHECK_FALSE(read_mask(Octets{255, 0, 255, 0}));
    CHECK_FALSE(read_mask(Octets{255, 255, 255}));
    CHECK(read_mtu(Octets{2, 64}) == 576U);
    CHECK_FALSE(read_mtu(Octets{2, 63}));
    CHECK_FALSE(read_mtu(Octets{9}));
    CHECK(read_number(Octets{0x12, 0x34, 0x56, 0x78}) == 0x12345678U);
    CHECK_FALSE(read_number(Octets{1, 2, 3}));
    CHECK(dhcp::printable(octets("no lease\n\x1b[31m")) == "no lease??[31m");
}
