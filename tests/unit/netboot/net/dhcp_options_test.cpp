// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/dhcp_options.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::netboot::dhcp;

namespace {

using Octets = std::vector<std::uint8_t>;

Options gathered(const Octets& field) {
    Options options;
    REQUIRE(gather_options(field, options));
    return options;
}

template <class Value>
Octets written(DhcpOption code, Value value) {
    Octets out;
    OptionWriter(out).add(code, value);
    return out;
}

} // namespace

TEST_CASE("options end with their mark, or with the field, and padding has no length") {
    CHECK(gathered({}).empty());
    CHECK(gathered({Pad, Pad, End, HostName, 1, 'x'}).empty());
    const Options options = gathered({Pad, HostName, 2, 'a', 'b', Pad, DomainName, 0});
    CHECK(options.at(HostName) == Octets{'a', 'b'});
    CHECK(options.at(DomainName).empty());
}

TEST_CASE("an option that reaches beyond its field is refused, those before it are kept") {
    for (const Octets& end : {Octets{DomainName}, Octets{DomainName, 1}, Octets{DomainName, 255, 'a'}}) {
        Octets field{HostName, 1, 'x'};
        field.insert(field.end(), end.begin(), end.end());
        Options options;
        CHECK_FALSE(gather_options(field, options));
        CHECK(options == Options{{HostName, {'x'}}});
    }
}

TEST_CASE("the parts of a long option are joined, and a copy counts once") {
    CHECK(gathered({HostName, 1, 'a', DomainName, 1, 'x', HostName, 2, 'b', 'c'}).at(HostName) ==
          Octets{'a', 'b', 'c'});
    CHECK(gathered({HostName, 1, 'a', HostName, 1, 'a'}).at(HostName) == Octets{'a'});
    // The fields of one message are read one after the other (option 52).
    Options options;
    REQUIRE(gather_options(Octets{HostName, 1, 'a'}, options));
    REQUIRE(gather_options(Octets{HostName, 1, 'b'}, options));
    CHECK(options.at(HostName) == Octets{'a', 'b'});
}

TEST_CASE("of copies of a number the first of the right length counts") {
    CHECK(gathered({LeaseTime, 4, 0, 0, 0, 1, LeaseTime, 4, 0, 0, 0, 2}).at(LeaseTime) == Octets{0, 0, 0, 1});
    CHECK(gathered({LeaseTime, 1, 9, LeaseTime, 4, 0, 0, 0, 2}).at(LeaseTime) == Octets{0, 0, 0, 2});
    CHECK(gathered({MessageType, 1, 2, MessageType, 1, 5}).at(MessageType) == Octets{2});
    CHECK(gathered({InterfaceMtu, 2, 5, 220, InterfaceMtu, 1, 0}).at(InterfaceMtu) == Octets{5, 220});
}

TEST_CASE("options are written with code and length, cut at 255 bytes, and no address is no option") {
    CHECK(written(HostName, std::string_view("ab")) == Octets{HostName, 2, 'a', 'b'});
    CHECK(written(HostName, std::string_view()) == Octets{HostName, 0});
    const Octets cut = written(HostName, std::string_view(std::string(300, 'a')));
    CHECK(cut.size() == 257);
    CHECK(cut[1] == 255);
    CHECK(written(RequestedAddress, Ipv4Address{0x0a000102}) == Octets{RequestedAddress, 4, 10, 0, 1, 2});
    CHECK(written(RequestedAddress, Ipv4Address{}).empty());
}
