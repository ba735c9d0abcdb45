// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/module_loader.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "module_machine.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("dependencies are loaded first, each once") {
    test::ModuleMachine machine;
    auto loader = machine.loader();
    REQUIRE(loader.load("nfs"));
    REQUIRE(loader.load("lockd"));
    CHECK(machine.loaded() == Names{"sunrpc.ko", "lockd.ko", "nfs.ko"});
    CHECK(machine.system.calls().front() == "module /lib/modules/6.1.0-9-lts/k/sunrpc.ko");
    CHECK(loader.loaded() == Names{"sunrpc", "lockd", "nfs"});
    REQUIRE(loader.loads().size() == 3);
    CHECK(loader.loads()[2].name == "nfs");
    CHECK(loader.loads()[2].begun >= loader.loads()[1].ended);
}

TEST_CASE("softdeps come before and after; missing ones and cycles do no harm") {
    test::ModuleMachine machine;
    auto loader = machine.loader();
    loader.load_alias("pci:v10ECd8168sv1");
    CHECK(machine.loaded() == Names{"realtek.ko", "crc32c_generic.ko", "r8169.ko.zst", "late.ko"});
    CHECK(machine.log.lines.size() == 4); // details, no warning
    REQUIRE(loader.load("ring1"));
    CHECK(loader.loaded().back() == "ring1");
}

TEST_CASE("a dash is an underscore, and parameters are handed on") {
    test::ModuleMachine machine;
    machine.system.write("/etc/modprobe.d/x.conf", "options a one=1\n");
    machine.system.write("/proc/cmdline", "quiet a.three=3\n");
    auto loader = machine.loader();
    REQUIRE(loader.load("crc32c-generic"));
    REQUIRE(loader.load("a", "two=2"));
    CHECK(machine.system.calls().back() == "module /lib/modules/6.1.0-9-lts/k/a.ko one=1 three=3 two=2");
}

TEST_CASE("what is built in or already loaded counts as loaded") {
    test::ModuleMachine machine;
    machine.system.write("/sys/module/strange/initstate", "live\n");
    auto loader = machine.loader();
    CHECK(loader.load("af-packet"));
    CHECK(loader.load("strange"));
    CHECK(loader.knows("af_packet"));
    CHECK_FALSE(loader.knows("nothing"));
    CHECK(machine.system.calls().empty());
    machine.system.answer("module", std::errc::file_exists);
    CHECK(loader.load("a"));
    CHECK(loader.loaded().empty());
}

TEST_CASE("an unknown module is named, with a similar name") {
    test::ModuleMachine machine;
    auto loader = machine.loader();
    const auto result = loader.load("r8196");
    REQUIRE_FALSE(result);
    CHECK(result.error().text() == "r8196: no such kernel module in the image (did you mean r8169?)");
    CHECK(result.error().first().code == "MPX-MOD-01");
}

TEST_CASE("what the kernel refuses is reported, and not tried again until it is forgotten") {
    test::ModuleMachine machine;
    machine.system.answer("module /lib/modules/6.1.0-9-lts/k/a.ko", std::errc::executable_format_error, 1);
    auto loader = machine.loader();
    const auto result = loader.load("b");
    REQUIRE_FALSE(result);
    CHECK(result.error().first().object == "a");
    CHECK(result.error().first().text == "is built for another kernel, or is damaged");
    CHECK(result.error().first().code == "MPX-MOD-02");
    CHECK_FALSE(loader.load("a"));
    CHECK(machine.system.calls().size() == 1);
    CHECK(loader.loads().at(0).problem == result.error().first().text);
    loader.forget_failures();
    CHECK(loader.load("b"));
}

TEST_CASE("an alias loads all its modules except the blacklist, and one of them is enough") {
    test::ModuleMachine machine;
    machine.system.write("/etc/modprobe.d/x.conf", "blacklist nfs\n");
    machine.system.answer("module /lib/modules/6.1.0-9-lts/k/b.ko", std::errc::no_such_device);
    auto loader = machine.loader();
    CHECK(loader.load("two-three"));
    CHECK(machine.loaded() == Names{"a.ko", "b.ko"});
    CHECK_FALSE(loader.load("fs-nfs4"));
    CHECK(loader.load("nfs"));
    loader.load_alias("two-four");
    loader.load_alias("nothing:at:all");
    CHECK(machine.system.calls().size() == 5);
}

TEST_CASE(
    "a module that cannot be decompressed is refused with the reason, and the log says who decompresses") {
    test::ModuleMachine machine;
    machine.system.details["r8169.ko.zst"] = "zstd, decompressed by the init";
    auto loader = machine.loader();
    REQUIRE(loader.load("r8169"));
    CHECK(machine.log.says("module r8169 (zstd, decompressed by the init)"));
    machine.system.details["a.ko"] = "cannot be decompressed: bad data";
    machine.system.answer("module /lib/modules/6.1.0-9-lts/k/a.ko", std::errc::bad_message);
    const auto refused = loader.load("a");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().first().text == "cannot be decompressed: bad data");
    CHECK(refused.error().first().code == "MPX-MOD-02");
}
