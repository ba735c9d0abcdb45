// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/rtnetlink.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

using Bytes = std::vector<std::byte>;

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

} // namespace

TEST_CASE("a list of interfaces that changed meanwhile is asked for again") {
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
