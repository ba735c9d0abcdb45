// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/mount/file_system_module.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "module_machine.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

using Names = std::vector<std::string>;

Result<void> load(test::ModuleMachine& machine, ModuleLoader& loader, const std::string& type,
                  std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    return test::run(machine.io, load_file_system(loader, machine.log, type, Clock::now() + patience));
}

} // namespace

TEST_CASE("a file system is loaded by its name or by the kernel's alias for it") {
    test::ModuleMachine machine;
    auto loader = machine.loader();
    CHECK(load(machine, loader, "a"));
    CHECK(load(machine, loader, "nfs4")); // alias fs-nfs4
    CHECK(machine.loaded() == Names{"a.ko", "sunrpc.ko", "lockd.ko", "nfs.ko"});
}

TEST_CASE("mount(2) reports what is no module, and a refused module is a warning") {
    test::ModuleMachine machine;
    machine.system.answer("module", std::errc::executable_format_error);
    auto loader = machine.loader();
    CHECK(load(machine, loader, "zfs"));
    CHECK(machine.log.lines.empty());
    CHECK(load(machine, loader, "a"));
    CHECK(machine.log.says("a: is built for another kernel, or is damaged"));
}

TEST_CASE("a module that has not returned is named, as mount(2) would wait for it") {
    test::ModuleMachine machine;
    machine.system.hold("sunrpc.ko");
    auto loader = machine.loader(LoadMode::SideBySide);
    const auto late = load(machine, loader, "nfs4", std::chrono::milliseconds(5));
    REQUIRE_FALSE(late);
    CHECK(late.error().first().object == "sunrpc");
    CHECK(late.error().first().code == "MPX-SYS-04");
    machine.system.let_go("sunrpc.ko");
    CHECK(load(machine, loader, "nfs4"));
}
