// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/plan_phase.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("the plan is told with the options that it comes from, and those without effect") {
    test::BootBench bench("root=/dev/sda ssh_key=none mispelt=1");
    bench.log.set_verbosity(false, LogSubjects::all());
    BootConfig image;
    image.kernel_version = "6.1.0";
    const auto plan = plan_boot(bench.services, image, bench.options, bench.trust);
    REQUIRE(plan);
    CHECK(to_text(*plan->root) == "/dev/sda");
    CHECK(bench.says("kernel 6.1.0-9-lts, image for 6.1.0"));
    CHECK(bench.says("option root=/dev/sda (kernel command line)"));
    CHECK(bench.says("ssh_key= has no effect together with root="));
    CHECK_FALSE(bench.says("root= has no effect"));
}

TEST_CASE("a root that nothing can verify is refused by the plan when the image pins its root") {
    test::BootBench bench("root=/dev/sda");
    const auto trust = Trust::load(bench.system, {{"root", std::string(64, 'a')}}).value();
    const auto plan = plan_boot(bench.services, {}, bench.options, trust);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().first().code == "MPX-FETCH-13");
    CHECK(plan.error().first().object == "root=/dev/sda");
}

TEST_CASE("options that ask for nothing to boot are an error of the plan") {
    test::BootBench bench;
    BootOptions nothing;
    nothing.ip = {"dhcp"};
    CHECK(plan_boot(bench.services, {}, nothing, bench.trust).error().first().code == "MPX-OPT-01");
}
