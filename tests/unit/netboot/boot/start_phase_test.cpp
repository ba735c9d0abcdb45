// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/start_phase.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

void write_image(const test::BootBench& bench, std::uint64_t unpacked = 3) {
    BootConfig config;
    config.entries = 3;
    config.epoch = 1600000000;
    config.cmdline = "mkpxerd.onfail=poweroff";
    bench.system.write("/etc/mkpxerd/boot.conf", write_boot_config(config));
    bench.system.write("/etc/mkpxerd/complete", sentinel_text(unpacked));
}

} // namespace

TEST_CASE("the consoles are open before anything can fail, and ctrl-alt-del is given back as it was") {
    test::BootBench bench;
    bench.system.write("/proc/sys/kernel/ctrl-alt-del", "1\n");
    bench.system.write("/proc/sys/kernel/modprobe", "/sbin/modprobe\n");
    const auto consoles = open_consoles(bench.services);
    REQUIRE(consoles);
    CHECK(consoles->ctrl_alt_del == "1\n");
    CHECK(bench.content("/proc/sys/kernel/ctrl-alt-del") == "0\n");
    CHECK(std::filesystem::read_symlink(bench.system.host("/sbin/modprobe")) == "/init");
    restore_ctrl_alt_del(bench.system, *consoles);
    CHECK(bench.content("/proc/sys/kernel/ctrl-alt-del") == "1\n");
    take_ctrl_alt_del(bench.system, *consoles);
    CHECK(bench.content("/proc/sys/kernel/ctrl-alt-del") == "0\n");
}

TEST_CASE("a kernel without the setting of ctrl-alt-del is left alone") {
    test::BootBench bench;
    const auto consoles = open_consoles(bench.services);
    REQUIRE(consoles);
    restore_ctrl_alt_del(bench.system, *consoles);
    CHECK_FALSE(bench.exists("/proc/sys/kernel/ctrl-alt-del"));
}

TEST_CASE("the start fails with the mount that the kernel refused") {
    test::BootBench bench;
    bench.system.answer("mount devtmpfs", std::errc::no_such_device);
    const auto consoles = open_consoles(bench.services);
    REQUIRE_FALSE(consoles);
    CHECK(consoles.error().first().code == "MPX-INIT-03");
}

TEST_CASE("the image is read when it is whole, and a clock before it is set") {
    test::BootBench bench;
    write_image(bench);
    bench.system.clock = 1000;
    const auto image = read_image(bench.services);
    REQUIRE(image);
    CHECK(image->epoch == 1600000000);
    CHECK(bench.system.called("clock 1600000000"));
    CHECK(read_image(bench.services)); // and is not set again
    CHECK(bench.system.calls().size() == 1);
}

TEST_CASE("an incomplete image is refused, but the options about failures are still read") {
    test::BootBench bench;
    write_image(bench, 2);
    CHECK(read_image(bench.services).error().first().code == "MPX-INIT-01");
    bench.system.write("/proc/cmdline", "mkpxerd.onfail=retry mkpxerd.timeout=soon\n");
    CHECK(read_on_fail(bench.system, {}).kind == OnFail::Kind::Retry);
}

TEST_CASE("without settings that can be read a failure ends in a countdown") {
    test::BootBench bench;
    CHECK(read_on_fail(bench.system, {}) == OnFail());
}
