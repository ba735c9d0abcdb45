// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/setting_lines.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("a file of options is one line without its comments") {
    CHECK(join_setting_lines("# site\n  ip=dhcp quiet \n\n\t# more\nroot=sda1") == "ip=dhcp quiet root=sda1");
    CHECK(join_setting_lines("").empty());
}
