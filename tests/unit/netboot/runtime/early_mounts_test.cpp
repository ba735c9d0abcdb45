// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/runtime/early_mounts.hpp"

#include <catch2/catch.hpp>
#include <sys/mount.h>

#include "failure_text.hpp"
#include "fake_system.hpp"
#include "mkpxerd/netboot/runtime/boot_places.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

std::vector<std::string> targets(const test::FakeSystem& system) {
    std::vector<std::string> all;
    for (const MountCall& call : early_mounts())
        if (system.called("mount " + call.text())) all.push_back(call.target);
    return all;
}

} // namespace

TEST_CASE("every early file system is mounted, parents first, and nothing in them can gain rights") {
    test::FakeSystem system;
    REQUIRE(mount_early(system));
    CHECK(targets(system) ==
          std::vector<std::string>{"/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/run"});
    CHECK(system.calls().size() == early_mounts().size());
    std::vector<std::string> before;
    for (const MountCall& call : early_mounts()) {
        CHECK((call.flags & MS_NOSUID) != 0);
        CHECK(std::filesystem::is_directory(system.host(call.target)));
        for (const std::string& earlier : before)
            CHECK_FALSE(earlier.starts_with(call.target + '/'));
        before.push_back(call.target);
    }
    const auto permissions = std::filesystem::status(system.host(run_directory)).permissions();
    CHECK(permissions == std::filesystem::perms::owner_all);
}

TEST_CASE("a file system that is mounted already is busy, and no error") {
    test::FakeSystem system;
    system.answer("mount", std::errc::device_or_resource_busy);
    CHECK(mount_early(system));
    CHECK(system.calls().size() == early_mounts().size());
}

TEST_CASE("without one of the four that everything needs there is no boot, without the other two there is") {
    for (const MountCall& call : early_mounts()) {
        test::FakeSystem system;
        system.answer("mount " + call.text(), std::errc::no_such_device);
        const auto mounted = mount_early(system);
        CAPTURE(call.target);
        if (call.target.starts_with("/dev/")) {
            CHECK(mounted);
            CHECK(system.calls().size() == early_mounts().size());
        } else {
            REQUIRE_FALSE(mounted);
            CHECK(mounted.error().first().code == "MPX-INIT-03");
            CHECK(mounted.error().first().object == call.text());
        }
    }
}
