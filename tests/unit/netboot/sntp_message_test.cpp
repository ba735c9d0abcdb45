// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/sntp_message.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/netboot/time_of_day.hpp"

using namespace mkpxerd::netboot;

namespace {

constexpr SntpCookie cookie{1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::int64_t from_1900_to_1970 = 2208988800;

std::vector<std::uint8_t> answer(std::int64_t seconds) {
    std::vector<std::uint8_t> bytes(48);
    bytes[0] = 4 << 3 | 4;
    bytes[1] = 2;
    std::copy(cookie.begin(), cookie.end(), bytes.begin() + 24);
    const auto ntp = static_cast<std::uint32_t>(seconds + from_1900_to_1970);
    for (unsigned i = 0; i < 4; ++i)
        bytes[40 + i] = static_cast<std::uint8_t>(ntp >> (24 - 8 * i));
    return bytes;
}

} // namespace

TEST_CASE("a question is 48 bytes of version 4 and carries the cookie") {
    const std::vector<std::uint8_t> bytes = encode_sntp(cookie);
    REQUIRE(bytes.size() == 48);
    CHECK(bytes[0] == 0x23);
    CHECK(std::equal(cookie.begin(), cookie.end(), bytes.begin() + 40));
}

TEST_CASE("the time of an answer is read, also beyond 2036") {
    CHECK(parse_sntp(answer(1700000000), cookie, 0) == 1700000000);
    CHECK(parse_sntp(answer(1700000000), cookie, 1700000500) == 1700000000); // a server may be behind
    CHECK(parse_sntp(answer(2100000000), cookie, 1700000000) == 2100000000); // in 2036, after the wrap
    CHECK(parse_sntp(answer(2500000000), cookie, 1700000000) == 2500000000);
}

TEST_CASE("an answer that is none, or not to us, is refused") {
    const auto with = [](std::size_t at, std::uint8_t value) {
        std::vector<std::uint8_t> bytes = answer(1700000000);
        bytes[at] = value;
        return parse_sntp(bytes, cookie, 0);
    };
    CHECK_FALSE(parse_sntp(std::vector<std::uint8_t>(47), cookie, 0));
    CHECK_FALSE(with(0, 4 << 3 | 3));          // a question
    CHECK_FALSE(with(0, 3 << 6 | 4 << 3 | 4)); // not synchronised
    CHECK_FALSE(with(1, 0));                   // kiss of death
    CHECK_FALSE(with(1, 16));
    CHECK_FALSE(with(24, 9)); // another's cookie
    CHECK_FALSE(parse_sntp(answer(-from_1900_to_1970), cookie, 0));
}

TEST_CASE("the clock goes forward, never back, and is kept in mind when it cannot be set") {
    std::int64_t clock = 1000;
    TimeOfDay settable([&] { return clock; },
                       [&](std::int64_t seconds) {
                           clock = seconds;
                           return true;
                       });
    CHECK(settable.source() == "the machine's clock");
    CHECK_FALSE(settable.advance(900, "NTP"));
    CHECK(settable.now() == 1000);
    CHECK(settable.advance(5000, "NTP 10.0.0.1"));
    CHECK(clock == 5000);
    CHECK(settable.now() == 5000);
    CHECK(settable.source() == "NTP 10.0.0.1");

    std::int64_t fixed = 1000;
    TimeOfDay unsettable([&] { return fixed; }, [](std::int64_t) { return false; });
    CHECK(unsettable.advance(5000, "NTP"));
    CHECK(unsettable.now() == 5000);
    fixed += 10;
    CHECK(unsettable.now() == 5010);
    CHECK_FALSE(unsettable.advance(4000, "NTP"));
}
