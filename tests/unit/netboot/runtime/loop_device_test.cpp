// SPDX-License-Identifier: MIT
// Boot tests bind real ones: no test may take a loop device of this machine.
#include "mkpxerd/netboot/runtime/loop_device.hpp"

#include <catch2/catch.hpp>

#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("only a regular file becomes a loop device") {
    const test::TempDir dir;
    const auto directory = bind_loop_device(dir / "");
    REQUIRE_FALSE(directory);
    CHECK(directory.error().first().object == dir / "");
    CHECK_FALSE(bind_loop_device(dir / "missing"));
}
