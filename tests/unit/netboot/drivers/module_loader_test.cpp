// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/module_loader.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"
#include "mkpxerd/netboot/drivers/modprobe.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Machine {
    Machine() {
        const std::string directory = "/lib/modules/6.1.0-9-lts/";
        system.write(directory + "modules.dep",
                     "k/nfs.ko: k/lockd.ko k/sunrpc.ko\nk/lockd.ko: k/sunrpc.ko\nk/sunrpc.ko:\n"
                     "k/r8169.ko.zst:\nk/realtek.ko:\nk/crc32c_generic.ko:\nk/late.ko:\nk/a.ko:\n"
                     "k/b.ko: k/a.ko\nk/ring1.ko:\nk/ring2.ko:\n");
        system.write(directory + "modules.builtin", "kernel/net/packet/af_packet.ko\n");
        system.write(directory + "modules.softdep", "softdep r8169 pre: realtek crc32c missing post: late\n"
                                                    "softdep ring1 pre: ring2\nsoftdep ring2 pre: ring1\n");
        system.write(directory + "modules.alias", "alias pci:v10ECd8168* r8169\nalias crc32c crc32c_generic\n"
                                                  "alias fs-nfs4 nfs\nalias two-* a\nalias two-* b\n");
    }
    ModuleLoader loader() { return open_modules(system, log).value(); }
    std::vector<std::string> loaded() const {
        std::vector<std::string> names;
        for (const auto& call : system.calls())
            names.push_back(call.substr(call.rfind('/') + 1));
        return names;
    }
    test::FakeSystem system;
    test::MemoryLog log;
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("dependencies are loaded first, each once") {
    Machine machine;
    auto loader = machine.loader();
    REQUIRE(loader.load("nfs"));
    REQUIRE(loader.load("lockd"));
    CHECK(machine.loaded() == Names{"sunrpc.ko", "lockd.ko", "nfs.ko"});
    CHECK(machine.system.calls().front() == "module /lib/modules/6.1.0-9-lts/k/sunrpc.ko");
    CHECK(loader.loaded() == Names{"sunrpc", "lockd", "nfs"});
}

TEST_CASE("softdeps come before and after, missing ones and circles are no matter") {
    Machine machine;
    auto loader = machine.loader();
    loader.load_alias("pci:v10ECd8168sv1");
    CHECK(machine.loaded() == Names{"realtek.ko", "crc32c_generic.ko", "r8169.ko.zst", "late.ko"});
    CHECK(machine.log.lines.size() == 4); // details, no warning
    REQUIRE(loader.load("ring1"));
    CHECK(loader.loaded().back() == "ring1");
}

TEST_CASE("a dash is an underscore, and parameters are handed on") {
    Machine machine;
    machine.system.write("/etc/modprobe.d/x.conf", "options a one=1\n");
    machine.system.write("/proc/cmdline", "quiet a.three=3\n");
    auto loader = machine.loader();
    REQUIRE(loader.load("crc32c-generic"));
    REQUIRE(loader.load("a", "two=2"));
    CHECK(machine.system.calls().back() == "module /lib/modules/6.1.0-9-lts/k/a.ko one=1 three=3 two=2");
}

TEST_CASE("modprobe.d is read in kmod's directories, and of two files of one name that of the first counts") {
    Machine machine;
    const std::vector<std::string> directories = {"/lib", "/usr/lib", "/usr/local/lib", "/run", "/etc"};
    std::string expected;
    for (const std::string& directory : directories) {
        machine.system.write(directory + "/modprobe.d/same.conf",
                             "options a from=" + directory.substr(1) + "\n");
        machine.system.write(directory + "/modprobe.d/z" + directory.substr(directory.rfind('/') + 1) +
                                 ".conf",
                             "options b x=" + directory.substr(1) + "\n");
        auto loader = machine.loader();
        REQUIRE(loader.load("b"));
        const auto& calls = machine.system.calls();
        CHECK(calls[calls.size() - 2].ends_with("/k/a.ko from=" + directory.substr(1)));
        CHECK(calls.back().find(" x=" + directory.substr(1)) != std::string::npos);
    }
}

TEST_CASE("what is built in or loaded already is there") {
    Machine machine;
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

TEST_CASE("an unknown module is named, with what may have been meant") {
    Machine machine;
    auto loader = machine.loader();
    const auto result = loader.load("r8196");
    REQUIRE_FALSE(result);
    CHECK(result.error().text() == "r8196: no such kernel module in the image (did you mean r8169?)");
    CHECK(result.error().first().code == "MPX-MOD-01");
}

TEST_CASE("what the kernel refuses is told, and not tried again until it is forgotten") {
    Machine machine;
    machine.system.answer("module /lib/modules/6.1.0-9-lts/k/a.ko", std::errc::executable_format_error, 1);
    auto loader = machine.loader();
    const auto result = loader.load("b");
    REQUIRE_FALSE(result);
    CHECK(result.error().first().object == "a");
    CHECK(result.error().first().text == "is built for another kernel, or is damaged");
    CHECK(result.error().first().code == "MPX-MOD-02");
    CHECK_FALSE(loader.load("a"));
    CHECK(machine.system.calls().size() == 1);
    loader.forget_failures();
    CHECK(loader.load("b"));
}

TEST_CASE("an alias loads everything that serves it, except the blacklist, and one failure is not all") {
    Machine machine;
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

TEST_CASE("the kernel's own request is served under the name modprobe") {
    Machine machine;
    CHECK(run_modprobe(machine.system, machine.log, {"-q", "--", "fs-nfs4"}) == 0);
    CHECK(machine.loaded().back() == "nfs.ko");
    CHECK(run_modprobe(machine.system, machine.log, {"-q", "--", "fs-unknown"}) == 1);
    CHECK(run_modprobe(machine.system, machine.log, {"a", "x=1", "y=2"}) == 0);
    CHECK(machine.system.calls().back().ends_with("a.ko x=1 y=2"));
    CHECK(run_modprobe(machine.system, machine.log, {"-a", "a", "b", "nothing"}) == 1);
    CHECK(machine.loaded().back() == "b.ko");
}

TEST_CASE("an image without modules serves what is built in") {
    test::FakeSystem system;
    test::MemoryLog log;
    auto loader = open_modules(system, log).value();
    CHECK(loader.index().size() == 0);
    CHECK_FALSE(loader.load("x"));
}
