// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/root_phase.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "failure_text.hpp"
#include "tar_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Machine : test::BootBench {
    using BootBench::BootBench;
    Result<NewRoot> mount(std::optional<NewRoot> earlier = std::nullopt) {
        RootPhase phase(services, options, plan, devices, mounter(), objects);
        return run(phase.mount(earlier));
    }
};

} // namespace

TEST_CASE("a root on a device belongs to the machine, an overlay over it to this boot") {
    Machine machine("root=/dev/sda rootfstype=ext4");
    CHECK_FALSE(machine.mount().value().in_memory);
    CHECK(machine.system.called("mount ext4 /dev/sda on /newroot (ro)"));
    Machine overlaid("root=/dev/sda rootfstype=ext4 overlaytmpfs");
    CHECK(overlaid.mount().value().in_memory);
    CHECK(overlaid.system.calls().back().starts_with("mount overlay overlay on /newroot (lowerdir="));
}

TEST_CASE("a diskless root is a tmpfs with the directories that every system expects") {
    Machine machine("alpine_dev=sda rootfstype=ext4 rootflags=size=1g");
    CHECK(machine.mount().value().in_memory);
    CHECK(machine.system.calls() ==
          std::vector<std::string>{"mount tmpfs tmpfs on /newroot (mode=0755,size=1g)"});
    CHECK(machine.exists("/newroot/tmp"));
}

TEST_CASE("what an earlier attempt mounted is left alone, and known for what it is") {
    Machine machine("root=http://h/root.tar");
    machine.mounted("/newroot");
    CHECK(machine.mount(NewRoot{true}).value().in_memory);
    CHECK_FALSE(machine.mount().value().in_memory); // by hand, in the rescue shell
    CHECK(machine.system.calls().empty());
}

TEST_CASE("an overlay that failed is tried again over the root that is mounted already") {
    Machine machine("root=/dev/sda rootfstype=ext4 overlaytmpfs");
    machine.system.answer("mount overlay", std::errc::no_such_device, 1);
    CHECK(machine.mount().error().first().code == "MPX-MNT-01");
    machine.mounted("/media/root-ro");
    machine.mounted("/media/root-rw");
    CHECK(machine.mount().value().in_memory);
    const auto calls = machine.system.calls();
    CHECK(std::count_if(calls.begin(), calls.end(), [](const std::string& call) {
              return call.starts_with("mount ext4 ") || call.starts_with("mount tmpfs ");
          }) == 2);
}

TEST_CASE("a tarball is unpacked into memory, and its download removed") {
    Machine machine("root=http://h/{MAC}.tar");
    machine.served["http://h/52-54-00-12-34-56.tar"] =
        test::TarBuilder().directory("etc/").file("etc/hostname", "own\n").gzip();
    CHECK(machine.mount().value().in_memory);
    CHECK(machine.content("/newroot/etc/hostname") == "own\n");
    CHECK_FALSE(machine.exists("/run/mkpxerd/downloads/root/52-54-00-12-34-56.tar"));
}

TEST_CASE("a damaged tarball is unmounted and downloaded again by the next attempt") {
    Machine machine("root=http://h/root.tar");
    machine.served["http://h/root.tar"] = "no archive";
    CHECK_FALSE(machine.mount());
    CHECK(machine.system.calls().back() == "unmount /newroot");
    machine.served["http://h/root.tar"] = test::TarBuilder().file("a", "b").gzip();
    CHECK(machine.mount());
    CHECK(machine.fetched.size() == 2);
}

TEST_CASE("a file system image is mounted where it lies, and cannot be changed") {
    Machine machine("root=http://h/root.img");
    machine.served["http://h/root.img"] = test::ext2_image();
    CHECK_FALSE(machine.mount().value().in_memory);
    CHECK(machine.system.called("loop /run/mkpxerd/downloads/root/root.img"));
    CHECK(machine.exists("/run/mkpxerd/downloads/root/root.img"));
}

TEST_CASE("all objects begin to download with the root") {
    Machine machine("root=/dev/sda rootfstype=ext4 modloop=http://h/modloop");
    machine.served["http://h/modloop"] = "squashfs";
    REQUIRE(machine.mount());
    machine.io.restart();
    machine.io.poll(); // in the background
    CHECK(machine.content("/run/mkpxerd/downloads/modloop/modloop") == "squashfs");
}
