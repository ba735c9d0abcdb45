// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/mount/modloop.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"
#include "mkpxerd/netboot/drivers/modprobe.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

// squashfs 4.0, fs/squashfs/squashfs_fs.h: enough for libblkid to know it.
std::string squashfs() {
    std::string bytes(4096, '\0');
    std::string_view("hsqs").copy(bytes.data(), 4);
    bytes[28] = 4;
    bytes[40] = '\x00';
    bytes[41] = '\x10';
    return bytes;
}

struct Machine {
    Machine() {
        system.write("/newroot/lib/modloop-lts", squashfs());
        std::filesystem::create_directories(system.host("/newroot/lib"));
    }
    // What the mount of the squashfs would show.
    void holds(const std::string& version, const std::string& at = "/newroot/.modloop") {
        system.write(at + "/modules/" + version + "/modules.dep", "");
    }
    Result<void> attach(bool writable = true) {
        Modloop modloop(system, log, mounter);
        return test::run(io, modloop.attach("/newroot/lib/modloop-lts", writable,
                                            Clock::now() + std::chrono::seconds(20)));
    }
    test::FakeSystem system;
    test::MemoryLog log;
    boost::asio::io_context io{1};
    ModuleLoader modules{io, system, log, read_modules(system, log).value()};
    Children children{io, system};
    Devices devices{io, system, log, modules};
    Mounter mounter{io, system, log, children, modules, devices};
};

} // namespace

TEST_CASE("the modloop is mounted where Alpine has it, and /lib/modules links to it") {
    Machine machine;
    machine.holds("6.1.0-9-lts");
    machine.system.write("/newroot/.modloop/modules/firmware/a.bin", "");
    machine.system.write("/newroot/lib/modules/old/x", "");
    REQUIRE(machine.attach());
    CHECK(machine.system.calls() ==
          std::vector<std::string>{"loop /newroot/lib/modloop-lts",
                                   "mount squashfs /dev/loop7 on /newroot/.modloop (ro) flags=0x1"});
    const auto link = [&](const char* path) {
        return std::filesystem::read_symlink(machine.system.host(path));
    };
    CHECK(link("/newroot/lib/modules") == "/.modloop/modules");
    CHECK(link("/newroot/lib/firmware") == "/lib/modules/firmware");
    CHECK(machine.attach()); // again
}

TEST_CASE("firmware of the root stays") {
    Machine machine;
    machine.holds("6.1.0-9-lts");
    machine.system.write("/newroot/.modloop/modules/firmware/a.bin", "");
    machine.system.write("/newroot/lib/firmware/own.bin", "");
    REQUIRE(machine.attach());
    CHECK(std::filesystem::exists(machine.system.host("/newroot/lib/firmware/own.bin")));
}

TEST_CASE("a modloop for another kernel is refused with both versions, and unmounted") {
    Machine machine;
    machine.holds("6.6.1-0-lts");
    machine.holds("firmware");
    const auto result = machine.attach();
    REQUIRE_FALSE(result);
    CHECK(result.error().first().code == "MPX-LOOP-01");
    CHECK(result.error().first().text == "is for kernel 6.6.1-0-lts, but the running kernel is 6.1.0-9-lts");
    CHECK(machine.system.calls().back() == "unmount /newroot/.modloop");
}

TEST_CASE("a squashfs without modules is not a modloop") {
    Machine machine;
    CHECK(machine.attach().error().first().code == "MPX-LOOP-02");
}

TEST_CASE("the modules are bound into a root that may not be changed") {
    Machine machine;
    machine.holds("6.1.0-9-lts", "/run/mkpxerd/modloop");
    CHECK(machine.attach(false).error().first().code == "MPX-LOOP-03");
    std::filesystem::create_directories(machine.system.host("/newroot/lib/modules"));
    REQUIRE(machine.attach(false));
    CHECK(machine.system.calls().back() ==
          "mount mount /run/mkpxerd/modloop/modules on /newroot/lib/modules flags=0x1000");
}

TEST_CASE("the usual name has the flavour of the kernel") {
    CHECK(Modloop::usual_path("6.6.31-0-lts") == "boot/modloop-lts");
    CHECK(Modloop::usual_path("6.6.31") == "boot/modloop");
}
