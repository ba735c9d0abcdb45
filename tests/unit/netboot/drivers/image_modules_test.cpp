// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/drivers/image_modules.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "module_machine.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

using Names = std::vector<std::string>;

ImageModules lists(const std::string& modprobe_conf = "") {
    test::ModuleMachine machine;
    machine.system.write("/etc/modprobe.d/x.conf", modprobe_conf);
    return read_modules(machine.system, machine.log).value();
}

} // namespace

TEST_CASE("dependencies come in the order in which they are needed") {
    const ImageModules modules = lists();
    CHECK(modules.dependencies("nfs") == Names{"sunrpc", "lockd"});
    CHECK(modules.depends_on("nfs", "sunrpc"));
    CHECK_FALSE(modules.depends_on("sunrpc", "nfs"));
    CHECK_FALSE(modules.depends_on("absent", "nfs"));
}

TEST_CASE("aliases of modprobe.d replace those of depmod, and the blacklist holds for both") {
    CHECK(lists().resolve_alias("two-three") == Names{"a", "b"});
    CHECK(lists("alias two-* late\n").resolve_alias("two-three") == Names{"late"});
    CHECK(lists("blacklist a\n").resolve_alias("two-three") == Names{"b"});
}

TEST_CASE("softdeps and parameters of modprobe.d come after those of depmod, before those of a request") {
    const ImageModules modules = lists("softdep ring1 pre: late\noptions a x=1\n");
    CHECK(modules.softdeps("ring1", &Softdep::pre) == Names{"ring2", "late"});
    CHECK(modules.softdeps("ring1", &Softdep::post).empty());
    CHECK(modules.parameters("a", "y=2") == "async_probe x=1 y=2");
}

TEST_CASE("a module that drives no device does not wait for the probes of others") {
    const ImageModules modules = lists();
    CHECK(modules.parameters("nfs", "") == "async_probe"); // its aliases are of file systems
    CHECK(modules.parameters("sunrpc", "") == "async_probe");
    CHECK(modules.parameters("r8169", "").empty());
}

TEST_CASE("a name that is nearly one of a module is told with it") {
    CHECK(lists().not_found("r8196").hint == "did you mean r8169?");
    CHECK(lists().not_found("zzzzzzzz").code == "MPX-MOD-01");
}
