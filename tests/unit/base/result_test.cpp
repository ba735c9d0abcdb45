// SPDX-License-Identifier: MIT
#include "mkpxerd/base/result.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

namespace {
Result<int> half(int n) {
    if (n % 2 != 0) return fail("number", "is odd", "use an even one");
    return n / 2;
}
Result<int> quarter(int n) {
    MKPXERD_TRY_ASSIGN(const int h, half(n));
    MKPXERD_TRY(half(h));
    return h / 2;
}
} // namespace

TEST_CASE("an error names its object and its hint") {
    const auto result = half(3);
    REQUIRE_FALSE(result);
    CHECK(result.error().text() == "number: is odd (use an even one)");
}

TEST_CASE("TRY passes values on and returns errors") {
    CHECK(quarter(8).value() == 2);
    CHECK_FALSE(quarter(6));
    CHECK_FALSE(quarter(5));
}

TEST_CASE("problems are gathered and fail once, in order") {
    Problems problems;
    CHECK(problems.finish());
    problems.add("a:1", "first");
    problems.add(half(1).error());
    const auto result = problems.finish();
    REQUIRE_FALSE(result);
    CHECK(result.error().text() == "a:1: first\nnumber: is odd (use an even one)");
}
