// SPDX-License-Identifier: MIT
#include "mkpxerd/contract/absent_drivers.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd;

TEST_CASE("absent drivers survive writing and parsing") {
    const std::vector<AbsentDriver> drivers = {{"e1000e", "network", {"pci:v1*", "pci:v2*"}},
                                               {"virtio_net", "virtio", {"virtio:d00000001v*"}}};
    CHECK(write_absent_drivers(drivers) ==
          "e1000e network\npci:v1*\npci:v2*\nvirtio_net virtio\nvirtio:d00000001v*\n");
    CHECK(parse_absent_drivers(write_absent_drivers(drivers)) == drivers);
}

TEST_CASE("half a table of absent drivers is read as far as it goes") {
    CHECK(parse_absent_drivers("pci:v0*\ne1000e network\npci:v") ==
          std::vector<AbsentDriver>{{"e1000e", "network", {"pci:v"}}});
    CHECK(parse_absent_drivers("").empty());
}
