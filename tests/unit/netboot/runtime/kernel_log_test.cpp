// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/kernel_log.hpp"

#include <catch2/catch.hpp>

#include "fake_system.hpp"
#include "mkpxerd/base/file.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

TEST_CASE("the kernel's log tells when it unpacked the image and started the init") {
    const std::string log = "6,300,520100,-;Trying to unpack rootfs image as initramfs...\n"
                            "6,340,1720200,-;Freeing initrd memory: 16120K\n"
                            " SUBSYSTEM=x\n"
                            "6,412,1930300,-;Run /init as init process\n"
                            "12,413,1940000,-;Run /init as init process\n"; // a program's line
    CHECK(parse_kernel_times(log) == KernelTimes{520100us, 1720200us, 1930300us, 0us});
}

TEST_CASE("a kernel without the driver for RAM disks has another word for it") {
    CHECK(parse_kernel_times("6,3,77,-;Unpacking initramfs...\n").unpack_begin == 77us);
}

TEST_CASE("a time that the kernel's log does not have stays unset") {
    CHECK(parse_kernel_times("") == KernelTimes{});
    CHECK(parse_kernel_times("Run /init as init process\n;;;\n6,x,y,-;Freeing initrd memory: 1K\n") ==
          KernelTimes{});
    CHECK(parse_kernel_times("6,1,5,-;Run /sbin/init as init process\n") == KernelTimes{});
}

TEST_CASE("the time of a line of our own is that of its last record") {
    const std::string log =
        "6,1,50,-;mkpxerd: x\n12,2,60,-;mkpxerd: x\n15,3,70,-;mkpxerd: x\n15,4,80,-;mkpxerd: xy\n";
    CHECK(time_of_line(log, "mkpxerd: x") == 70us);
    CHECK(!time_of_line("6,1,50,-;mkpxerd: x\n", "mkpxerd: x")); // the kernel's
}

TEST_CASE("the log is read record by record, and is empty where there is none") {
    test::FakeSystem system;
    CHECK(read_kernel_log(system).empty());
    std::filesystem::create_directories(system.host("/dev"));
    REQUIRE(write_file(system.host("/dev/kmsg"), "6,1,2,-;hello\n"));
    CHECK(text_of_record(read_kernel_log(system)) == "hello\n");
    CHECK(text_of_record("no start") == "no start");
}
