// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/options/image_check.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

std::string code(const test::FakeSystem& system) {
    const auto config = check_image(system);
    return config ? "whole" : std::string(code_text(config.error().first().code));
}

} // namespace

TEST_CASE("an image is whole when its last file says so") {
    test::FakeSystem system;
    system.write("/proc/meminfo", "MemTotal:         250000 kB\nMemFree: 1 kB\n");
    CHECK(code(system) == "MPX-INIT-01");
    CHECK(check_image(system).error().first().hint.find("256 MB") != std::string::npos);
    BootConfig config;
    config.entries = 7;
    config.epoch = 1700000000;
    system.write("/etc/mkpxerd/boot.conf", write_boot_config(config));
    CHECK(code(system) == "MPX-INIT-01");
    system.write("/etc/mkpxerd/complete", sentinel_text(6));
    CHECK(code(system) == "MPX-INIT-01");
    system.write("/etc/mkpxerd/complete", sentinel_text(7));
    CHECK(check_image(system).value() == config);
}

TEST_CASE("a damaged boot.conf is named by line") {
    test::FakeSystem system;
    system.write("/etc/mkpxerd/boot.conf", "entries=x\n");
    CHECK(code(system) == "MPX-INIT-02");
    CHECK(check_image(system).error().first().object == "etc/mkpxerd/boot.conf:1");
}

TEST_CASE("the image has apk when there is one to run") {
    test::FakeSystem system;
    CHECK_FALSE(read_image_abilities(system).has_apk);
    system.write("/sbin/apk", "x");
    CHECK_FALSE(read_image_abilities(system).has_apk);
    std::filesystem::permissions(system.host("/sbin/apk"), std::filesystem::perms(0755));
    CHECK(read_image_abilities(system).has_apk);
    CHECK(find_apk(system) == "/sbin/apk");
}

TEST_CASE("apk is found in every place where a system may have it") {
    for (const char* path : {"/sbin/apk", "/usr/sbin/apk", "/bin/apk", "/usr/bin/apk"}) {
        test::FakeSystem system;
        system.write(path, "x");
        CHECK_FALSE(find_apk(system));
        std::filesystem::permissions(system.host(path), std::filesystem::perms(0755));
        CHECK(find_apk(system) == path);
    }
}
