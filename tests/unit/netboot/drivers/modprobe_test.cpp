// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/modprobe.hpp"

#include <catch2/catch.hpp>

#include "module_machine.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("the init loads modules for the kernel under the name modprobe") {
    test::ModuleMachine machine;
    CHECK(run_modprobe(machine.system, machine.log, {"-q", "--", "fs-nfs4"}) == 0);
    CHECK(machine.loaded().back() == "nfs.ko");
    CHECK(run_modprobe(machine.system, machine.log, {"-q", "--", "fs-unknown"}) == 1);
    CHECK(run_modprobe(machine.system, machine.log, {"a", "x=1", "y=2"}) == 0);
    CHECK(machine.system.calls().back().ends_with("a.ko async_probe x=1 y=2"));
    CHECK(run_modprobe(machine.system, machine.log, {"-a", "a", "b", "nothing"}) == 1);
    CHECK(machine.loaded().back() == "b.ko");
}

TEST_CASE("modprobe.d is read in kmod's directories, and of two files with one name the first counts") {
    test::ModuleMachine machine;
    const std::vector<std::string> directories = {"/lib", "/usr/lib", "/usr/local/lib", "/run", "/etc"};
    for (const std::string& directory : directories) {
        machine.system.write(directory + "/modprobe.d/same.conf",
                             "options a from=" + directory.substr(1) + "\n");
        machine.system.write(directory + "/modprobe.d/z" + directory.substr(directory.rfind('/') + 1) +
                                 ".conf",
                             "options b x=" + directory.substr(1) + "\n");
        auto loader = machine.loader();
        REQUIRE(machine.load(loader, "b"));
        const auto& calls = machine.system.calls();
        CHECK(calls[calls.size() - 2].ends_with("/k/a.ko async_probe from=" + directory.substr(1)));
        CHECK(calls.back().find(" x=" + directory.substr(1)) != std::string::npos);
    }
}

TEST_CASE("an image without modules has none to load") {
    test::FakeSystem system;
    test::MemoryLog log;
    CHECK(read_modules(system, log).value().index.size() == 0);
    CHECK(run_modprobe(system, log, {"x"}) == 1);
}
