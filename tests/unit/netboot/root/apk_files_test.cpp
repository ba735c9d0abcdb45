// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/apk_files.hpp"

#include <catch2/catch.hpp>

#include "new_root.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("keys of the image come into the root, and never through a link out of it") {
    test::NewRoot machine;
    machine.system.write("/etc/apk/keys/a.rsa.pub", "key a");
    machine.system.write("/victim", "untouched");
    std::filesystem::create_directories(machine.system.host("/newroot/etc/apk/keys"));
    std::filesystem::create_symlink(machine.system.host("/victim"),
                                    machine.system.host("/newroot/etc/apk/keys/a.rsa.pub"));
    CHECK(copy_keys(machine.system).value() == false);
    CHECK(machine.content("/newroot/etc/apk/keys/a.rsa.pub") == "key a");
    CHECK(machine.content("/victim") == "untouched");
    machine.system.write("/var/cache/misc/modloop-lts.SIGN.RSA.alpine.pub", "key m");
    CHECK(copy_keys(machine.system).value() == true);
    CHECK(machine.content("/newroot/var/cache/misc/modloop-lts.SIGN.RSA.alpine.pub") == "key m");
}

TEST_CASE("the architecture of apk is set where the root has one") {
    test::NewRoot machine;
    CHECK_FALSE(has_apk_arch(machine.system));
    REQUIRE(set_apk_arch(machine.system, "x86_64"));
    CHECK_FALSE(machine.exists("/newroot/etc/apk/arch"));
    machine.system.write("/newroot/etc/apk/arch", "aarch64\n");
    REQUIRE(set_apk_arch(machine.system, "x86_64"));
    CHECK(machine.content("/newroot/etc/apk/arch") == "x86_64\n");
}

TEST_CASE("repositories are written unless the apkovl brings them") {
    test::NewRoot machine;
    REQUIRE(write_repositories(machine.system, {}));
    CHECK_FALSE(machine.exists("/newroot/etc/apk/repositories"));
    REQUIRE(write_repositories(machine.system, {"http://dl/main", "/media/alpine/apks"}));
    CHECK(machine.content("/newroot/etc/apk/repositories") == "http://dl/main\n/media/alpine/apks\n");
    REQUIRE(write_repositories(machine.system, {"http://other"}));
    CHECK(machine.content("/newroot/etc/apk/repositories").find("other") == std::string::npos);
    CHECK(machine.mode("/newroot/etc/apk/repositories") == 0644);
}

TEST_CASE("only root can read repositories with a password") {
    test::NewRoot machine;
    REQUIRE(write_repositories(machine.system, {"http://dl/main", "https://me:s3cret@dl/main"}));
    CHECK(machine.mode("/newroot/etc/apk/repositories") == 0600);
    const auto lent = write_run_repositories(machine.system, {"https://me:s3cret@dl/main"});
    REQUIRE(lent);
    CHECK(machine.content("/newroot/etc/apk/repositories.d/mkpxerd.list") == "https://me:s3cret@dl/main\n");
    CHECK(machine.mode("/newroot/etc/apk/repositories.d/mkpxerd.list") == 0600);
}
