// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/root/packages.hpp"

#include <catch2/catch.hpp>

#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"
#include "mkpxerd/netboot/options/image_check.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

struct Machine {
    // An apk that writes down how it was called, and does what the test says.
    explicit Machine(const std::string& behaviour = "exit 0") {
        system.write("/sbin/apk", "#!/bin/sh\n{ printf '%s\\n' \"$@\"; echo --; cat; echo ==; } >> " +
                                      record().string() + "\n" + behaviour + "\n");
        std::filesystem::permissions(system.host("/sbin/apk"), std::filesystem::perms(0755));
        std::filesystem::create_directories(system.host("/newroot"));
    }
    std::filesystem::path record() const { return system.host("/record"); }
    std::string recorded() const { return read_file(record()).value(); }
    Result<void> install(PackageRequest request, Deadline deadline = Clock::now() + 20s) {
        PackageInstaller installer(io, system, log, children, find_apk(system).value(),
                                   {"PATH=/usr/bin:/bin"});
        return test::run(io, installer.install(std::move(request), deadline));
    }
    test::FakeSystem system;
    test::MemoryLog log;
    boost::asio::io_context io{1};
    Children children{io, system};
};

BootOptions options(std::string text) {
    const std::vector<CmdlineSource> sources = {{"kernel command line", std::move(text)}};
    return parse_boot_options(sources).value();
}

} // namespace

TEST_CASE("apk is called as mkinitfs calls it, but fails when a package is missing") {
    const Words forces = {"--force-overwrite", "--force-old-apk", "--force-non-repository",
                          "--no-commit-hooks"};
    const auto with_forces = [&](Words words, std::size_t at) {
        words.insert(words.begin() + static_cast<std::ptrdiff_t>(at), forces.begin(), forces.end());
        return words;
    };
    PackageRequest request{
        {"vim", "alpine-base"}, {"http://dl/main", "/media/alpine/apks"}, true, false, {{"etc/"}}};
    CHECK(apk_arguments(request) ==
          with_forces({"add", "--root", "/newroot", "--repository", "http://dl/main", "--repository",
                       "/media/alpine/apks", "--update-cache", "--clean-protected", "--overlay-from-stdin",
                       "vim", "alpine-base"},
                      7));
    request.network = false;
    request.keep_apk_new = true;
    request.repositories.clear();
    CHECK(apk_arguments(request) ==
          with_forces({"add", "--root", "/newroot", "--no-network", "vim", "alpine-base"}, 3));
    request.keep_apk_new = false;
    request.overlay_files.reset();
    request.best_effort = true;
    CHECK(apk_arguments(request) == with_forces({"add", "--root", "/newroot", "--force-broken-world",
                                                 "--no-network", "--clean-protected", "vim", "alpine-base"},
                                                3));
}

TEST_CASE("apk gets the names of the apkovl's files, and the kernel's file systems while it runs") {
    Machine machine;
    REQUIRE(
        machine.install({{"alpine-base"}, {"http://dl/main"}, true, false, Words{"etc/", "etc/hostname"}}));
    CHECK(machine.recorded() ==
          "add\n--root\n/newroot\n--repository\nhttp://dl/"
          "main\n--force-overwrite\n--force-old-apk\n--force-non-repository\n--no-commit-hooks\n"
          "--update-cache\n--clean-protected\n--overlay-from-stdin\nalpine-base\n--\n"
          "etc/\netc/hostname\n==\n");
    CHECK(machine.system.calls() == Words{"mount mount /sys on /newroot/sys flags=0x1000",
                                          "mount mount /proc on /newroot/proc flags=0x1000",
                                          "mount mount /dev on /newroot/dev flags=0x1000",
                                          "unmount /newroot/sys", "unmount /newroot/proc",
                                          "unmount /newroot/dev"});
}

TEST_CASE("without an apkovl apk has nothing to read") {
    Machine machine;
    REQUIRE(machine.install({.names = {"alpine-base"}}));
    CHECK(machine.recorded().ends_with("alpine-base\n--\n==\n"));
}

TEST_CASE("the database is made by a call of its own") {
    Machine machine;
    PackageInstaller installer(machine.io, machine.system, machine.log, machine.children, "/sbin/apk", {});
    REQUIRE(test::run(machine.io, installer.make_database(Clock::now() + 20s)));
    CHECK(machine.recorded() == "add\n--root\n/newroot\n--initdb\n--quiet\n--\n==\n");
}

TEST_CASE("what apk says is logged, and a failure is explained and cleaned up after") {
    Machine machine("echo 'ERROR: unable to select packages:'; echo '  vmi (no such package):' >&2; exit 1");
    const auto result = machine.install({.names = {"vmi"}});
    REQUIRE_FALSE(result);
    CHECK(result.error().first().code == "MPX-PKG-03");
    CHECK(result.error().first().object == "vmi");
    CHECK(machine.log.says("apk: ERROR: unable to select packages:"));
    CHECK(machine.system.called("unmount /newroot/dev"));
}

TEST_CASE("an apk that hangs is ended at the deadline, one that cannot run is named") {
    Machine machine("exec sleep 60");
    const auto start = Clock::now();
    CHECK(machine.install({.names = {"a"}}, start).error().first().code == "MPX-SYS-03");
    CHECK(Clock::now() - start < 10s);
    Machine other;
    other.system.write("/sbin/apk", "#!/no/such/interpreter\n");
    CHECK(other.install({.names = {"a"}}).error().first().code == "MPX-SYS-02");
}

TEST_CASE("packages are those of the option, of the apkovl's world, and alpine-base, each once") {
    test::FakeSystem system;
    system.write("/newroot/etc/apk/world", "vim\nopenssh\n alpine-base\n");
    CHECK(wanted_packages(system, options("pkgs=nano,vim"), true, false) ==
          Words{"nano", "vim", "openssh", "alpine-base"});
    CHECK(wanted_packages(system, options("pkgs=nano"), false, true) == Words{"nano", "alpine-base"});
    CHECK(wanted_packages(system, options("ssh_key=x"), false, true) == Words{"openssh", "alpine-base"});
    CHECK(wanted_packages(system, options("ssh_key=x ds=nocloud"), true, false) ==
          Words{"vim", "openssh", "alpine-base"});
    CHECK(wanted_packages(system, options("tinycloud"), false, true) ==
          Words{"tiny-cloud", "ifupdown-ng", "doas", "alpine-base"});
}

TEST_CASE("repositories on media are found three levels down and no deeper") {
    test::FakeSystem system;
    system.write("/media/alpine/apks/.boot_repository", "");
    system.write("/media/usb/a/b/.boot_repository", "");
    system.write("/media/usb/a/b/c/.boot_repository", "");
    system.write("/media/cd/.boot_repository", "");
    CHECK(find_boot_repositories(system) == Words{"/media/alpine/apks", "/media/cd", "/media/usb/a/b"});
}

TEST_CASE("a directory of a medium whose name would be another line of repositories is passed over") {
    test::FakeSystem system;
    system.write("/media/usb/a\nhttp://evil/.boot_repository", "");
    system.write("/media/usb/b c/.boot_repository", "");
    system.write("/media/usb/d/.boot_repository", "");
    CHECK(find_boot_repositories(system) == Words{"/media/usb/d"});
}
