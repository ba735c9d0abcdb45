// SPDX-License-Identifier: MIT
#include "mkpxerd/image/system_words.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::image;

TEST_CASE("words of the booted system are known, by their beginning where a program has many") {
    for (const char* name :
         {"systemd.unit", "systemd.log_level", "softlevel", "rescue", "3", "S", "luks.uuid", "fsck.mode",
          "ignition.platform.id", "cloud-init", "SYSUUID", "LC_ALL", "TERM"})
        CHECK(is_system_word(name));
    for (const char* name : {"", "systemd", "systemdx", "softlevels", "33", "rd.systemd.unit", "LANGUAGE"}) {
        INFO(name);
        CHECK_FALSE(is_system_word(name));
    }
}
