// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/module_load.hpp"

#include <catch2/catch.hpp>

using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

TEST_CASE("modules whose call has begun and not ended are still loading, each with its device and its time") {
    const auto now = Clock::now();
    const std::vector<ModuleLoad> loads = {
        {"e1000e", "pci 0000:00:03.0", now - 20s, now - 12500ms, {}, {}},
        {"nfs", {}, now - 2s, now - 1s, {}, {}},
        {"done", {}, now - 9s, now - 8s, now - 7s, {}},
        {"queued", {}, now - 9s, {}, {}, {}},
    };
    CHECK(still_loading(loads, now) ==
          std::vector<std::string>{"e1000e (pci 0000:00:03.0) for 12 s", "nfs for 1 s"});
    CHECK(still_loading({}, now).empty());
}
