// SPDX-License-Identifier: MIT
#include "mkpxerd/generator/types.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::generator;

TEST_CASE("an origin names its line, if it has lines") {
    CHECK(Origin{.file = "features.d/nfs.modules", .line = 3}.text() == "features.d/nfs.modules:3");
    CHECK(Origin{.file = "--features"}.text() == "--features");
    CHECK(Origin{}.text().empty());
}

TEST_CASE("each kind of reason has a name of its own") {
    using Kind = Reason::Kind;
    CHECK(kind_name(Kind::Pattern) == "pattern");
    CHECK(kind_name(Kind::Depends) == "depends");
    CHECK(kind_name(Kind::SoftdepPre) == "softdep-pre");
    CHECK(kind_name(Kind::SoftdepPost) == "softdep-post");
    CHECK(kind_name(Kind::Weakdep) == "weakdep");
    CHECK(kind_name(Kind::PhyDriver) == "phy-driver");
    CHECK(kind_name(Kind::Firmware) == "firmware");
    CHECK(kind_name(Kind::LinkTarget) == "link-target");
    CHECK(kind_name(Kind::Interpreter) == "interpreter");
    CHECK(kind_name(Kind::Library) == "library");
    CHECK(kind_name(Kind::Dlopen) == "dlopen");
    CHECK(kind_name(Kind::BuiltIn) == "builtin");
}
