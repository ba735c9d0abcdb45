// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/handover.hpp"

#include <catch2/catch.hpp>

#include "elf_program.hpp"
#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Root {
    void add(const std::string& path, std::string_view content, bool executable = true) {
        system.write(std::string(new_root) + path, content);
        if (executable)
            std::filesystem::permissions(system.host(std::string(new_root) + path),
                                         std::filesystem::perms(0755));
    }
    std::string code(const std::string& init = "/sbin/init") {
        const auto result = check_init(system, init);
        return result ? "good" : std::string(code_text(result.error().first().code));
    }
    test::FakeSystem system;
};

} // namespace

TEST_CASE("an init that can run is accepted: static, dynamic, a script, behind links") {
    Root root;
    root.add("/sbin/init", test::elf_program());
    CHECK(root.code() == "good");
    root.add("/lib/ld-musl-x86_64.so.1", "x");
    root.add("/bin/busybox", test::elf_program(EM_X86_64, "/lib/ld-musl-x86_64.so.1"));
    std::filesystem::create_symlink("/bin/busybox", root.system.host("/newroot/bin/sh"));
    root.add("/sbin/init", "#!/bin/sh -e\necho\n");
    CHECK(root.code() == "good");
    std::filesystem::create_symlink("../sbin/init", root.system.host("/newroot/bin/init"));
    CHECK(root.code("/bin/init") == "good");
}

TEST_CASE("an init that cannot run has a code for each reason") {
    Root root;
    CHECK(root.code() == "MPX-ROOT-01");
    root.add("/sbin/init", test::elf_program(), false);
    CHECK(root.code() == "MPX-ROOT-02");
    root.add("/sbin/init", "text");
    CHECK(root.code() == "MPX-ROOT-02");
    root.add("/sbin/init", "#!/bin/missing\n");
    CHECK(root.code() == "MPX-ROOT-03");
    root.add("/sbin/init", test::elf_program(EM_X86_64, "/lib64/ld-linux-x86-64.so.2"));
    CHECK(root.code() == "MPX-ROOT-03");
    root.add("/sbin/init", test::elf_program(EM_AARCH64));
    CHECK(root.code() == "MPX-ROOT-04");
    root.add("/sbin/init", "#!/sbin/init\n");
    CHECK(root.code() == "MPX-ROOT-02");
    root.add("/sbin/init", test::elf_program(EM_X86_64, "/x").substr(0, 70));
    CHECK(root.code() == "MPX-ROOT-02");
    CHECK(root.code("/sbin") == "MPX-ROOT-02");
}

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
    Root root;
    test::MemoryLog log;
    root.system.write("/proc/self/mountinfo",
                      "1 1 0:1 / / rw - rootfs rootfs rw\n20 1 0:18 / /proc rw - proc proc rw\n"
                      "21 1 0:1 / /run rw - tmpfs run rw\n23 1 0:21 / /newroot rw - tmpfs t rw\n");
    root.system.write("/newroot/var/run/x", "");
    std::filesystem::create_symlink("/var/run", root.system.host("/newroot/run"));
    REQUIRE(hand_over(root.system, log, {"/sbin/init", {"-a"}, {}}, "done"));
    CHECK(root.system.calls() ==
          std::vector<std::string>{"mount mount /proc on /newroot/proc flags=0x2000",
                                   "mount mount /run on /newroot/var/run flags=0x2000", // inside the new root
                                   "enter /newroot", "become /sbin/init -a"});
    CHECK(std::filesystem::is_directory(root.system.host("/newroot/proc")));
}

TEST_CASE("a hand-over that fails at any step is undone, so that it can be tried again") {
    Root root;
    test::MemoryLog log;
    root.system.write("/proc/self/mountinfo", "20 1 0:18 / /proc rw - proc proc rw\n"
                                              "21 1 0:19 / /dev rw - devtmpfs dev rw\n");
    const std::string proc = "mount mount /proc on /newroot/proc flags=0x2000";
    const std::string dev = "mount mount /dev on /newroot/dev flags=0x2000";
    const std::string proc_back = "mount mount /newroot/proc on /proc flags=0x2000";
    const std::string dev_back = "mount mount /newroot/dev on /dev flags=0x2000";
    std::vector<std::string> calls;
    SECTION("a mount cannot be moved") {
        root.system.answer(dev, std::errc::invalid_argument);
        calls = {proc, dev, proc_back};
    }
    SECTION("the new root cannot be entered") {
        root.system.answer("enter", std::errc::invalid_argument);
        calls = {proc, dev, "enter /newroot", dev_back, proc_back};
    }
    SECTION("its init cannot be executed") {
        root.system.answer("become", std::errc::executable_format_error);
        calls = {proc, dev, "enter /newroot", "become /sbin/init", "leave /newroot", dev_back, proc_back};
    }
    const auto result = hand_over(root.system, log, {"/sbin/init", {}, {}}, "done");
    REQUIRE_FALSE(result);
    CHECK(result.error().first().code == "MPX-ROOT-06");
    CHECK(root.system.calls() == calls);
    CHECK(log.says("done") == (calls.size() > 5));
}
