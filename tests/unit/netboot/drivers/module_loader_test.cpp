// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/module_loader.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "module_machine.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("dependencies are loaded first, each once") {
    test::ModuleMachine machine;
    auto loader = machine.loader();
    REQUIRE(machine.load(loader, "nfs"));
    REQUIRE(machine.load(loader, "lockd"));
    CHECK(machine.loaded() == Names{"sunrpc.ko", "lockd.ko", "nfs.ko"});
    CHECK(machine.system.calls().front() == "module /lib/modules/6.1.0-9-lts/k/sunrpc.ko async_probe");
    CHECK(loader.loaded() == Names{"sunrpc", "lockd", "nfs"});
    REQUIRE(loader.loads().size() == 3);
    CHECK(loader.loads()[0].name == "nfs"); // queued first, begun last
    CHECK(loader.loads()[0].begun >= loader.loads()[1].ended);
    CHECK(loader.loads()[0].begun >= loader.loads()[2].ended);
}

TEST_CASE("softdeps come before and after; missing ones and cycles do no harm") {
    test::ModuleMachine machine;
    auto loader = machine.loader();
    loader.load_alias("pci:v10ECd8168sv1");
    machine.settle(loader);
    CHECK(machine.loaded() == Names{"realtek.ko", "crc32c_generic.ko", "r8169.ko.zst", "late.ko"});
    CHECK(machine.log.lines.size() == 4); // details, no warning
    REQUIRE(machine.load(loader, "ring1"));
    CHECK(loader.loaded().back() == "ring1");
}

TEST_CASE("a plain module that an overlay brings is loaded in place of the compressed one of the image") {
    test::ModuleMachine machine;
    machine.system.write("/lib/modules/6.1.0-9-lts/k/r8169.ko", "of an overlay");
    auto loader = machine.loader();
    REQUIRE(machine.load(loader, "r8169"));
    CHECK(machine.loaded() == Names{"realtek.ko", "crc32c_generic.ko", "r8169.ko", "late.ko"});
}

TEST_CASE("a dash is an underscore, and parameters are handed on") {
    test::ModuleMachine machine;
    machine.system.write("/etc/modprobe.d/x.conf", "options a one=1\n");
    machine.system.write("/proc/cmdline", "quiet a.three=3\n");
    auto loader = machine.loader();
    REQUIRE(machine.load(loader, "crc32c-generic"));
    REQUIRE(machine.load(loader, "a", "two=2"));
    CHECK(machine.system.calls().back() ==
          "module /lib/modules/6.1.0-9-lts/k/a.ko async_probe one=1 three=3 two=2");
}

TEST_CASE("what is built in or already loaded counts as loaded") {
    test::ModuleMachine machine;
    machine.system.write("/sys/module/strange/initstate", "live\n");
    auto loader = machine.loader();
    CHECK(machine.load(loader, "af-packet"));
    CHECK(machine.load(loader, "strange"));
    CHECK(loader.knows("af_packet"));
    CHECK_FALSE(loader.knows("nothing"));
    CHECK(machine.system.calls().empty());
    machine.system.answer("module", std::errc::file_exists);
    CHECK(machine.load(loader, "a"));
    CHECK(loader.loaded().empty());
}

TEST_CASE("an unknown module is named, with a similar name") {
    test::ModuleMachine machine;
    auto loader = machine.loader();
    const auto result = machine.load(loader, "r8196");
    REQUIRE_FALSE(result);
    CHECK(result.error().text() == "r8196: no such kernel module in the image (did you mean r8169?)");
    CHECK(result.error().first().code == "MPX-MOD-01");
}

TEST_CASE("what the kernel refuses is reported, and not tried again until it is forgotten") {
    test::ModuleMachine machine;
    machine.system.answer("module /lib/modules/6.1.0-9-lts/k/a.ko", std::errc::executable_format_error, 1);
    auto loader = machine.loader();
    const auto result = machine.load(loader, "b");
    REQUIRE_FALSE(result);
    CHECK(result.error().first().object == "a");
    CHECK(result.error().first().text == "is built for another kernel, or is damaged");
    CHECK(result.error().first().code == "MPX-MOD-02");
    CHECK_FALSE(machine.load(loader, "a"));
    CHECK(machine.system.calls().size() == 1);
    CHECK(loader.loads().at(0).problem == result.error().first().text);
    loader.forget_failures();
    CHECK(machine.load(loader, "b"));
}

TEST_CASE("an alias loads all its modules except the blacklist, and one of them is enough") {
    test::ModuleMachine machine;
    machine.system.write("/etc/modprobe.d/x.conf", "blacklist nfs\n");
    machine.system.answer("module /lib/modules/6.1.0-9-lts/k/b.ko", std::errc::no_such_device);
    auto loader = machine.loader();
    CHECK(machine.load(loader, "two-three"));
    CHECK(machine.loaded() == Names{"a.ko", "b.ko"});
    CHECK_FALSE(machine.load(loader, "fs-nfs4"));
    CHECK(machine.load(loader, "nfs"));
    loader.load_alias("two-four");
    loader.load_alias("nothing:at:all");
    machine.settle(loader);
    CHECK(machine.system.calls().size() == 5);
}

TEST_CASE(
    "a module that cannot be decompressed is refused with the reason, and the log says who decompresses") {
    test::ModuleMachine machine;
    machine.system.details["r8169.ko.zst"] = "zstd, decompressed by the init";
    auto loader = machine.loader();
    REQUIRE(machine.load(loader, "r8169"));
    CHECK(machine.log.says("module r8169 (zstd, decompressed by the init)"));
    machine.system.details["a.ko"] = "cannot be decompressed: bad data";
    machine.system.answer("module /lib/modules/6.1.0-9-lts/k/a.ko", std::errc::bad_message);
    const auto refused = machine.load(loader, "a");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().first().text == "cannot be decompressed: bad data");
    CHECK(refused.error().first().code == "MPX-MOD-02");
}

TEST_CASE("two modules that want each other before themselves are both loaded") {
    test::ModuleMachine machine;
    machine.system.write("/etc/modprobe.d/x.conf", "alias one ring1\nalias two ring2\n");
    auto loader = machine.loader();
    loader.load_alias("one");
    loader.load_alias("two");
    machine.settle(loader);
    CHECK(loader.loaded().size() == 2);
}

TEST_CASE("a softdep that depends on the module itself comes after it") {
    test::ModuleMachine machine;
    machine.system.write("/etc/modprobe.d/x.conf", "softdep a pre: b\n");
    auto loader = machine.loader();
    REQUIRE(machine.load(loader, "a"));
    machine.settle(loader);
    CHECK(machine.loaded() == Names{"a.ko", "b.ko"});
}

TEST_CASE("a module that does not return holds up those that wait for it, and no other") {
    test::ModuleMachine machine;
    machine.system.write("/etc/modprobe.d/x.conf", "alias slow b\nalias fast late\nalias again a\n");
    machine.system.hold("a.ko");
    auto loader = machine.loader(LoadMode::SideBySide);
    loader.load_alias("slow", "pci 0000:00:03.0");
    loader.load_alias("fast", "pci 0000:00:04.0", Urgency::Rest);
    REQUIRE(machine.load(loader, "late"));
    CHECK(loader.loaded() == Names{"late"});
    CHECK(loader.loading() == Names{"a", "b"});
    // A second request does not load it again, and ends at its own deadline.
    const auto late = test::run(machine.io, loader.load("a", {}, Urgency::Device, Clock::now()));
    REQUIRE_FALSE(late);
    CHECK(late.error().first().code == "MPX-SYS-04");
    loader.forget_failures();
    loader.load_alias("again", "pci 0000:00:03.0");
    REQUIRE(loader.unreturned(DeviceKind::Network));
    CHECK(loader.unreturned(DeviceKind::Storage)->object == "a");
    machine.system.let_go("a.ko");
    machine.settle(loader);
    CHECK(loader.loaded() == Names{"late", "a", "b"});
    CHECK_FALSE(loader.unreturned(DeviceKind::Network));
    CHECK(loader.loads()[0].device == "pci 0000:00:03.0");
}

TEST_CASE("a module that nothing needs is not told of as one that the boot waits for, until it is needed") {
    test::ModuleMachine machine;
    machine.system.write("/etc/modprobe.d/x.conf", "alias slow b\n");
    machine.system.hold("a.ko");
    auto loader = machine.loader(LoadMode::SideBySide);
    loader.load_alias("slow", "pci 0000:00:05.0", Urgency::Rest);
    machine.settle(loader, Urgency::Soon);
    CHECK_FALSE(loader.unreturned(DeviceKind::Network));
    const auto late = test::run(machine.io, loader.load("b", {}, Urgency::Device, Clock::now()));
    REQUIRE_FALSE(late);
    CHECK(late.error().first().object == "a");       // b has not begun
    REQUIRE(loader.unreturned(DeviceKind::Network)); // what it depends on has become as urgent
    machine.system.let_go("a.ko");
    machine.settle(loader);
}

TEST_CASE("a module that another process loads at the same time is loaded, whatever the kernel answers") {
    test::ModuleMachine machine;
    machine.system.answer("module", std::errc::device_or_resource_busy, 2);
    auto loader = machine.loader();
    CHECK(machine.load(loader, "a"));
    CHECK(machine.system.calls().size() == 3);
    machine.system.write("/sys/module/late/initstate", "live\n");
    CHECK(machine.load(loader, "late")); // the kernel's own modprobe was faster
    CHECK(machine.system.calls().size() == 3);
    test::ModuleMachine busy;
    busy.system.answer("module", std::errc::device_or_resource_busy);
    auto refused = busy.loader();
    CHECK(busy.load(refused, "a").error().first().code == "MPX-MOD-02");
    CHECK(busy.system.calls().size() == 3);
}

TEST_CASE(
    "a module that is live is loaded, though the kernel waits for the probes of others before it returns") {
    test::ModuleMachine machine;
    machine.system.hold("sunrpc.ko");
    machine.system.details["sunrpc.ko"] = "zstd, decompressed by the init";
    auto loader = machine.loader(LoadMode::SideBySide);
    const auto begun = [&] { return machine.system.called("module /lib/modules/6.1.0-9-lts/k/sunrpc.ko"); };
    const auto late = test::run(machine.io, loader.load("lockd", {}, Urgency::Device, Clock::now()));
    CHECK_FALSE(late);
    REQUIRE(test::run_until(machine.io, begun, 5s));
    machine.system.write("/sys/module/sunrpc/initstate", "coming\n");
    loader.note_live("sunrpc"); // kernels before 5.11 say so too early
    CHECK(loader.loading() == Names{"lockd", "sunrpc"});
    machine.system.write("/sys/module/sunrpc/initstate", "live\n");
    loader.note_live("sunrpc");
    loader.note_live("unknown");
    REQUIRE(machine.load(loader, "lockd"));
    CHECK(loader.loaded() == Names{"sunrpc", "lockd"});
    CHECK_FALSE(loader.unreturned(DeviceKind::Network));
    machine.system.let_go("sunrpc.ko");
    CHECK(test::run_until(
        machine.io, [&] { return machine.log.says("module sunrpc (zstd, decompressed by the init)"); }, 5s));
}

TEST_CASE("when events were lost, every module is asked whether it is live") {
    test::ModuleMachine machine;
    machine.system.hold("a.ko");
    auto loader = machine.loader(LoadMode::SideBySide);
    CHECK_FALSE(test::run(machine.io, loader.load("b", {}, Urgency::Device, Clock::now())));
    REQUIRE(test::run_until(
        machine.io, [&] { return machine.system.called("module /lib/modules/6.1.0-9-lts/k/a.ko"); }, 5s));
    machine.system.write("/sys/module/a/initstate", "live\n");
    loader.look_for_live();
    machine.settle(loader);
    CHECK(loader.loaded() == Names{"a", "b"});
    machine.system.let_go("a.ko");
}

TEST_CASE("a network driver begins when the one before it has returned, or a second later") {
    test::ModuleMachine machine;
    machine.system.write("/etc/modprobe.d/x.conf",
                         "alias pci:v1bc02 a\nalias pci:v2bc02 late\nalias pci:v3bc01 realtek\n");
    machine.system.hold("a.ko");
    auto loader = machine.loader(LoadMode::SideBySide);
    for (const char* card : {"pci:v1bc02", "pci:v2bc02", "pci:v3bc01"})
        loader.load_alias(card, card);
    REQUIRE(machine.load(loader, "realtek")); // storage takes no turns
    const bool in_time = GENERATE(true, false);
    INFO((in_time ? "returned" : "slow"));
    CHECK(loader.loading() == Names{"a", "late"});
    CHECK_FALSE(machine.system.called("module /lib/modules/6.1.0-9-lts/k/late.ko"));
    if (in_time) machine.system.let_go("a.ko");
    REQUIRE(machine.load(loader, "late"));
    const auto& loads = loader.loads();
    REQUIRE(loads[0].name == "a");
    REQUIRE(loads[1].name == "late");
    // From its turn on, not from its beginning: the thread that loads it may begin late.
    if (in_time)
        CHECK(*loads[1].begun >= *loads[0].ended);
    else
        CHECK(*loads[1].begun - loads[0].queued >= 1s);
    if (!in_time) machine.system.let_go("a.ko");
    machine.settle(loader);
}
