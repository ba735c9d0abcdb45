// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/diskless.hpp"

#include <catch2/catch.hpp>
#include <pty.h>
#include <sys/stat.h>

#include "fake_system.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

struct Machine {
    Machine() { std::filesystem::create_directories(system.host("/newroot")); }
    std::string content(std::string_view path) const { return read_file(system.host(path)).value(); }
    std::string link(std::string_view path) const {
        return std::filesystem::read_symlink(system.host(path)).string();
    }
    unsigned mode(std::string_view path) const {
        return static_cast<unsigned>(std::filesystem::status(system.host(path)).permissions()) & 07777U;
    }
    bool exists(std::string_view path) const {
        std::error_code ignored;
        return std::filesystem::exists(std::filesystem::symlink_status(system.host(path), ignored));
    }
    test::FakeSystem system;
};

BootOptions options(std::string text) {
    const std::vector<CmdlineSource> sources = {{"kernel command line", std::move(text)}};
    return parse_boot_options(sources).value();
}

NetworkState lease() {
    NetworkState network;
    network.interface = "eth0";
    network.mac = *MacAddress::parse("52:54:00:00:00:01");
    network.address = *Ipv4Address::parse("10.0.0.9");
    network.prefix = 24;
    network.gateway = Ipv4Address::parse("10.0.0.1");
    network.dns = {*Ipv4Address::parse("10.0.0.2"), *Ipv4Address::parse("10.0.0.3")};
    network.hostname = "node7";
    network.dynamic = true;
    network.lease_seconds = 3600;
    return network;
}

} // namespace

TEST_CASE("default services are wanted without an apkovl, or when it asks for them") {
    Machine machine;
    CHECK(wants_default_services(machine.system, false));
    CHECK_FALSE(wants_default_services(machine.system, true));
    machine.system.write("/newroot/etc/.default_boot_services", "");
    CHECK(wants_default_services(machine.system, true));
    REQUIRE(add_default_services(machine.system, options("ssh_key=x tinycloud")));
    CHECK(machine.link("/newroot/etc/runlevels/sysinit/modloop") == "/etc/init.d/modloop");
    CHECK(machine.link("/newroot/etc/runlevels/boot/hostname") == "/etc/init.d/hostname");
    CHECK(machine.link("/newroot/etc/runlevels/shutdown/mount-ro") == "/etc/init.d/mount-ro");
    CHECK(machine.link("/newroot/etc/runlevels/default/firstboot") == "/etc/init.d/firstboot");
    CHECK(machine.link("/newroot/etc/runlevels/default/sshd") == "/etc/init.d/sshd");
    CHECK(machine.link("/newroot/etc/runlevels/boot/tiny-cloud-boot") == "/etc/init.d/tiny-cloud-boot");
    CHECK_FALSE(machine.exists("/newroot/etc/.default_boot_services"));
    CHECK(add_default_services(machine.system, options(""))); // again
}

TEST_CASE("the clock service fits the machine") {
    Machine machine;
    REQUIRE(add_clock_service(machine.system));
    CHECK(machine.exists("/newroot/etc/runlevels/boot/swclock"));
    Machine other;
    other.system.write("/dev/rtc0", "");
    REQUIRE(add_clock_service(other.system));
    CHECK(other.exists("/newroot/etc/runlevels/boot/hwclock"));
}

TEST_CASE("keys of the image come into the root, and never through a link out of it") {
    Machine machine;
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
    Machine machine;
    CHECK_FALSE(has_apk_arch(machine.system));
    REQUIRE(set_apk_arch(machine.system, "x86_64"));
    CHECK_FALSE(machine.exists("/newroot/etc/apk/arch"));
    machine.system.write("/newroot/etc/apk/arch", "aarch64\n");
    REQUIRE(set_apk_arch(machine.system, "x86_64"));
    CHECK(machine.content("/newroot/etc/apk/arch") == "x86_64\n");
}

TEST_CASE("repositories are written unless the apkovl brings them") {
    Machine machine;
    REQUIRE(write_repositories(machine.system, {}));
    CHECK_FALSE(machine.exists("/newroot/etc/apk/repositories"));
    REQUIRE(write_repositories(machine.system, {"http://dl/main", "/media/alpine/apks"}));
    CHECK(machine.content("/newroot/etc/apk/repositories") == "http://dl/main\n/media/alpine/apks\n");
    REQUIRE(write_repositories(machine.system, {"http://other"}));
    CHECK(machine.content("/newroot/etc/apk/repositories").find("other") == std::string::npos);
    CHECK(machine.mode("/newroot/etc/apk/repositories") == 0644);
}

TEST_CASE("repositories with a password are for root alone") {
    Machine machine;
    REQUIRE(write_repositories(machine.system, {"http://dl/main", "https://me:s3cret@dl/main"}));
    CHECK(machine.mode("/newroot/etc/apk/repositories") == 0600);
    const auto lent = lend_repositories(machine.system, {"https://me:s3cret@dl/main"});
    REQUIRE(lent);
    CHECK(machine.content("/newroot/etc/apk/repositories.d/mkpxerd.list") == "https://me:s3cret@dl/main\n");
    CHECK(machine.mode("/newroot/etc/apk/repositories.d/mkpxerd.list") == 0600);
}

TEST_CASE("consoles are those that work, with aliases resolved") {
    Machine machine;
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
    Machine machine;
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
    Machine machine;
    machine.system.write("/newroot/root/.ssh/authorized_keys", "ssh-rsa old");
    REQUIRE(add_ssh_key(machine.system, "ssh-ed25519 new\n\n"));
    CHECK(machine.content("/newroot/root/.ssh/authorized_keys") == "ssh-rsa old\nssh-ed25519 new\n");
    struct stat st {};
    REQUIRE(::stat(machine.system.host("/newroot/root/.ssh/authorized_keys").c_str(), &st) == 0);
    CHECK((st.st_mode & 0777) == 0600);
    Machine other;
    REQUIRE(add_ssh_key(other.system, "key"));
    REQUIRE(::stat(other.system.host("/newroot/root/.ssh").c_str(), &st) == 0);
    CHECK((st.st_mode & 0777) == 0700);
}

TEST_CASE("the lease is handed over unless the root knows better") {
    Machine machine;
    machine.system.write("/newroot/etc/hostname", "own\n");
    REQUIRE(hand_over_lease(machine.system, lease()));
    CHECK(machine.content("/newroot/etc/resolv.conf") == "nameserver 10.0.0.2\nnameserver 10.0.0.3\n");
    CHECK(machine.content("/newroot/etc/hostname") == "own\n");
    CHECK(machine.content("/newroot/etc/network/interfaces") ==
          "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n");
    auto fixed = lease();
    fixed.dynamic = false;
    Machine other;
    REQUIRE(hand_over_lease(other.system, fixed));
    CHECK(other.content("/newroot/etc/network/interfaces")
              .ends_with("iface eth0 inet static\n\taddress 10.0.0.9/24\n\tgateway 10.0.0.1\n"));
    CHECK(other.content("/newroot/etc/hostname") == "node7\n");
}
