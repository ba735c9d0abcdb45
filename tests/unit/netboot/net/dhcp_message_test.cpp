// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/dhcp_message.hpp"

#include <catch2/catch.hpp>
#include <string_view>

#include "mkpxerd/netboot/net/lease.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

constexpr MacAddress our_mac{{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};

// A server's message, option by option.
class ReplyBuilder {
  public:
    explicit ReplyBuilder(DhcpType type) : bytes_(240) {
        bytes_[0] = 2;
        bytes_[1] = 1;
        bytes_[2] = 6;
        bytes_[4] = 0xde;
        bytes_[7] = 0x01;
        bytes_[16] = 10;
        bytes_[19] = 55;
        std::copy(our_mac.bytes.begin(), our_mac.bytes.end(), bytes_.begin() + 28);
        const std::uint8_t cookie[] = {99, 130, 83, 99};
        std::copy(std::begin(cookie), std::end(cookie), bytes_.begin() + 236);
        add(53, {static_cast<std::uint8_t>(type)});
    }
    ReplyBuilder& add(std::uint8_t code, std::vector<std::uint8_t> value) {
        bytes_.push_back(code);
        bytes_.push_back(static_cast<std::uint8_t>(value.size()));
        bytes_.insert(bytes_.end(), value.begin(), value.end());
        return *this;
    }
    ReplyBuilder& add_text(std::uint8_t code, std::string_view text) {
        return add(code, std::vector<std::uint8_t>(text.begin(), text.end()));
    }
    ReplyBuilder& set(std::size_t at, std::vector<std::uint8_t> value) {
        std::copy(value.begin(), value.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at));
        return *this;
    }
    std::vector<std::uint8_t> bytes(bool with_end = true) const {
        std::vector<std::uint8_t> out = bytes_;
        if (with_end) out.push_back(255);
        return out;
    }
    DhcpReply parsed() const {
        const Result<DhcpReply> reply = parse_dhcp(bytes());
        REQUIRE(reply);
        return *reply;
    }

  private:
    std::vector<std::uint8_t> bytes_;
};

Ipv4Address ip(std::string_view text) {
    return Ipv4Address::parse(text).value();
}

// The value of an option in an encoded message; empty when it is not there.
std::vector<std::uint8_t> option_of(const std::vector<std::uint8_t>& bytes, std::uint8_t code) {
    for (std::size_t at = 240; at + 1 < bytes.size() && bytes[at] != 255; at += 2U + bytes[at + 1])
        if (bytes[at] == code) {
            const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at + 2);
            return {begin, begin + bytes[at + 1]};
        }
    return {};
}

} // namespace

TEST_CASE("a DISCOVER has the layout of RFC 2131 and tells who asks") {
    DhcpQuery query;
    query.xid = 0x01020304;
    query.mac = our_mac;
    query.seconds = 0x0102;
    query.broadcast = true;
    query.hostname = "box";
    const std::vector<std::uint8_t> bytes = encode_dhcp(query);
    CHECK(bytes.size() >= 300);
    CHECK(std::vector<std::uint8_t>(bytes.begin(), bytes.begin() + 12) ==
          std::vector<std::uint8_t>{1, 1, 6, 0, 1, 2, 3, 4, 1, 2, 0x80, 0});
    // Nobody has an address yet, and no relay is between: a server may drop a DISCOVER that says otherwise.
    CHECK(std::vector<std::uint8_t>(bytes.begin() + 12, bytes.begin() + 28) == std::vector<std::uint8_t>(16));
    CHECK(std::equal(our_mac.bytes.begin(), our_mac.bytes.end(), bytes.begin() + 28));
    CHECK(option_of(bytes, 53) == std::vector<std::uint8_t>{1});
    CHECK(option_of(bytes, 61) == std::vector<std::uint8_t>{1, 0x52, 0x54, 0, 0x12, 0x34, 0x56});
    const std::vector<std::uint8_t> vendor = option_of(bytes, 60);
    CHECK(std::string(vendor.begin(), vendor.end()) == "mkpxerd");
    const std::vector<std::uint8_t> hostname = option_of(bytes, 12);
    CHECK(std::string(hostname.begin(), hostname.end()) == "box");
    const std::vector<std::uint8_t> wishes = option_of(bytes, 55);
    for (const std::uint8_t code : {1, 3, 6, 7, 12, 15, 26, 42, 51, 58, 59, 119, 121, 249})
        CHECK(std::find(wishes.begin(), wishes.end(), code) != wishes.end());
    CHECK(option_of(bytes, 50).empty());
    CHECK(option_of(bytes, 54).empty());
}

TEST_CASE("a REQUEST names the address and the server") {
    DhcpQuery query;
    query.type = DhcpType::Request;
    query.wanted = ip("10.0.0.55");
    query.server = ip("10.0.0.1");
    const std::vector<std::uint8_t> bytes = encode_dhcp(query);
    CHECK(option_of(bytes, 53) == std::vector<std::uint8_t>{3});
    CHECK(option_of(bytes, 50) == std::vector<std::uint8_t>{10, 0, 0, 55});
    CHECK(option_of(bytes, 54) == std::vector<std::uint8_t>{10, 0, 0, 1});
    CHECK(bytes[10] == 0);
}

TEST_CASE("every option that counts is read") {
    const DhcpReply reply = ReplyBuilder(DhcpType::Ack)
                                .add(54, {10, 0, 0, 1})
                                .add(1, {255, 255, 240, 0})
                                .add(3, {10, 0, 0, 1, 10, 0, 0, 2})
                                .add(6, {10, 0, 0, 3, 0, 0, 0, 0, 10, 0, 0, 4, 10, 0, 0, 3})
                                .add(7, {10, 0, 0, 5})
                                .add_text(12, std::string_view("box\0", 4))
                                .add_text(15, "lab.example.")
                                .add(26, {0x05, 0x78})
                                .add(42, {10, 0, 0, 6})
                                .add(51, {0, 0, 0x0e, 0x10})
                                .add(58, {0, 0, 0x07, 0x08})
                                .add(59, {0, 0, 0x0c, 0x4e})
                                .add_text(56, "hello\n")
                                .parsed();
    CHECK(reply.type == DhcpType::Ack);
    CHECK(reply.xid == 0xde000001);
    CHECK(reply.mac == our_mac);
    CHECK(reply.address == ip("10.0.0.55"));
    CHECK(reply.server == ip("10.0.0.1"));
    CHECK(reply.prefix == 20);
    CHECK(reply.gateways == std::vector{ip("10.0.0.1"), ip("10.0.0.2")});
    CHECK(reply.dns == std::vector{ip("10.0.0.3"), ip("10.0.0.4")});
    CHECK(reply.log_servers == std::vector{ip("10.0.0.5")});
    CHECK(reply.ntp == std::vector{ip("10.0.0.6")});
    CHECK(reply.hostname == "box");
    CHECK(reply.domain == "lab.example");
    CHECK(reply.mtu == 1400);
    CHECK(reply.lease_seconds == 3600);
    CHECK(reply.renew_seconds == 1800);
    CHECK(reply.rebind_seconds == 3150);
    CHECK(reply.message == "hello?");
    CHECK(reply.ignored.empty());
}

TEST_CASE("an option in several parts is one, also across the overloaded fields") {
    const DhcpReply split =
        ReplyBuilder(DhcpType::Ack).add(6, {10, 0, 0, 3, 10, 0}).add_text(12, "box").add(6, {0, 4}).parsed();
    CHECK(split.dns == std::vector{ip("10.0.0.3"), ip("10.0.0.4")});
    const DhcpReply overloaded = ReplyBuilder(DhcpType::Ack)
                                     .add(52, {3})
                                     .set(108, {15, 4, 'l', 'a', 'b', '.', 255})
                                     .set(44, {15, 1, 'x', 0, 26, 2, 5, 220, 255})
                                     .parsed();
    CHECK(overloaded.domain == "lab.x");
    CHECK(overloaded.mtu == 1500);
}

TEST_CASE("what cannot be long is not joined: the first of the right length counts") {
    const DhcpReply twice = ReplyBuilder(DhcpType::Ack)
                                .add(53, {5})
                                .add(54, {10, 0, 0, 1})
                                .add(54, {10, 0, 0, 2})
                                .add(1, {255, 255})
                                .add(1, {255, 255, 240, 0})
                                .add(1, {255, 255, 255, 0})
                                .add(51, {0, 0, 0, 60})
                                .add(51, {0, 0, 0, 60})
                                .add(26, {5, 120})
                                .add(26, {5, 220})
                                .add_text(12, "box")
                                .add_text(12, "box")
                                .add(3, {10, 0, 0, 9})
                                .add(3, {10, 0, 0, 8})
                                .parsed();
    CHECK(twice.type == DhcpType::Ack);
    CHECK(twice.server == ip("10.0.0.1"));
    CHECK(twice.prefix == 20);
    CHECK(twice.lease_seconds == 60);
    CHECK(twice.mtu == 1400);
    CHECK(twice.hostname == "box");
    CHECK(twice.gateways == std::vector{ip("10.0.0.9"), ip("10.0.0.8")});
    CHECK(twice.ignored.empty());
    // Which fields hold options is said once: a copy does not become a number of two bytes.
    const DhcpReply overloaded =
        ReplyBuilder(DhcpType::Ack).add(52, {1}).add(52, {1}).set(108, {51, 4, 0, 0, 0, 9, 255}).parsed();
    CHECK(overloaded.lease_seconds == 9);
}

TEST_CASE("a text longer than 255 bytes comes in parts: options, file, sname") {
    std::vector<std::uint8_t> routes;
    for (std::uint8_t i = 0; i < 40; ++i)
        routes.insert(routes.end(), {24, 10, 1, i, 10, 0, 0, 1});
    const auto part = [&routes](std::size_t from, std::size_t to) {
        return std::vector<std::uint8_t>(routes.begin() + static_cast<std::ptrdiff_t>(from),
                                         routes.begin() + static_cast<std::ptrdiff_t>(to));
    };
    std::vector<std::uint8_t> file = part(255, 315);
    file.insert(file.begin(), {121, 60});
    file.push_back(255);
    std::vector<std::uint8_t> sname = part(315, 320);
    sname.insert(sname.begin(), {121, 5});
    sname.push_back(255);
    const DhcpReply reply = ReplyBuilder(DhcpType::Ack)
                                .add(121, part(0, 255))
                                .add(52, {3})
                                .set(108, file)
                                .set(44, sname)
                                .parsed();
    REQUIRE(reply.routes);
    CHECK(reply.routes->size() == 40);
    CHECK(reply.routes->back() == Route{ip("10.1.39.0"), 24, ip("10.0.0.1")});
}

TEST_CASE("a domain option with several names is a search list, unless there is one") {
    const DhcpReply several =
        ReplyBuilder(DhcpType::Ack).add_text(15, "a.example  b.example,c.example.").parsed();
    CHECK(several.domain == "a.example");
    CHECK(several.search == std::vector<std::string>{"a.example", "b.example", "c.example"});
    CHECK(several.ignored.empty());
    const DhcpReply with_list =
        ReplyBuilder(DhcpType::Ack).add_text(15, "a.example b.example").add(119, {1, 'x', 0}).parsed();
    CHECK(with_list.search == std::vector<std::string>{"x"});
    const DhcpReply one_bad = ReplyBuilder(DhcpType::Ack).add_text(15, "a;b good.example").parsed();
    CHECK(one_bad.domain == "good.example");
    CHECK(one_bad.search.empty());
    CHECK(one_bad.ignored == std::vector<std::string>{"a name in option 15"});
}

TEST_CASE("a bad name in a search list costs that name") {
    const auto search = [](std::vector<std::uint8_t> value) {
        return ReplyBuilder(DhcpType::Ack).add(119, std::move(value)).parsed();
    };
    for (const std::vector<std::uint8_t>& bad : std::vector<std::vector<std::uint8_t>>{
             {3, 'a', '.', 'b', 0}, // a dot in a label
             {1, ';', 0},           // no letter
             {0},                   // the root
             {0xc0, 3},             // to itself
             {0xc0, 63},            // forwards
             {1, 'b', 0xc0, 40},    // the same behind a label
         }) {
        std::vector<std::uint8_t> value{1, 'x', 0};
        value.insert(value.end(), bad.begin(), bad.end());
        value.insert(value.end(), {1, 'y', 0, 1, 'x', 0, 1, 'z', 0xc0, 0});
        const DhcpReply reply = search(value);
        CHECK(reply.search == std::vector<std::string>{"x", "y", "z.x"});
        CHECK(reply.ignored == std::vector<std::string>{"a name in option 119"});
    }
    // Behind a name without an end nothing is known.
    CHECK(search({1, 'x', 0, 0x80, 1, 'y', 0}).search == std::vector<std::string>{"x"});
    CHECK(search({1, 'x', 0, 9, 'y', 0}).search == std::vector<std::string>{"x"});
    // Pointers to pointers end, however many there are.
    std::vector<std::uint8_t> chain{1, 'x', 0};
    for (unsigned i = 0; i < 120; ++i)
        chain.insert(chain.end(), {0xc0, static_cast<std::uint8_t>(i == 0 ? 0 : 3 + 2 * (i - 1))});
    CHECK(search(chain).search == std::vector<std::string>{"x"});
}

TEST_CASE("the search list is read, compressed or not") {
    const auto search = [](std::vector<std::uint8_t> value) {
        return ReplyBuilder(DhcpType::Ack).add(119, std::move(value)).parsed();
    };
    // a.example, then b + pointer to "example" at 2
    CHECK(search({1, 'a', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 1, 'b', 0xc0, 2}).search ==
          std::vector<std::string>{"a.example", "b.example"});
    for (const std::vector<std::uint8_t>& bad : std::vector<std::vector<std::uint8_t>>{
             {0xc0, 0},             // to itself
             {1, 'a', 0xc0, 5, 0},  // forwards
             {5, 'a'},              // beyond the end
             {1, 'a'},              // without end
             {3, 'a', '.', 'b', 0}, // a dot in a label
             {0},                   // the root
             {1, '\n', 0},          // no letter
             {0x80, 0, 0},          // a reserved length
         }) {
        const DhcpReply reply = search(bad);
        CHECK(reply.search.empty());
        CHECK(reply.ignored == std::vector<std::string>{"option 119"});
    }
}

TEST_CASE("classless routes replace the router, and the default one becomes the gateway") {
    const DhcpReply reply =
        ReplyBuilder(DhcpType::Ack)
            .add(3, {10, 0, 0, 9})
            .add(249, {0, 10, 0, 0, 8})
            .add(121, {32, 172, 31, 1, 1, 0, 0, 0, 0, 0, 172, 31, 1, 1, 12, 10, 0x7f, 10, 0, 0, 1})
            .parsed();
    REQUIRE(reply.routes);
    CHECK(*reply.routes == std::vector<Route>{{ip("172.31.1.1"), 32, std::nullopt},
                                              {ip("0.0.0.0"), 0, ip("172.31.1.1")},
                                              {ip("10.112.0.0"), 12, ip("10.0.0.1")}});
    const NetworkState state = lease_state(reply);
    CHECK(state.gateway == ip("172.31.1.1"));
    CHECK(state.routes.size() == 2);
    CHECK(state.dynamic);

    const DhcpReply microsoft = ReplyBuilder(DhcpType::Ack).add(249, {0, 10, 0, 0, 8}).parsed();
    CHECK(lease_state(microsoft).gateway == ip("10.0.0.8"));
    const DhcpReply malformed =
        ReplyBuilder(DhcpType::Ack).add(3, {10, 0, 0, 9}).add(121, {33, 1, 2, 3, 4, 5, 6, 7, 8, 9}).parsed();
    CHECK(malformed.ignored == std::vector<std::string>{"option 121"});
    CHECK(lease_state(malformed).gateway == ip("10.0.0.9"));
}

TEST_CASE("a malformed option is noted and leaves the rest alone") {
    const DhcpReply reply = ReplyBuilder(DhcpType::Ack)
                                .add(1, {255, 0, 255, 0})
                                .add(3, {10, 0, 0})
                                .add(6, {})
                                .add_text(12, "bad name; reboot")
                                .add_text(15, "..")
                                .add(26, {0, 20})
                                .add(51, {1})
                                .add(42, {10, 0, 0, 6})
                                .parsed();
    CHECK(reply.ignored.size() == 7);
    CHECK(reply.prefix == 8); // the class of 10.0.0.55
    CHECK(reply.gateways.empty());
    CHECK(reply.hostname.empty());
    CHECK(reply.mtu == 0);
    CHECK(reply.ntp == std::vector{ip("10.0.0.6")});
}

TEST_CASE("a router that cannot be one is left out, and the next one is the gateway") {
    for (const std::vector<std::uint8_t>& bad : std::vector<std::vector<std::uint8_t>>{
             {10, 0, 0, 55}, {127, 0, 0, 1}, {224, 0, 0, 1}, {255, 255, 255, 255}, {0, 0, 0, 9}}) {
        std::vector<std::uint8_t> routers = bad;
        routers.insert(routers.end(), {10, 0, 0, 1});
        const DhcpReply reply = ReplyBuilder(DhcpType::Ack).add(3, routers).parsed();
        CHECK(lease_state(reply).gateway == ip("10.0.0.1"));
        CHECK(reply.ignored == std::vector<std::string>{"a router in option 3"});
    }
    const DhcpReply no_mask = ReplyBuilder(DhcpType::Ack).add(1, {0, 0, 0, 0}).parsed();
    CHECK(no_mask.prefix == 8);
    CHECK(no_mask.ignored == std::vector<std::string>{"option 1"});
}

TEST_CASE("servers are told apart by option 54, or by where they speak from") {
    DhcpReply first;
    first.server = ip("10.0.0.1");
    first.source = ip("10.0.0.9");
    DhcpReply second = first;
    second.server = ip("10.0.0.2");
    CHECK_FALSE(same_server(first, second));
    second.server = {};
    CHECK(same_server(first, second));
    CHECK(second.server_address() == ip("10.0.0.9"));
    second.source = ip("10.0.0.8");
    CHECK_FALSE(same_server(first, second));
    second.server = ip("10.0.0.1");
    CHECK(same_server(first, second));
}

TEST_CASE("a request to renew a lease says whose address it is, and names no server") {
    DhcpQuery query;
    query.type = DhcpType::Request;
    query.client = ip("10.0.0.55");
    const std::vector<std::uint8_t> bytes = encode_dhcp(query);
    CHECK(std::vector<std::uint8_t>(bytes.begin() + 12, bytes.begin() + 16) ==
          std::vector<std::uint8_t>{10, 0, 0, 55});
    CHECK(option_of(bytes, 50).empty());
    CHECK(option_of(bytes, 54).empty());
}

TEST_CASE("a lease cannot ask for more than a machine has use for") {
    std::vector<std::uint8_t> servers;
    std::vector<std::uint8_t> domains;
    for (std::uint8_t i = 1; i <= 50; ++i) {
        servers.insert(servers.end(), {10, 0, 0, i});
        domains.insert(domains.end(), {2, 'd', static_cast<std::uint8_t>('A' + i % 26), 0});
    }
    const DhcpReply reply = ReplyBuilder(DhcpType::Ack)
                                .add(6, servers)
                                .add(42, servers)
                                .add(119, domains)
                                .add(26, {1, 0}) // 256 bytes
                                .parsed();
    CHECK(reply.dns.size() == 4);
    CHECK(reply.dns.front() == ip("10.0.0.1"));
    CHECK(reply.ntp.size() == 4);
    CHECK(reply.search.size() == 6);
    CHECK(reply.mtu == 0);
    CHECK(reply.ignored == std::vector<std::string>{"option 26"});
}

TEST_CASE("a message that is not a DHCP server's answer is refused") {
    const std::vector<std::uint8_t> good = ReplyBuilder(DhcpType::Offer).bytes();
    REQUIRE(parse_dhcp(good));
    const auto with = [&good](std::size_t at, std::uint8_t value) {
        std::vector<std::uint8_t> bytes = good;
        bytes[at] = value;
        return bytes;
    };
    CHECK_FALSE(parse_dhcp({}));
    CHECK_FALSE(parse_dhcp(std::span(good).first(239)));
    CHECK_FALSE(parse_dhcp(std::span(good).first(240))); // no message type
    CHECK_FALSE(parse_dhcp(with(0, 1)));                 // a request
    CHECK_FALSE(parse_dhcp(with(2, 8)));                 // another hardware length
    CHECK_FALSE(parse_dhcp(with(236, 0)));               // no cookie
    CHECK_FALSE(parse_dhcp(with(242, 1)));               // a DISCOVER
    CHECK_FALSE(parse_dhcp(with(242, 77)));
    CHECK_FALSE(parse_dhcp(with(241, 200)));                     // an option beyond the end
    CHECK(parse_dhcp(ReplyBuilder(DhcpType::Nak).bytes(false))); // a missing end mark is common
}

TEST_CASE("no prefix of a good answer and no changed byte of it is read beyond its end") {
    const std::vector<std::uint8_t> good =
        ReplyBuilder(DhcpType::Ack)
            .add(119, {1, 'a', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 1, 'b', 0xc0, 2})
            .add(121, {24, 10, 0, 1, 10, 0, 0, 1})
            .add(52, {3})
            .bytes();
    for (std::size_t length = 0; length <= good.size(); ++length) {
        const std::vector<std::uint8_t> cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
        static_cast<void>(parse_dhcp(cut).has_value());
    }
    for (std::size_t at = 44; at < good.size(); ++at)
        for (const std::uint8_t value : {0, 1, 63, 64, 192, 255}) {
            std::vector<std::uint8_t> changed = good;
            changed[at] = value;
            static_cast<void>(parse_dhcp(changed).has_value());
        }
    CHECK(parse_dhcp(good));
}
