// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/logins.hpp"

#include <catch2/catch.hpp>
#include <pty.h>
#include <sys/stat.h>

#include "new_root.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

TEST_CASE("consoles are those that work, with aliases resolved") {
    test::NewRoot machine;
    int master = -1;
    int slave = -1;
    char name[64] = {};
    REQUIRE(::openpty(&master, &slave, name, nullptr, nullptr) == 0);
    const UniqueFd master_fd(master);
    const UniqueFd slave_fd(slave);
    std::filesystem::create_directories(machine.system.host("/dev"));
    for (const char* terminal : {"ttyS0", "tty1", "ttyS1"})
        std::filesystem::create_symlink(name, machine.system.host(std::string("/dev/") + terminal));
    machine.system.write("/dev/ttyS3", "no terminal");
    machine.system.write("/sys/class/tty/console/active", "tty0 ttyS0\n");
    machine.system.write("/sys/class/tty/tty0/active", "tty1\n");
    machine.system.write("/sys/class/tty/ttyS1/device/x", "");
    machine.system.write("/sys/class/tty/ttyS3/device/x", "");
    using Names = std::vector<std::string>;
    CHECK(login_consoles(machine.system, {"ttyS0", "ttyS9"}, false) == Names{"tty1", "ttyS0"});
    CHECK(login_consoles(machine.system, {}, true) == Names{"tty1", "ttyS0", "ttyS1"});
}

TEST_CASE("logins are added where there is an inittab that lacks them") {
    test::NewRoot machine;
    REQUIRE(add_logins(machine.system, {"ttyS0"}));
    CHECK_FALSE(machine.exists("/newroot/etc/inittab"));
    machine.system.write("/newroot/etc/inittab",
                         "::sysinit:/sbin/openrc sysinit\ntty1::respawn:/sbin/getty 38400 tty1");
    machine.system.write("/newroot/etc/securetty", "# not ttyS0\n#ttyS0\ntty1\n");
    REQUIRE(add_logins(machine.system, {"tty1", "ttyS0"}));
    REQUIRE(add_logins(machine.system, {"tty1", "ttyS0"}));
    CHECK(machine.content("/newroot/etc/inittab") ==
          "::sysinit:/sbin/openrc sysinit\ntty1::respawn:/sbin/getty 38400 tty1\n"
          "# a login on the console of this boot\nttyS0::respawn:/sbin/getty -L 0 ttyS0 vt100\n");
    CHECK(machine.content("/newroot/etc/securetty") == "# not ttyS0\n#ttyS0\ntty1\nttyS0\n");
}

TEST_CASE("ssh keys are added for root alone") {
    test::NewRoot machine;
    machine.system.write("/newroot/root/.ssh/authorized_keys", "ssh-rsa old");
    REQUIRE(add_ssh_key(machine.system, "ssh-ed25519 new\n\n"));
    CHECK(machine.content("/newroot/root/.ssh/authorized_keys") == "ssh-rsa old\nssh-ed25519 new\n");
    struct stat st {};
    REQUIRE(::stat(machine.system.host("/newroot/root/.ssh/authorized_keys").c_str(), &st) == 0);
    CHECK((st.st_mode & 0777) == 0600);
    test::NewRoot other;
    REQUIRE(add_ssh_key(other.system, "key"));
    REQUIRE(::stat(other.system.host("/newroot/root/.ssh").c_str(), &st) == 0);
    CHECK((st.st_mode & 0777) == 0700);
}
