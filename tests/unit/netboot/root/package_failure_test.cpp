// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/package_failure.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

using Words = std::vector<std::string>;

TEST_CASE("apk's complaints are understood") {
    const auto code = [](Words lines) { return explain_apk(lines, 1).code; };
    CHECK(code({"ERROR: unable to select packages:", "  foo (no such package):",
                "    required by: world[foo]"}) == "MPX-PKG-03");
    CHECK(code({"WARNING: Ignoring http://dl/main: No such file or directory",
                "ERROR: unable to select packages:", "  alpine-base (no such package):"}) == "MPX-PKG-05");
    CHECK(code({"ERROR: http://dl/main: UNTRUSTED signature"}) == "MPX-PKG-04");
    CHECK(code({"ERROR: Failed to extract x: No space left on device"}) == "MPX-PKG-06");
    CHECK(code({"ERROR: something else"}) == "MPX-PKG-02");
    CHECK(explain_apk({}, 3).text == "ended with status 3");
}
