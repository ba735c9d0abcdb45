// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/netlink_message.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
#include <climits>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

using Bytes = std::vector<std::byte>;

// A message without a body.
Bytes message(std::uint16_t type, unsigned flags) {
    nlmsghdr header{};
    header.nlmsg_len = sizeof header;
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(flags);
    Bytes bytes(sizeof header);
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
}

Bytes operator+(Bytes first, const Bytes& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

// A message whose body is one number.
Bytes message(unsigned short type, std::uint32_t sequence, int number) {
    nlmsghdr header{};
    header.nlmsg_len = sizeof header + sizeof number;
    header.nlmsg_type = type;
    header.nlmsg_seq = sequence;
    Bytes bytes(header.nlmsg_len);
    std::memcpy(bytes.data(), &header, sizeof header);
    std::memcpy(bytes.data() + sizeof header, &number, sizeof number);
    return bytes;
}

} // namespace

TEST_CASE("a dump ends in order, or with the error that cut it off") {
    CHECK(dump_end(message(NLMSG_DONE, 7, 0), 7) == 0);
    CHECK(dump_end(message(NLMSG_DONE, 7, -ENOMEM), 7) == ENOMEM);
    CHECK(dump_end(message(NLMSG_ERROR, 7, -EBUSY), 7) == EBUSY);
    CHECK_FALSE(dump_end(message(RTM_NEWLINK, 7, 0), 7));
    CHECK_FALSE(dump_end(message(NLMSG_ERROR, 6, -EBUSY), 7)); // of an earlier question
    CHECK(dump_end(message(RTM_NEWLINK, 7, 0) + message(NLMSG_ERROR, 7, -EPERM), 7) == EPERM);
    CHECK_FALSE(dump_end({}, 7));
    CHECK(dump_end(message(NLMSG_ERROR, 7, INT_MIN), 7) == EIO); // damaged: no errno
}

TEST_CASE("a dump during which something changed is asked for again") {
    const Bytes whole = message(RTM_NEWLINK, NLM_F_MULTI) + message(NLMSG_DONE, NLM_F_MULTI);
    const Bytes changed = message(RTM_NEWLINK, NLM_F_MULTI) +
                          message(RTM_NEWLINK, NLM_F_MULTI | NLM_F_DUMP_INTR) +
                          message(NLMSG_DONE, NLM_F_MULTI);
    CHECK(is_interrupted(changed));
    CHECK_FALSE(is_interrupted(whole));
    CHECK_FALSE(is_interrupted({}));

    int asked = 0;
    const auto later_whole = whole_dump([&]() -> Result<Bytes> { return ++asked < 3 ? changed : whole; });
    CHECK(*later_whole == whole);
    CHECK(asked == 3);

    asked = 0;
    const auto never_whole = whole_dump([&]() -> Result<Bytes> { return ++asked, changed; });
    CHECK(*never_whole == changed);
    CHECK(asked == 8);

    asked = 0;
    const auto refused = whole_dump([&]() -> Result<Bytes> { return ++asked, fail("rtnetlink", "no"); });
    CHECK_FALSE(refused);
    CHECK(asked == 1);
}

TEST_CASE("a request is answered by the acknowledgement with its number") {
    CHECK(acknowledgement(message(NLMSG_ERROR, 7, 0), 7) == 0);
    CHECK(acknowledgement(message(NLMSG_ERROR, 6, 0) + message(NLMSG_ERROR, 7, -EEXIST), 7) == EEXIST);
    CHECK_FALSE(acknowledgement(message(NLMSG_ERROR, 6, -EPERM), 7));
    CHECK_FALSE(acknowledgement(message(NLMSG_DONE, 7, 0), 7)); // the end of a dump
    CHECK_FALSE(acknowledgement({}, 7));
}

TEST_CASE("a message is written as the kernel reads it: padded, with its length and number") {
    ifinfomsg body{};
    body.ifi_index = 3;
    NetlinkMessage built(RTM_NEWLINK, NLM_F_DUMP, body);
    built.add(IFLA_MTU, std::uint32_t{1400}).add(IFLA_OPERSTATE, std::uint8_t{6});
    const std::span<const std::byte> bytes = built.finish(9, true);
    CHECK(bytes.size() == 16 + 16 + 8 + 8);
    unsigned messages = 0;
    for_each_message(bytes, [&](const nlmsghdr& header, std::span<const std::byte> payload) {
        ++messages;
        CHECK(header.nlmsg_type == RTM_NEWLINK);
        CHECK(header.nlmsg_seq == 9);
        CHECK(header.nlmsg_flags == (NLM_F_REQUEST | NLM_F_DUMP | NLM_F_ACK));
        CHECK(load<ifinfomsg>(payload).ifi_index == 3);
        std::vector<std::pair<unsigned, std::size_t>> attributes;
        for_each_attribute(payload.subspan(sizeof(ifinfomsg)),
                           [&](unsigned type, std::span<const std::byte> value) {
                               attributes.emplace_back(type, value.size());
                           });
        CHECK(attributes ==
              std::vector<std::pair<unsigned, std::size_t>>{{IFLA_MTU, 4}, {IFLA_OPERSTATE, 1}});
    });
    CHECK(messages == 1);
}
