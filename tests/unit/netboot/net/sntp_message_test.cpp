// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/net/sntp_message.hpp"

#include <catch2/catch.hpp>

#include "mkpxerd/netboot/runtime/time_of_day.hpp"

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

TEST_CASE("the time of an answer is the one next to the build of the image, also beyond 2036") {
    CHECK(parse_sntp(answer(1800000000), cookie, 1800000000) == 1800000000);
    CHECK(parse_sntp(answer(7), cookie, 1800000000) == 7);                   // of the past, not of 2106
    CHECK(parse_sntp(answer(2100000000), cookie, 1800000000) == 2100000000); // in 2036, after the wrap
    CHECK(parse_sntp(answer(3900000000), cookie, 1800000000) == 3900000000);
    CHECK(parse_sntp(answer(6000000000), cookie, 5000000000) == 6000000000); // an image of 2128
    CHECK(parse_sntp(answer(9000000000), cookie, 9500000000) == 9000000000);
    // An image that does not say when it was built is no older than this program.
    CHECK(parse_sntp(answer(1700000000), cookie, 0) == 1700000000);
    CHECK(parse_sntp(answer(2500000000), cookie, 0) == 2500000000);
}

TEST_CASE("an invalid answer, or one to another client, is refused") {
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

TEST_CASE("the clock is set both ways, never to before the image, and kept in mind when it cannot be set") {
    std::int64_t clock = 1000;
    TimeOfDay settable([&] { return clock; },
                       [&](std::int64_t seconds) {
                           clock = seconds;
                           return true;
                       },
                       900);
    using Change = TimeOfDay::Change;
    CHECK(settable.source() == "the machine's clock");
    CHECK(settable.set(899, "NTP") == Change::Refused);
    CHECK(settable.set(999, "NTP") == Change::None); // an answer is as old as its way was long
    CHECK(settable.set(1001, "NTP") == Change::None);
    CHECK(settable.source() == "the machine's clock");
    CHECK(settable.now() == 1000);
    CHECK(settable.set(5000, "NTP 10.0.0.1") == Change::Forward);
    CHECK(clock == 5000);
    CHECK(settable.now() == 5000);
    CHECK(settable.source() == "NTP 10.0.0.1");
    CHECK(settable.set(900, "NTP 10.0.0.2") == Change::Back);
    CHECK(clock == 900);
    CHECK(settable.source() == "NTP 10.0.0.2");

    std::int64_t fixed = 1000;
    TimeOfDay unsettable([&] { return fixed; }, [](std::int64_t) { return false; });
    CHECK(unsettable.set(5000, "NTP") == Change::Forward);
    CHECK(unsettable.now() == 5000);
    fixed += 10;
    CHECK(unsettable.now() == 5010);
    CHECK(unsettable.set(4000, "NTP") == Change::Back);
    CHECK(unsettable.now() == 4000);
    CHECK(unsettable.set(900, "NTP") == Change::Back);
    CHECK(unsettable.now() == 900); // below the clock itself
}

TEST_CASE("times are told in UTC, also those beyond 2038") {
    CHECK(time_text(0) == "1970-01-01 00:00:00");
    CHECK(time_text(4400000000) == "2109-06-06 22:13:20");
}
