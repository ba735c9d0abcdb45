// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/boot/package_phase.hpp"

#include <catch2/catch.hpp>

#include "boot_bench.hpp"
#include "elf_program.hpp"
#include "failure_text.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

// An apk that writes down how it was called, and ends with the status in /status.
struct Machine : test::BootBench {
    explicit Machine(const std::string& cmdline) : BootBench(cmdline) {
        system.write("/status", "0");
        program("/sbin/apk", fmt::format("#!/bin/sh\necho \"$@\" >> {}\nexit $(cat {})\n",
                                         system.host("/record").string(), system.host("/status").string()));
        std::filesystem::create_directories(system.host("/newroot"));
    }
    auto make_database() { return run(make_package_database(services, options, plan)); }
    Result<void> install(const UnpackedApkovl& apkovl = {{}, true}) {
        PackagePhase phase(services, options, plan, apkovl, objects, nullptr, mounter().mounter());
        return run(phase.install(PackageManager{"/sbin/apk"}));
    }
};

} // namespace

TEST_CASE("the database is made by the apk of the image, and only for a diskless root") {
    Machine machine("alpine_dev=sda");
    CHECK(machine.make_database().value()->apk == "/sbin/apk");
    CHECK(machine.content("/record") == "add --root /newroot --initdb --quiet\n");
    Machine mounted("root=/dev/sda");
    CHECK_FALSE(mounted.make_database().value());
    CHECK_FALSE(mounted.exists("/record"));
    Machine without("alpine_dev=sda");
    std::filesystem::remove(without.system.host("/sbin/apk"));
    CHECK_FALSE(without.make_database().value());
}

TEST_CASE("a database that cannot be made stops the boot, unless packages may be missing") {
    Machine machine("alpine_dev=sda");
    machine.system.write("/status", "1");
    CHECK_FALSE(machine.make_database());
    Machine lenient("alpine_dev=sda mkpxerd.optional=packages");
    lenient.system.write("/status", "1");
    CHECK(lenient.make_database().value()->apk == "/sbin/apk"); // others may be installed yet
    CHECK(lenient.says("continuing without packages"));
}

TEST_CASE("a failed installation is tried again with the services that were wanted at first") {
    Machine machine("alpine_dev=sda pkgs=vim alpine_repo=/media/alpine/apks");
    machine.system.write("/newroot/etc/.default_boot_services", "");
    machine.system.write("/status", "1");
    const UnpackedApkovl apkovl{std::vector<std::string>{"etc/"}, true};
    CHECK_FALSE(machine.install(apkovl));
    CHECK_FALSE(machine.exists("/newroot/etc/.default_boot_services"));
    machine.system.write("/status", "0");
    CHECK(machine.install(apkovl));
    const auto lines = machine.content("/record");
    const auto half = lines.size() / 2;
    CHECK(lines.substr(0, half) == lines.substr(half)); // the same twice
    CHECK(std::filesystem::is_symlink(machine.system.host("/newroot/etc/runlevels/sysinit/modloop")));
    CHECK(machine.content("/newroot/etc/apk/repositories") == "/media/alpine/apks\n");
}

TEST_CASE("an installation gives its time back to the boot, a failed one does not") {
    Machine machine("alpine_dev=sda pkgs=vim alpine_repo=/media/alpine/apks");
    const Deadline before = machine.time.deadline();
    machine.system.write("/status", "1");
    CHECK_FALSE(machine.install());
    CHECK(machine.time.deadline() == before);
    machine.system.write("/status", "0");
    CHECK(machine.install());
    CHECK(machine.time.deadline() > before);
}

TEST_CASE("without any repository there is an error, or a root that needs none") {
    Machine machine("alpine_dev=sda");
    CHECK(machine.install().error().first().code == "MPX-PKG-07");
    machine.program("/newroot/sbin/init", test::elf_program());
    CHECK(machine.install({std::vector<std::string>{"sbin/init"}, false}));
    CHECK(machine.says("no repository, and no packages to install"));
}

TEST_CASE("keys of ssh_key= are written, those of a URL without leaving the download behind") {
    Machine machine("alpine_dev=sda alpine_repo=/media/alpine/apks ssh_key=http://h/key");
    machine.served["http://h/key"] = "ssh-ed25519 AAAA me\n";
    REQUIRE(machine.install());
    CHECK(machine.content("/newroot/root/.ssh/authorized_keys") == "ssh-ed25519 AAAA me\n");
    CHECK_FALSE(machine.exists("/run/mkpxerd/downloads/ssh_key/key"));
    CHECK(machine.fetched.front().max_bytes == 64 << 10);
}

TEST_CASE("a root without a package manager is left alone") {
    Machine machine("root=/dev/sda");
    const UnpackedApkovl apkovl;
    PackagePhase phase(machine.services, machine.options, machine.plan, apkovl, machine.objects, nullptr,
                       machine.mounter().mounter());
    CHECK(machine.run(phase.install(std::nullopt)));
    CHECK_FALSE(machine.exists("/record"));
}
