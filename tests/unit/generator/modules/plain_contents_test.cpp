// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/modules/plain_contents.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;
using namespace mkpxerd::generator;

namespace {

PlainContent content(std::string bytes, std::string refusal = "") {
    return {std::make_shared<const std::string>(std::move(bytes)), std::move(refusal)};
}

} // namespace

TEST_CASE("content is kept by its file, with what the kernel says to it") {
    PlainContents contents(100);
    CHECK_FALSE(contents.find("/a"));
    CHECK(contents.keep("/a", content("hello", "too large")));
    const auto found = contents.find("/a");
    REQUIRE(found);
    CHECK(*found->bytes == "hello");
    CHECK(found->kernel_refusal == "too large");
    CHECK_FALSE(contents.find("/b"));
}

TEST_CASE("there is room for so many bytes in total, and content that is kept already costs nothing") {
    PlainContents contents(10);
    CHECK_FALSE(contents.keep("/large", content("12345678901")));
    CHECK(contents.keep("/a", content("123456")));
    CHECK_FALSE(contents.keep("/b", content("12345")));
    CHECK_FALSE(contents.find("/b"));
    CHECK(contents.keep("/a", content("1234"))); // the first content stays
    CHECK(*contents.find("/a")->bytes == "123456");
    CHECK(contents.keep("/c", content("1234")));
    CHECK(contents.keep("/empty", content("")));
    CHECK_FALSE(contents.keep("/d", content("1")));
}
