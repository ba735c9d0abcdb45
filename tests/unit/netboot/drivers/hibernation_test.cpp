// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/hibernation.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Machine : test::BootBench {
    explicit Machine(const std::string& cmdline) : BootBench(cmdline) {
        system.write("/sys/power/resume", "");
        system.write("/sys/power/resume_offset", "");
    }
    Result<void> resume() { return run(resume_hibernated(system, log, devices, options, time.deadline())); }
};

} // namespace

TEST_CASE("the kernel is told the device and the offset of a hibernated system") {
    Machine machine("root=/dev/sda resume=/dev/sda resume_offset=4096");
    CHECK(machine.resume());
    CHECK(machine.content("/sys/power/resume_offset") == "4096");
    CHECK(machine.content("/sys/power/resume").find(':') != std::string::npos);
}

TEST_CASE("without resume= nothing is looked for, and a device that is missing is a warning") {
    Machine machine("root=/dev/sda");
    CHECK(machine.resume());
    CHECK(machine.content("/sys/power/resume").empty());
    Machine missing("root=/dev/sda resume=LABEL=swap");
    missing.time.renew(std::chrono::seconds(0));
    CHECK(missing.resume());
    CHECK(missing.says("resume=LABEL=swap: the device did not appear"));
    CHECK(missing.content("/sys/power/resume").empty());
}
