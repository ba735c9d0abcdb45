// SPDX-License-Identifier: MIT
// Whole boots against a System that records: what is mounted and handed over, and what a failure says.
#include "mkpxerd/netboot/boot/boot.hpp"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>
#include <pty.h>
#include <sys/stat.h>

#include "elf_program.hpp"
#include "ext2_image.hpp"
#include "failure_text.hpp"
#include "fake_clock.hpp"
#include "fake_system.hpp"
#include "signer.hpp"
#include "tar_builder.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Machine {
    explicit Machine(const std::string& cmdline) {
        BootConfig config;
        config.entries = 3;
        config.epoch = 1600000000;
        system.write("/etc/mkpxerd/boot.conf", write_boot_config(config));
        system.write("/etc/mkpxerd/complete", sentinel_text(3));
        system.write("/proc/cmdline", cmdline + "\n");
        system.write("/proc/self/mountinfo", "20 1 0:18 / /proc rw - proc proc rw\n");
        system.write("/dev/sda", "");
    }
    void pin(const std::string& object, std::string sha256) {
        BootConfig config;
        config.entries = 3;
        config.pins[object] = std::move(sha256);
        system.write("/etc/mkpxerd/boot.conf", write_boot_config(config));
    }
    unsigned mode(std::string_view path) const {
        return static_cast<unsigned>(std::filesystem::status(system.host(path)).permissions()) & 07777U;
    }
    void program(const std::string& path, const std::string& text) const { system.program(path, text); }
    // True: handed over. False: it waits, or has restarted. soon: what happens while it runs.
    bool boot(std::chrono::milliseconds patience = 10s, const std::function<void()>& soon = {}) {
        boost::asio::io_context io(1);
        Timer timer(io, Clock::now() + 300ms);
        if (soon) timer.async_wait([&](boost::system::error_code error) { error ? void() : soon(); });
        Boot boot(io, system, log, {.retry_pause = 0ms});
        bool done = false;
        boost::asio::co_spawn(io, boot.run(), [&](std::exception_ptr exception) {
            if (exception) std::rethrow_exception(exception);
            done = true;
        });
        test::run_until(
            io, [&] { return done || system.called("reboot"); }, patience,
            [this] { return system.is_busy_beside_first(); });
        return done;
    }
    std::string said() const {
        std::string text;
        for (const auto& line : log.lines())
            text += line.text + "\n";
        return text;
    }
    bool says(std::string_view part) const { return said().find(part) != std::string::npos; }
    std::string content(std::string_view path) const { return read_file(system.host(path)).value(); }

    test::FakeSystem system;
    ConsoleLog log{system.host("/")};
};

test::TarBuilder apkovl() {
    return test::TarBuilder()
        .directory("etc/")
        .file("etc/hostname", "own\n")
        .directory("sbin/")
        .file("sbin/init", test::elf_program(), 0755);
}

} // namespace

TEST_CASE("a root on a device is mounted read-only, and its init gets its arguments") {
    Machine machine("root=/dev/sda rootfstype=ext4 rootflags=noatime init=/bin/start init_args=-a -- -b");
    machine.program("/newroot/bin/start", test::elf_program());
    CHECK(machine.boot());
    CHECK(machine.system.calls().back() == "become /bin/start -a -b");
    CHECK(machine.system.called("mount ext4 /dev/sda on /newroot (ro)"));
    CHECK(machine.says("handover to /bin/start on /dev/sda after "));
    CHECK(machine.content("/run/mkpxerd/report.json").find("\"result\": \"handover\"") != std::string::npos);
}

TEST_CASE("an overlay keeps the changes to a root in memory") {
    Machine machine("root=/dev/sda rootfstype=ext4 overlaytmpfs rw");
    machine.program("/newroot/sbin/init", test::elf_program());
    CHECK(machine.boot());
    CHECK(machine.system.called("mount ext4 /dev/sda on /media/root-ro (ro)"));
    CHECK(machine.system.called("mount overlay overlay on /newroot (lowerdir=/media/root-ro,"));
}

TEST_CASE("options of the root are not those of the layers over it") {
    Machine machine("root=/dev/sda rootfstype=ext4 rootflags=nodelalloc,ro overlaytmpfs ro");
    machine.program("/newroot/sbin/init", test::elf_program());
    CHECK(machine.boot());
    CHECK(machine.system.called("mount ext4 /dev/sda on /media/root-ro (ro,nodelalloc)"));
    CHECK(machine.system.called("mount tmpfs root-tmpfs on /media/root-rw (mode=0755)"));
    CHECK(machine.system.called("mount overlay overlay on /newroot (lowerdir=/media/root-ro,"));
}

TEST_CASE("a separate /usr of the root is mounted") {
    Machine machine("root=/dev/sda rootfstype=ext4 panic=-1");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.write("/newroot/etc/fstab", "# fs\n/dev/sda / ext4 ro 0 1\n/dev/sda /usr xfs ro 0 2\n");
    CHECK(machine.boot());
    CHECK(machine.system.called("mount xfs /dev/sda on /newroot/usr (ro)"));
}

TEST_CASE("the options of fstab's /usr hold, and usrflags= stands for them") {
    const auto mounts = [](const std::string& line, const std::string& option, const std::string& call) {
        Machine machine("root=/dev/sda rootfstype=ext4 panic=-1 " + option);
        machine.program("/newroot/sbin/init", test::elf_program());
        machine.system.write("/newroot/etc/fstab", line + "\n");
        CHECK(machine.boot());
        return machine.system.called(call);
    };
    const std::string at_usr = "mount btrfs /dev/sda on /newroot/usr ";
    CHECK(mounts("/dev/sda /usr btrfs subvol=@usr,nodev 0 2", "", at_usr + "(ro,subvol=@usr) flags=0x5"));
    CHECK(mounts("/dev/sda /usr/ btrfs defaults,rw,compress=zstd", "", at_usr + "(compress=zstd)"));
    CHECK(mounts("/dev/sda /usr btrfs subvol=@usr", "usrflags=noatime", at_usr + "flags=0x400"));
    CHECK_FALSE(mounts("/dev/sda /usr btrfs noauto", "", at_usr));
    CHECK_FALSE(mounts("#/dev/sda /usr btrfs ro", "", at_usr));
    CHECK_FALSE(mounts("/data/usr /usr none bind", "", "mount none"));
}

TEST_CASE("a /usr that may be missing does not hold the boot, one by NFS needs the network") {
    Machine machine("root=/dev/sda rootfstype=ext4 panic=-1");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.answer("mount xfs", std::errc::io_error);
    machine.system.write("/newroot/etc/fstab", "/dev/sda /usr xfs nofail 0 2\n");
    CHECK(machine.boot());
    CHECK(machine.says("continuing without /usr, which is nofail: MPX-MNT-01"));
    Machine nfs("root=/dev/sda rootfstype=ext4 panic=-1");
    nfs.program("/newroot/sbin/init", test::elf_program());
    nfs.system.write("/newroot/etc/fstab", "server:/usr /usr nfs ro 0 0\n");
    CHECK_FALSE(nfs.boot());
    CHECK(nfs.says("failed MPX-OPT-03 root: nfs:server:/usr: needs the network, which is off"));
}

TEST_CASE("a root in memory is writable, whatever rootflags= and an fstab say") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz rootflags=ro,size=1g");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/apks/.boot_repository", "");
    machine.program("/sbin/apk", "#!/bin/sh\n");
    machine.system.write(
        "/media/alpine/host.apkovl.tar.gz",
        apkovl().file("etc/fstab", "#tmpfs / tmpfs size=7g 0 0\ntmpfs / tmpfs ro,size=2g 0 0\n").gzip());
    CHECK(machine.boot());
    CHECK(machine.system.called("mount tmpfs tmpfs on /newroot (mode=0755,size=1g)"));
    CHECK(machine.system.called("mount tmpfs tmpfs on /newroot (size=2g) flags=0x20"));
    CHECK_FALSE(machine.system.called("mount tmpfs tmpfs on /newroot (size=7g)"));
    CHECK(machine.says("/newroot: ignoring ro"));
}

TEST_CASE("ctrl-alt-del tells the init while it runs, and is the new root's again afterwards") {
    Machine machine("root=/dev/sda rootfstype=ext4 panic=-1");
    machine.system.write("/proc/sys/kernel/ctrl-alt-del", "1\n");
    machine.system.answer("become", std::errc::executable_format_error, 1);
    machine.program("/newroot/sbin/init", test::elf_program());
    CHECK_FALSE(machine.boot(2s));
    CHECK(machine.says("failed MPX-ROOT-06 handover: "));
    CHECK(machine.content("/proc/sys/kernel/ctrl-alt-del") == "0\n");
    Machine good("root=/dev/sda rootfstype=ext4");
    good.system.write("/proc/sys/kernel/ctrl-alt-del", "1\n");
    good.program("/newroot/sbin/init", test::elf_program());
    CHECK(good.boot());
    CHECK(good.content("/proc/sys/kernel/ctrl-alt-del") == "1\n");
}

TEST_CASE("a hand-over that failed is tried again, and goes through") {
    Machine machine("root=/dev/sda rootfstype=ext4 mkpxerd.onfail=retry");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.answer("become", std::errc::executable_format_error, 1);
    CHECK(machine.boot(20s));
    const auto calls = machine.system.calls();
    CHECK(std::count(calls.begin(), calls.end(), "become /sbin/init") == 2);
    CHECK(machine.system.called("leave /newroot"));
}

TEST_CASE("a diskless root is filled by an apkovl of a medium") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz rootflags=size=1g");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/host.apkovl.tar.gz", apkovl().gzip());
    CHECK(machine.boot());
    CHECK(machine.system.called("mount tmpfs tmpfs on /newroot (mode=0755,size=1g)"));
    CHECK(machine.system.called("mount ext2 /dev/sda on /media/alpine (ro)"));
    CHECK(machine.content("/newroot/etc/hostname") == "own\n");
    CHECK(machine.system.calls().back() == "become /sbin/init");
}

TEST_CASE("a root in memory has a merged /usr when bootstrap_usr_merged says so") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz bootstrap_usr_merged");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/host.apkovl.tar.gz", apkovl().gzip());
    CHECK(machine.boot());
    CHECK(std::filesystem::read_symlink(machine.system.host("/newroot/sbin")) == "usr/sbin");
    CHECK(std::filesystem::exists(machine.system.host("/newroot/usr/sbin/init")));
}

TEST_CASE("a hibernated system is looked for at resume= and resume_offset=") {
    Machine machine("root=/dev/sda rootfstype=ext4 resume=/dev/sda resume_offset=4096");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.write("/sys/power/resume_offset", "");
    machine.system.write("/sys/power/resume", "");
    CHECK(machine.boot());
    CHECK(machine.content("/sys/power/resume_offset") == "4096");
    CHECK(machine.content("/sys/power/resume").find(':') != std::string::npos);
}

TEST_CASE("the apkovl is found on the medium when none is named") {
    Machine machine("alpine_dev=sda modloop=none");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/host.apkovl.tar.gz", apkovl().gzip());
    CHECK(machine.boot());
    CHECK(machine.says("apkovl /media/alpine/host.apkovl.tar.gz: 4 files"));
}

TEST_CASE("packages are installed after the apkovl, and the root gets what mkinitfs gives it") {
    Machine machine("alpine_dev=sda pkgs=vim quiet");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/apks/.boot_repository", "");
    machine.system.write("/etc/apk/keys/k.pub", "key");
    machine.program("/sbin/apk", "#!/bin/sh\necho \"$@\" >> " + machine.system.host("/record").string() +
                                     "\ncase $* in *alpine-base*) mkdir -p " +
                                     machine.system.host("/newroot/sbin").string() + "; cp " +
                                     machine.system.host("/elf").string() + " " +
                                     machine.system.host("/newroot/sbin/init").string() + ";; esac\n");
    machine.program("/elf", test::elf_program());
    CHECK(machine.boot());
    CHECK(machine.content("/record") ==
          "add --root /newroot --initdb --quiet\n"
          "add --root /newroot --repository /media/alpine/apks --force-overwrite --force-old-apk "
          "--force-non-repository --no-commit-hooks --no-network "
          "--clean-protected vim alpine-base\n");
    CHECK(machine.content("/newroot/etc/apk/repositories") == "/media/alpine/apks\n");
    CHECK(machine.content("/newroot/etc/apk/keys/k.pub") == "key");
    CHECK(std::filesystem::is_symlink(machine.system.host("/newroot/etc/runlevels/sysinit/modloop")));
    CHECK(machine.system.calls().back() == "become /sbin/init");
}

TEST_CASE("serial ports that are there get logins, unless autodetect_serial=no") {
    Machine machine("");
    int master = -1;
    int slave = -1;
    char name[64] = {};
    REQUIRE(::openpty(&master, &slave, name, nullptr, nullptr) == 0);
    const UniqueFd master_fd(master);
    const UniqueFd slave_fd(slave);
    std::filesystem::create_symlink(name, machine.system.host("/dev/ttyS1"));
    machine.system.write("/sys/class/tty/ttyS1/device/x", "");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/apks/.boot_repository", "");
    machine.system.write("/newroot/etc/inittab", "::sysinit:/sbin/openrc sysinit\n");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.program("/sbin/apk", "#!/bin/sh\n");
    const auto boots_with = [&](const std::string& options) {
        machine.system.write("/proc/cmdline", "alpine_dev=sda pkgs=vim " + options + "\n");
        return machine.boot();
    };
    CHECK(boots_with("autodetect_serial=no"));
    CHECK(machine.content("/newroot/etc/inittab").find("ttyS1") == std::string::npos);
    CHECK(boots_with(""));
    CHECK(machine.content("/newroot/etc/inittab").find("ttyS1::respawn:") != std::string::npos);
}

TEST_CASE("usbdelay gives a medium the time to appear before it is searched for") {
    const auto boots_with = [](const std::string& options) {
        Machine machine(options + " mkpxerd.onfail=poweroff");
        machine.program("/sbin/apk", "#!/bin/sh\n");
        machine.system.write("/media/sdb/host.apkovl.tar.gz", apkovl().gzip());
        return machine.boot(5s, [&] {
            machine.system.write("/dev/sdb", test::ext2_image());
            machine.system.write("/sys/class/block/sdb/size", "512\n");
        });
    };
    CHECK(boots_with("usbdelay=1"));
    CHECK_FALSE(boots_with("usbdelay=0"));
}

TEST_CASE("an apkovl that is not there stops the boot, unless it may be missing") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz panic=-1");
    machine.system.write("/dev/sda", test::ext2_image());
    CHECK_FALSE(machine.boot());
    CHECK(machine.says(
        "failed MPX-FILE-01 apkovl: host.apkovl.tar.gz: /media/alpine/host.apkovl.tar.gz is not there"));
    Machine lenient("alpine_dev=sda apkovl=host.apkovl.tar.gz panic=-1 mkpxerd.optional=apkovl");
    lenient.system.write("/dev/sda", test::ext2_image());
    CHECK_FALSE(lenient.boot());
    CHECK(lenient.says("continuing without an apkovl"));
    CHECK(lenient.says("failed MPX-ROOT-01 handover: /sbin/init: is not in the new root"));
}

TEST_CASE("a damaged apkovl stops the boot even when it may be missing") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz panic=-1 mkpxerd.optional=apkovl");
    machine.system.write("/dev/sda", test::ext2_image());
    const std::string whole = apkovl().gzip();
    machine.system.write("/media/alpine/host.apkovl.tar.gz", whole.substr(0, whole.size() / 2));
    CHECK_FALSE(machine.boot());
    CHECK(machine.says("failed MPX-TAR-01 apkovl: "));
    CHECK(machine.says("/media/alpine/host.apkovl.tar.gz: "));
    CHECK_FALSE(machine.system.called("become"));
}

TEST_CASE("nothing to boot is reported before the boot waits for anything") {
    Machine machine("ip=dhcp panic=-1");
    CHECK_FALSE(machine.boot());
    CHECK(machine.says("failed MPX-OPT-01 options: command line: asks for nothing to boot"));
    CHECK(machine.says("hint: give root="));
    CHECK(machine.system.called("reboot"));
    CHECK(machine.content("/run/mkpxerd/report.json").find("\"code\": \"MPX-OPT-01\"") != std::string::npos);
}

TEST_CASE("a failure says which cards lack a driver or their firmware, on the console and in the report") {
    // Of the failures, one comes before the devices are looked at, one before all drivers were tried: they
    // claim nothing.
    const auto failure = GENERATE("options", "root", "apkovl");
    const bool tried = failure == std::string_view("apkovl");
    Machine machine(failure == std::string_view("options") ? "ip=dhcp panic=-1"
                                                           : "alpine_dev=sda modloop=none panic=-1");
    if (failure == std::string_view("root"))
        machine.system.answer("mount tmpfs tmpfs on /newroot", std::errc::not_enough_memory);
    machine.system.write("/dev/sda", test::ext2_image());
    const std::string card = "/sys/bus/pci/devices/0000:00:03.0/";
    machine.system.write(card + "modalias", "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00\n");
    machine.system.write(card + "class", "0x020000\n");
    machine.system.write("/etc/mkpxerd/absent-drivers", "e1000e network\npci:v00008086d000010D3*\n");
    // A plain file here, whose start the log writes over.
    machine.system.write("/dev/kmsg", std::string(4096, '\n') +
                                          "4,1,2,-;bnx2 0000:00:03.0: Direct firmware load for "
                                          "a.fw failed with error -2\n");
    CHECK_FALSE(machine.boot());
    const std::string driver =
        "pci 8086:10d3 at 0000:00:03.0: module e1000e is not in this image: rebuild it with "
        "feature network";
    CHECK(machine.says("no driver for " + driver) == tried);
    const std::string report = machine.content("/run/mkpxerd/report.json");
    CHECK((report.find('"' + driver + '"') != std::string::npos) == tried);
    CHECK(report.find("\"bnx2 at 0000:00:03.0: firmware a.fw is not in this image") != std::string::npos);
}

TEST_CASE("an incomplete image is detected before its options are used") {
    Machine machine("root=/dev/sda");
    machine.system.write("/etc/mkpxerd/complete", "");
    machine.system.write("/proc/meminfo", "MemTotal: 100000 kB\n");
    CHECK_FALSE(machine.boot(300ms));
    CHECK(machine.says("failed MPX-INIT-01 start: initramfs: was not unpacked completely"));
    CHECK_FALSE(machine.system.called("mount ext4"));
}

TEST_CASE("a kernel without the file systems that every boot needs is named") {
    Machine machine("root=/dev/sda panic=-1");
    machine.system.answer("mount devtmpfs", std::errc::no_such_device);
    CHECK_FALSE(machine.boot(300ms));
    CHECK(machine.says(
        "failed MPX-INIT-03 start: devtmpfs devtmpfs on /dev (mode=0755): cannot mount: No such device"));
}

TEST_CASE("a system call that fails where none is expected to has a code too") {
    Machine machine("root=/dev/sda panic=-1");
    machine.system.clock = 1000;
    machine.system.answer("clock", std::errc::operation_not_permitted);
    CHECK_FALSE(machine.boot(300ms));
    CHECK(machine.says("failed MPX-SYS-01 start: clock 1600000000: Operation not permitted"));
}

TEST_CASE("a module that the command line names and the image lacks is a warning with its code") {
    Machine machine("root=/dev/sda rootfstype=ext4 modules=absent,broken");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.write("/lib/modules/6.1.0-9-lts/modules.dep", "kernel/broken.ko:\n");
    machine.system.answer("module /lib/modules/6.1.0-9-lts/kernel/broken.ko",
                          std::errc::executable_format_error);
    CHECK(machine.boot());
    CHECK(machine.says("\nMPX-MOD-01 absent: no such kernel module in the image"));
    CHECK(machine.says("\nMPX-MOD-02 broken: is built for another kernel"));
}

TEST_CASE("a failed step is tried again, and the boot goes on from there") {
    Machine machine("root=/dev/sda rootfstype=ext4 mkpxerd.onfail=retry");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.answer("mount ext4", std::errc::io_error, 1);
    CHECK(machine.boot(20s));
    CHECK(machine.says("failed MPX-MNT-01 root: ext4 /dev/sda on /newroot"));
    CHECK(machine.says("continuing from root"));
    CHECK(machine.content("/run/mkpxerd/report.json").find("\"name\": \"root\"") != std::string::npos);
    CHECK(machine.system.calls().back() == "become /sbin/init");
}

TEST_CASE("the clock is never before the image") {
    Machine machine("root=/dev/sda rootfstype=ext4");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.clock = 1000;
    CHECK(machine.boot());
    CHECK(machine.system.called("clock 1600000000"));
}

TEST_CASE("the kernel finds the init under the name of its modprobe") {
    Machine machine("root=/dev/sda rootfstype=ext4");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.write("/proc/sys/kernel/modprobe", "/sbin/modprobe\n");
    CHECK(machine.boot());
    CHECK(std::filesystem::read_symlink(machine.system.host("/sbin/modprobe")) == "/init");
}

TEST_CASE("a missing device of resume= delays the boot by seconds, but does not fail it") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz resume=LABEL=swap panic=-1");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/host.apkovl.tar.gz", apkovl().gzip());
    CHECK(machine.boot());
    CHECK(machine.says("resume=LABEL=swap: the device did not appear"));
}

TEST_CASE("the repositories of an apkovl are as good as those of the command line") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz panic=-1");
    machine.system.write("/dev/sda", test::ext2_image());
    const std::string arguments = machine.system.host("/record").string();
    machine.program("/sbin/apk", "#!/bin/sh\necho \"$@\" >> " + arguments + "\n");
    SECTION("named") {
        machine.system.write("/media/alpine/host.apkovl.tar.gz",
                             apkovl()
                                 .directory("etc/apk/")
                                 .file("etc/apk/world", "openssh\n")
                                 .file("etc/apk/repositories", "# main\nhttp://mirror.example/main\n")
                                 .gzip());
        CHECK(machine.boot());
        CHECK(machine.content("/record").find("openssh alpine-base\n") != std::string::npos);
        CHECK(machine.content("/record").find("--repository") == std::string::npos);
        CHECK(machine.content("/newroot/etc/apk/repositories") == "# main\nhttp://mirror.example/main\n");
    }
    SECTION("commented out") {
        machine.system.write("/media/alpine/host.apkovl.tar.gz",
                             apkovl()
                                 .directory("etc/apk/")
                                 .file("etc/apk/world", "openssh\n")
                                 .file("etc/apk/repositories", "#http://mirror.example/main\n")
                                 .gzip());
        CHECK_FALSE(machine.boot(2s));
        CHECK(machine.says("failed MPX-PKG-07 packages: neither the options nor a medium nor the "
                           "apkovl name a repository"));
    }
}

TEST_CASE("a pin of the image holds for what lies on a medium too") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz panic=-1");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/host.apkovl.tar.gz", apkovl().gzip());
    machine.pin("apkovl", std::string(64, '0'));
    CHECK_FALSE(machine.boot(2s));
    CHECK(machine.says("failed MPX-FETCH-08 apkovl: /media/alpine/host.apkovl.tar.gz: has the SHA-256 "));
    CHECK_FALSE(std::filesystem::exists(machine.system.host("/newroot/etc/hostname")));
}

TEST_CASE("a pinned object of a medium is used from the copy that was verified") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz");
    machine.system.write("/dev/sda", test::ext2_image());
    const std::string bytes = apkovl().gzip();
    machine.system.write("/media/alpine/host.apkovl.tar.gz", bytes);
    machine.pin("apkovl", test::Signer::sha256(bytes));
    CHECK(machine.boot());
    CHECK(machine.says("apkovl /run/mkpxerd/downloads/apkovl/host.apkovl.tar.gz: "));
    CHECK(machine.content("/newroot/etc/hostname") == "own\n");
}

TEST_CASE("a pipe that is named like an apkovl does not hold the boot") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz panic=-1");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/x", "");
    REQUIRE(::mkfifo(machine.system.host("/media/alpine/host.apkovl.tar.gz").c_str(), 0644) == 0);
    CHECK_FALSE(machine.boot(2s));
    CHECK(machine.says("/media/alpine/host.apkovl.tar.gz: is not a regular file"));
    CHECK(machine.system.called("reboot"));
}

TEST_CASE("a second try of the root mounts the /usr that the first one missed") {
    Machine machine("root=/dev/sda rootfstype=ext4 mkpxerd.onfail=retry");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.write("/newroot/etc/fstab", "LABEL=of\\040usr / ext4 ro 0 1\n/dev/sda /usr xfs ro 0 2\n");
    machine.system.answer("mount xfs", std::errc::io_error, 1);
    // The fake's list of mounts is what the test says it is: the root is there after the first try.
    machine.log.set_listener([&](const ConsoleLog::Line& line) {
        if (line.text.find("failed MPX-MNT-01 root") != std::string::npos)
            machine.system.write("/proc/self/mounts", "/dev/sda /newroot ext4 ro 0 0\n");
    });
    CHECK(machine.boot(20s));
    const auto calls = machine.system.calls();
    CHECK(std::count_if(calls.begin(), calls.end(), [](const std::string& call) {
              return call.starts_with("mount ext4 /dev/sda on /newroot ");
          }) == 1);
    CHECK(std::count_if(calls.begin(), calls.end(), [](const std::string& call) {
              return call.starts_with("mount xfs /dev/sda on /newroot/usr ");
          }) == 2);
}

TEST_CASE("the options about failures hold even if another option is wrong") {
    Machine machine("root=/dev/sda mkpxerd.timeout=soon mkpxerd.onfail=reboot:0");
    CHECK_FALSE(machine.boot(2s));
    CHECK(machine.says("failed MPX-OPT-02 options: mkpxerd.timeout=soon"));
    CHECK(machine.system.called("reboot"));
}

TEST_CASE("options that only a diskless root has a use for are named beside root=") {
    Machine machine("root=/dev/sda rootfstype=ext4 ssh_key=none keep_apk_new panic=-1");
    machine.program("/newroot/sbin/init", test::elf_program());
    CHECK(machine.boot());
    CHECK(machine.says("ssh_key= has no effect together with root="));
    CHECK(machine.says("keep_apk_new= has no effect together with root="));
}

TEST_CASE("with a key in the image an unsigned apkovl of a medium stops the boot, however it was found") {
    const auto [options, directory] = GENERATE(table<std::string, std::string>({
        {"alpine_dev=sda apkovl=host.apkovl.tar.gz", "alpine"},
        {"alpine_dev=sda", "alpine"},
        {"apkovl=sda:host.apkovl.tar.gz", "sda"},
        {"ovl_dev=sda", "sda"},
        {"", "sda"}, // searched for on every device
    }));
    INFO(options);
    Machine machine(options + " panic=-1");
    machine.system.write("/etc/mkpxerd/keys/site.pem", test::Signer().public_key());
    machine.program("/sbin/apk", "#!/bin/sh\n");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/sys/class/block/sda/size", "512\n");
    machine.system.write("/media/" + directory + "/host.apkovl.tar.gz", apkovl().gzip());
    CHECK_FALSE(machine.boot(5s));
    CHECK(machine.says("failed MPX-FETCH-10 apkovl: /media/" + directory +
                       "/host.apkovl.tar.gz.sig: the signature is missing, and the image requires one"));
    CHECK_FALSE(std::filesystem::exists(machine.system.host("/newroot/etc/hostname")));
    CHECK_FALSE(machine.system.called("become"));
}

TEST_CASE("a signed apkovl of a medium is unpacked, but not one that is signed as another object") {
    const test::Signer signer;
    const std::string bytes = apkovl().gzip();
    Machine machine("alpine_dev=sda apkovl=a/host.apkovl.tar.gz panic=-1");
    machine.system.write("/etc/mkpxerd/keys/site.pem", signer.public_key());
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/a/host.apkovl.tar.gz", bytes);
    const auto signature = [&](const std::string& text) {
        machine.system.write("/media/alpine/a/host.apkovl.tar.gz.sig", text);
    };
    bool is_right = false;
    SECTION("as it is asked for") {
        signature(signer.sign_object("apkovl", "/a/host.apkovl.tar.gz", bytes));
        is_right = true; // a return here would keep Catch from the sections below
    }
    SECTION("another machine's") {
        signature(signer.sign_object("apkovl", "/b/host.apkovl.tar.gz", bytes));
    }
    SECTION("a root") {
        signature(signer.sign_object("root", "/a/host.apkovl.tar.gz", bytes));
    }
    SECTION("its bytes alone") {
        signature(signer.sign(bytes));
    }
    SECTION("other bytes") {
        signature(signer.sign_object("apkovl", "/a/host.apkovl.tar.gz", "other"));
    }
    if (is_right) {
        CHECK(machine.boot());
        CHECK(machine.says("apkovl /run/mkpxerd/downloads/apkovl/host.apkovl.tar.gz: ")); // the copy
        CHECK(machine.content("/newroot/etc/hostname") == "own\n");
        return;
    }
    CHECK_FALSE(machine.boot(5s));
    CHECK(machine.says("failed MPX-FETCH-09 apkovl: /media/alpine/a/host.apkovl.tar.gz: its signature"));
    CHECK_FALSE(machine.system.called("become"));
}

TEST_CASE("with a key in the image an unsigned modloop of a medium is not mounted") {
    const test::Signer signer;
    const std::string bytes = apkovl().gzip();
    const std::string option = GENERATE("", "modloop=boot/modloop-lts");
    const auto mounts = [&](bool is_signed) {
        Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz panic=-1 " + option);
        machine.system.write("/etc/mkpxerd/keys/site.pem", signer.public_key());
        machine.system.write("/dev/sda", test::ext2_image());
        machine.system.write("/media/alpine/host.apkovl.tar.gz", bytes);
        machine.system.write("/media/alpine/host.apkovl.tar.gz.sig",
                             signer.sign_object("apkovl", "/host.apkovl.tar.gz", bytes));
        machine.system.write("/media/alpine/boot/modloop-lts", test::ext2_image());
        if (is_signed)
            machine.system.write("/media/alpine/boot/modloop-lts.sig",
                                 signer.sign_object("modloop", "/boot/modloop-lts", test::ext2_image()));
        (void)machine.boot(5s);
        CHECK(machine.says("failed MPX-FETCH-10 modloop: /media/alpine/boot/modloop-lts.sig: ") != is_signed);
        return machine.system.called("loop /run/mkpxerd/downloads/modloop/modloop-lts");
    };
    CHECK_FALSE(mounts(false));
    CHECK(mounts(true));
}

TEST_CASE("a root that nothing can verify is refused by an image that pins its root or has keys") {
    const bool has_key = GENERATE(true, false);
    const auto [options, object] = GENERATE(table<std::string, std::string>({
        {"root=/dev/sda rootfstype=ext4", "root=/dev/sda"},
        {"root=LABEL=root rootfstype=ext4 overlaytmpfs", "root=LABEL=root"},
        {"root=nfs:10.0.0.1:/srv/root", "root=nfs:10.0.0.1:/srv/root"},
        {"root=/dev/nfs nfsroot=10.0.0.1:/srv/root", "root=nfs:10.0.0.1:/srv/root"},
        {"alpine_dev=sda resume=/dev/sda", "resume=/dev/sda"},
    }));
    INFO(options);
    Machine machine(options + " panic=-1");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.write("/sys/power/resume", "");
    if (has_key)
        machine.system.write("/etc/mkpxerd/keys/site.pem", test::Signer().public_key());
    else
        machine.pin("root", std::string(64, 'a'));
    CHECK_FALSE(machine.boot(2s));
    CHECK(machine.says("failed MPX-FETCH-13 options: " + object + ": cannot be verified, and the image " +
                       (has_key ? "has keys" : "pins its root")));
    CHECK_FALSE(machine.system.called("mount ext4"));
    CHECK(machine.content("/sys/power/resume").empty());
}

TEST_CASE("a root on a device boots beside keys when the image was built with --pin root=any") {
    Machine machine("root=/dev/sda rootfstype=ext4 panic=-1");
    machine.program("/newroot/sbin/init", test::elf_program());
    machine.system.write("/newroot/etc/fstab", "/dev/sda /usr xfs ro 0 2\n");
    machine.system.write("/etc/mkpxerd/keys/site.pem", test::Signer().public_key());
    machine.pin("root", "any");
    CHECK(machine.boot());
    CHECK(machine.system.called("mount xfs /dev/sda on /newroot/usr (ro)"));
}

TEST_CASE("what the image pins is what the boot has to take") {
    const auto [object, options, stage] = GENERATE(table<std::string, std::string, std::string>({
        {"root", "alpine_dev=sda apkovl=host.apkovl.tar.gz", "options"},
        {"apkovl", "alpine_dev=sda", "apkovl"},
        {"apkovl", "root=/dev/sda rootfstype=ext4", "apkovl"},
        {"modloop", "alpine_dev=sda apkovl=host.apkovl.tar.gz", "modloop"},
        {"modloop", "root=/dev/sda rootfstype=ext4 modloop=none", "modloop"},
    }));
    INFO(object << ": " << options);
    const auto boots_with = [&](const std::string& more) {
        Machine machine(options + " panic=-1" + more);
        machine.system.write("/dev/sda", test::ext2_image());
        if (options.find("apkovl=") != std::string::npos)
            machine.system.write("/media/alpine/host.apkovl.tar.gz", apkovl().gzip());
        machine.program("/newroot/sbin/init", test::elf_program());
        machine.pin(object, std::string(64, 'a'));
        const bool booted = machine.boot(5s);
        const std::string subject = stage == object ? stage : stage + ": " + object;
        CHECK(machine.says("failed MPX-FETCH-14 " + subject +
                           ": is pinned in the image, but this boot does not use it") != booted);
        return booted;
    };
    CHECK_FALSE(boots_with(""));
    CHECK(boots_with(" mkpxerd.optional=apkovl,modloop") == (object != "root"));
}

TEST_CASE("an image with unusable keys boots nothing, whatever the options") {
    Machine machine("root=/dev/sda rootfstype=ext4 panic=-1");
    machine.program("/newroot/sbin/init", test::elf_program());
    SECTION("no key") {
        machine.system.write("/etc/mkpxerd/keys/site.pem", "nonsense");
    }
    SECTION("no file") {
        machine.system.write("/etc/mkpxerd/keys/directory/site.pub", "nonsense");
    }
    SECTION("no directory") {
        machine.system.write("/etc/mkpxerd/keys", test::Signer().public_key());
    }
    SECTION("empty") {
        std::filesystem::create_directory(machine.system.host("/etc/mkpxerd/keys"));
    }
    CHECK_FALSE(machine.boot(2s));
    CHECK(machine.says("failed MPX-FETCH-11 options: "));
    CHECK_FALSE(machine.system.called("mount ext4"));
}

TEST_CASE("only root can read the init's files below /run") {
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz");
    machine.system.write("/dev/sda", test::ext2_image());
    machine.system.write("/media/alpine/apks/.boot_repository", "");
    machine.system.write("/media/alpine/host.apkovl.tar.gz", apkovl().gzip());
    machine.program("/sbin/apk", "#!/bin/sh\n");
    CHECK(machine.boot());
    CHECK(machine.mode("/run/mkpxerd") == 0700);
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(machine.system.host("/run/mkpxerd")))
        CHECK((static_cast<unsigned>(entry.status().permissions()) & 077U) == 0);
    CHECK(machine.mode("/run/mkpxerd/report.json") == 0600);
    CHECK_FALSE(std::filesystem::exists(machine.system.host("/run/mkpxerd/apkovl.files")));
}

TEST_CASE("the password of a repository is neither on apk's command line nor in a file for all") {
    const std::string repository = "/media/alpine/main?user=me:s3cret@mirror";
    Machine machine("alpine_dev=sda apkovl=host.apkovl.tar.gz panic=-1 alpine_repo=" + repository);
    machine.system.write("/dev/sda", test::ext2_image());
    const std::string root = machine.system.host("/").string();
    machine.program("/sbin/apk", "#!/bin/sh\necho \"$@\" >> " + root +
                                     "record\n"
                                     "cat " +
                                     root + "newroot/etc/apk/repositories* >> " + root +
                                     "record\n"
                                     "cat " +
                                     root + "newroot/etc/apk/repositories.d/* >> " + root +
                                     "seen\n"
                                     "exit 0\n");
    SECTION("in the file that stays") {
        machine.system.write("/media/alpine/host.apkovl.tar.gz", apkovl().gzip());
        CHECK(machine.boot());
        CHECK(machine.content("/newroot/etc/apk/repositories") == repository + "\n");
        CHECK(machine.mode("/newroot/etc/apk/repositories") == 0600);
        CHECK(machine.content("/record").ends_with("alpine-base\n" + repository + "\n"));
    }
    SECTION("beside those that the apkovl brings, while apk runs") {
        machine.system.write("/media/alpine/host.apkovl.tar.gz",
                             apkovl()
                                 .directory("etc/apk/")
                                 .file("etc/apk/repositories", "http://mirror.example/main\n")
                                 .gzip());
        CHECK(machine.boot());
        CHECK(machine.content("/newroot/etc/apk/repositories") == "http://mirror.example/main\n");
        CHECK(machine.content("/seen") == repository + "\n");
        CHECK_FALSE(
            std::filesystem::exists(machine.system.host("/newroot/etc/apk/repositories.d/mkpxerd.list")));
    }
    CHECK(machine.content("/record").find("--repository") == std::string::npos);
}
