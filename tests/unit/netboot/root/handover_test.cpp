// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/handover.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("mounts outside the new root move, those below them and below it come along") {
    CHECK(mounts_to_move("1 1 0:1 / / rw - rootfs rootfs rw\n"
                         "20 1 0:18 / /proc rw - proc proc rw\n"
                         "21 1 0:19 / /dev rw - devtmpfs dev rw\n"
                         "22 21 0:20 / /dev/pts rw - devpts devpts rw\n"
                         "23 1 0:21 / /newroot rw - tmpfs tmpfs rw\n"
                         "24 23 7:0 / /newroot/.modloop ro - squashfs /dev/loop0 ro\n"
                         "25 1 0:22 / /media/my\\040disk rw - ext4 /dev/sda1 rw\n"
                         "26 1 0:23 / /newroot2 rw - tmpfs x rw\n") ==
          std::vector<std::string>{"/proc", "/dev", "/media/my disk", "/newroot2"});
}

TEST_CASE("the hand-over moves everything, enters the new root, and then becomes its init") {
    test::FakeSystem system;
    test::MemoryLog log;
    system.write("/proc/self/mountinfo",
                 "1 1 0:1 / / rw - rootfs rootfs rw\n20 1 0:18 / /proc rw - proc proc rw\n"
                 "21 1 0:1 / /run rw - tmpfs run rw\n23 1 0:21 / /newroot rw - tmpfs t rw\n");
    system.write("/newroot/var/run/x", "");
    std::filesystem::create_symlink("/var/run", system.host("/newroot/run"));
    REQUIRE(hand_over(system, log, {"/sbin/init", {"-a"}, {}}, "done"));
    CHECK(system.calls() ==
          std::vector<std::string>{"mount mount /proc on /newroot/proc flags=0x2000",
                                   "mount mount /run on /newroot/var/run flags=0x2000", // inside the new root
                                   "enter /newroot", "become /sbin/init -a"});
    CHECK(std::filesystem::is_directory(system.host("/newroot/proc")));
}

TEST_CASE("a hand-over that fails at any step is undone, so that it can be tried again") {
    test::FakeSystem system;
    test::MemoryLog log;
    system.write("/proc/self/mountinfo", "20 1 0:18 / /proc rw - proc proc rw\n"
                                         "21 1 0:19 / /dev rw - devtmpfs dev rw\n");
    const std::string proc = "mount mount /proc on /newroot/proc flags=0x2000";
    const std::string dev = "mount mount /dev on /newroot/dev flags=0x2000";
    const std::string proc_back = "mount mount /newroot/proc on /proc flags=0x2000";
    const std::string dev_back = "mount mount /newroot/dev on /dev flags=0x2000";
    std::vector<std::string> calls;
    SECTION("a mount cannot be moved") {
        system.answer(dev, std::errc::invalid_argument);
        calls = {proc, dev, proc_back};
    }
    SECTION("the new root cannot be entered") {
        system.answer("enter", std::errc::invalid_argument);
        calls = {proc, dev, "enter /newroot", dev_back, proc_back};
    }
    SECTION("its init cannot be executed") {
        system.answer("become", std::errc::executable_format_error);
        calls = {proc, dev, "enter /newroot", "become /sbin/init", "leave /newroot", dev_back, proc_back};
    }
    const auto result = hand_over(system, log, {"/sbin/init", {}, {}}, "done");
    REQUIRE_FALSE(result);
    CHECK(result.error().first().code == "MPX-ROOT-06");
    CHECK(system.calls() == calls);
    CHECK(log.says("done") == (calls.size() > 5));
}

TEST_CASE("a hand-over that failed after its first move succeeds when it is tried again") {
    test::FakeSystem system;
    test::MemoryLog log;
    system.write("/proc/self/mountinfo", "20 1 0:18 / /proc rw - proc proc rw\n"
                                         "21 1 0:19 / /dev rw - devtmpfs dev rw\n");
    const std::string proc = "mount mount /proc on /newroot/proc flags=0x2000";
    const std::string dev = "mount mount /dev on /newroot/dev flags=0x2000";
    system.answer(dev, std::errc::device_or_resource_busy, 1);
    const auto first = hand_over(system, log, {"/sbin/init", {}, {}}, "done");
    REQUIRE_FALSE(first);
    CHECK(first.error().first().object == "/dev");
    CHECK_FALSE(log.says("done"));
    REQUIRE(hand_over(system, log, {"/sbin/init", {}, {}}, "done"));
    CHECK(system.calls() ==
          std::vector<std::string>{proc, dev,
                                   "mount mount /newroot/proc on /proc flags=0x2000", // undone
                                   proc, dev, "enter /newroot", "become /sbin/init"});
    CHECK(log.says("done"));
}

TEST_CASE("a mount that cannot be moved back is named, and hides neither the failure nor the other mounts") {
    test::FakeSystem system;
    test::MemoryLog log;
    system.write("/proc/self/mountinfo", "20 1 0:18 / /proc rw - proc proc rw\n"
                                         "21 1 0:19 / /dev rw - devtmpfs dev rw\n"
                                         "22 1 0:20 / /sys rw - sysfs sys rw\n");
    system.answer("mount mount /sys", std::errc::invalid_argument);
    system.answer("mount mount /newroot/dev", std::errc::device_or_resource_busy);
    const auto result = hand_over(system, log, {"/sbin/init", {}, {}}, "done");
    REQUIRE_FALSE(result);
    CHECK(result.error().first().object == "/sys");
    CHECK(log.says("/newroot/dev: cannot be moved to /dev: "));
    CHECK(system.calls().back() == "mount mount /newroot/proc on /proc flags=0x2000");
}

TEST_CASE("a mount point that the new root cannot have fails before the first move, unless it may be lost") {
    test::FakeSystem system;
    test::MemoryLog log;
    system.write("/newroot/media", "a file");
    system.write("/proc/self/mountinfo", "20 1 0:18 / /proc rw - proc proc rw\n"
                                         "21 1 0:19 / /media/usb rw - ext4 /dev/sda1 rw\n");
    REQUIRE(hand_over(system, log, {"/sbin/init", {}, {}}, "done"));
    CHECK(log.says("/media/usb: cannot create this mount point in the new root"));
    CHECK_FALSE(system.called("mount mount /media/usb"));
    system.write("/newroot/dev", "a file");
    system.write("/proc/self/mountinfo", "20 1 0:18 / /proc rw - proc proc rw\n"
                                         "21 1 0:19 / /dev/pts rw - devpts devpts rw\n");
    const auto before = system.calls().size();
    const auto result = hand_over(system, log, {"/sbin/init", {}, {}}, "done");
    REQUIRE_FALSE(result);
    CHECK(result.error().first().code == "MPX-ROOT-05");
    CHECK(system.calls().size() == before);
}
