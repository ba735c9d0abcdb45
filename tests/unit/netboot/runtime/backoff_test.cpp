// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/backoff.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

TEST_CASE("pauses double up to the cap and are never the same for all") {
    Backoff backoff(500ms, 4000ms);
    for (const int nominal : {500, 1000, 2000, 4000, 4000}) {
        const std::chrono::milliseconds pause = backoff.next();
        CHECK(pause >= std::chrono::milliseconds(nominal * 8 / 10));
        CHECK(pause <= std::chrono::milliseconds(nominal * 12 / 10));
    }
    backoff.reset();
    CHECK(backoff.next() <= 600ms);
    std::set<std::int64_t> seen;
    for (int i = 0; i < 50; ++i) {
        backoff.reset();
        seen.insert(backoff.next().count());
    }
    CHECK(seen.size() > 10);
}
