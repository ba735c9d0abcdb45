// SPDX-License-Identifier: MIT
#include "mkpxerd/cli/bundle/trial_limits.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::cli;

namespace {

std::string refused(const Result<std::uint64_t>& value) {
    return value ? std::to_string(*value) : to_text(value.error().first());
}

} // namespace

TEST_CASE("memory is a number of MiB, or has a unit") {
    CHECK(read_trial_memory("512").value() == 512);
    CHECK(read_trial_memory("512M").value() == 512);
    CHECK(read_trial_memory("512m").value() == 512);
    CHECK(read_trial_memory("1G").value() == 1024);
    CHECK(read_trial_memory("2g").value() == 2048);
    CHECK(read_trial_memory("131072K").value() == 128);
    CHECK(read_trial_memory("64").value() == 64);
}

TEST_CASE("a size of no machine is refused in our words") {
    for (const char* text : {"much", "M", "-5", "1.5G", "512MB", "99999999999999999999"})
        CHECK(refused(read_trial_memory(text)) ==
              "--memory " + std::string(text) + ": is not a size (in MiB, or as 512M or 1G)");
    for (const char* text : {"63", "0", "1024K"})
        CHECK(refused(read_trial_memory(text)) ==
              "--memory " + std::string(text) + ": no kernel starts with less than 64M");
    CHECK(refused(read_trial_memory("1048577")) == "--memory 1048577: is more than 1024G");
}

TEST_CASE("a time is a number of seconds, or has a unit") {
    CHECK(read_trial_time("90").value() == 90);
    CHECK(read_trial_time("90s").value() == 90);
    CHECK(read_trial_time("3m").value() == 180);
    CHECK(read_trial_time("1h").value() == 3600);
    CHECK(read_trial_time("24h").value() == 86400);
    for (const char* text : {"soon", "m", "3 m", "3min", "1d", "-1"})
        CHECK(refused(read_trial_time(text)) ==
              "--timeout " + std::string(text) + ": is not a time (in seconds, or as 90s, 3m or 1h)");
    for (const char* text : {"0", "0m", "86401", "25h", "999999999999999999m"})
        CHECK(refused(read_trial_time(text)) ==
              "--timeout " + std::string(text) + ": is not between one second and one day");
}
