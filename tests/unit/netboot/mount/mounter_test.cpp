// SPDX-License-Identifier: MIT
#include "mkpxerd/netboot/mount/mounter.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <sys/mount.h>

#include "ext2_image.hpp"
#include "failure_text.hpp"
#include "fake_system.hpp"
#include "memory_log.hpp"
#include "mkpxerd/netboot/drivers/modprobe.hpp"
#include "run_task.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;
using namespace std::chrono_literals;

namespace {

struct Machine {
    explicit Machine(NfsPatience patience = {.first_pause = 1ms, .longest_pause = 4ms})
        : nfs_patience(patience) {}
    test::FakeSystem system;
    test::MemoryLog log;
    boost::asio::io_context io{1};
    ModuleLoader modules{io, system, log, read_modules(system, log).value()};
    Children children{io, system};
    Devices devices{io, system, log, modules};
    NfsPatience nfs_patience;
    Mounter mounter{io, system, log, children, modules, devices, nfs_patience};
    // Something that takes connections, as an NFS server does.
    boost::asio::ip::tcp::acceptor server{io, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}};

    unsigned mount_service = 1; // nobody listens
    std::vector<std::string> addresses = {"127.0.0.1"};

    NfsMount nfs() const {
        return {.source = {"server", "/srv"},
                .client_address = "127.0.0.1",
                .target = "/newroot",
                .options =
                    fmt::format("port={},mountport={}", server.local_endpoint().port(), mount_service)};
    }
    std::string code(const NfsMount& mount, std::chrono::milliseconds patience = 20s) {
        const auto result = test::run(io, mounter.mount_nfs(mount, addresses, Clock::now() + patience));
        return result ? "mounted" : std::string(code_text(result.error().first().code));
    }
    std::size_t mounts() const { return system.calls().size(); }
};

// A mount service that gives these results, one a connection.
struct MountService {
    MountService(boost::asio::ip::tcp::acceptor& acceptor, std::vector<std::string> all)
        : acceptor_(acceptor), results(std::move(all)) {
        accept();
    }
    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, boost::asio::ip::tcp::socket client) {
            if (error || calls.size() >= results.size()) return;
            using namespace std::string_literals;
            std::string call(4, '\0'); // its mark, then the rest
            boost::asio::read(client, boost::asio::buffer(call));
            call.resize(static_cast<unsigned char>(call[3]));
            boost::asio::read(client, boost::asio::buffer(call));
            const std::string& result = results[calls.size()];
            const auto size = static_cast<char>(24 + result.size());
            const std::string reply =
                "\x80\0\0"s + size + "\0\0\0\1\0\0\0\1"s + std::string(16, '\0') + result;
            boost::asio::write(client, boost::asio::buffer(reply));
            calls.push_back(call);
            accept();
        });
    }
    boost::asio::ip::tcp::acceptor& acceptor_;
    std::vector<std::string> results;
    std::vector<std::string> calls;
};

} // namespace

TEST_CASE("the first version that a server speaks is mounted") {
    Machine machine;
    machine.system.answer("mount nfs server:/srv on /newroot (ro,vers=4.2",
                          std::errc::protocol_not_supported);
    machine.system.answer("mount nfs server:/srv on /newroot (ro,vers=4.1", std::errc::invalid_argument);
    CHECK(machine.code(machine.nfs()) == "mounted");
    CHECK(machine.mounts() == 3);
    CHECK(machine.system.calls().back().find("vers=4.0") != std::string::npos);
    CHECK(machine.log.says("nfs:server:/srv: mounted, version 4.0"));
    CHECK(std::filesystem::is_directory(machine.system.host("/newroot")));
}

TEST_CASE("the timeline has each mount once, and why one failed") {
    Machine machine;
    REQUIRE(machine.code(machine.nfs()) == "mounted");
    machine.system.answer("mount tmpfs", std::errc::permission_denied);
    CHECK_FALSE(machine.mounter.mount({.source = "tmpfs", .target = "/x", .type = "tmpfs", .data = {}}));
    const auto& mounts = machine.log.timeline().events(Timeline::Lane::Mounts);
    REQUIRE(mounts.size() == 2);
    CHECK(mounts[0].name == "/newroot");
    CHECK(mounts[0].detail == "nfs server:/srv");
    CHECK(mounts[0].end >= mounts[0].begin);
    CHECK(!mounts[0].problem);
    REQUIRE(mounts[1].problem);
    CHECK(mounts[1].problem->code == Failure::MountFailed);
}

TEST_CASE("every address of an NFS server is tried, and the first that mounts is used") {
    Machine machine;
    machine.addresses = {"127.0.0.2", "127.0.0.3", "127.0.0.1"}; // nobody listens on the first two
    CHECK(machine.code(machine.nfs()) == "mounted");
    CHECK(machine.mounts() == 1);
    CHECK(machine.system.calls().back().find("addr=127.0.0.1,") != std::string::npos);
    CHECK(machine.log.says("127.0.0.2: no answer from the server"));
}

TEST_CASE("an address that denies what another one gives is passed over") {
    Machine machine;
    const unsigned port = machine.server.local_endpoint().port();
    boost::asio::ip::tcp::acceptor other(
        machine.io, {boost::asio::ip::make_address_v4("127.0.0.2"), static_cast<unsigned short>(port)});
    machine.addresses = {"127.0.0.2", "127.0.0.1"};
    for (const char* version : {"4.2", "3"})
        machine.system.answer(
            fmt::format("mount nfs server:/srv on /newroot (ro,vers={0},port={1},mountport=1{2}"
                        "addr=127.0.0.2",
                        version, port,
                        std::string_view(version) == "3" ? ",nolock,proto=tcp,mountproto=tcp," : ","),
            std::errc::permission_denied);
    CHECK(machine.code(machine.nfs()) == "mounted");
    CHECK(machine.system.calls().back().find("addr=127.0.0.1,") != std::string::npos);
    // What answers tells more than what is silent, wherever it stands.
    machine.addresses = {"127.0.0.3", "127.0.0.2"};
    CHECK(machine.code(machine.nfs()) == "MPX-NFS-01");
}

TEST_CASE("a refusal is asked again of version 3 alone, three times, and then believed") {
    Machine machine;
    machine.system.answer("mount", std::errc::permission_denied);
    CHECK(machine.code(machine.nfs()) == "MPX-NFS-01");
    CHECK(machine.mounts() == 6);
    CHECK(machine.system.calls()[1].find("vers=3") != std::string::npos);
    CHECK(machine.log.says("access denied by server"));
}

TEST_CASE("version 3 denying what version 4 has no name for is a denial") {
    Machine machine;
    machine.system.answer("mount nfs server:/srv on /newroot (ro,vers=3", std::errc::permission_denied);
    machine.system.answer("mount", std::errc::no_such_file_or_directory);
    CHECK(machine.code(machine.nfs()) == "MPX-NFS-01");
}

TEST_CASE("what version 3 denies and the server does not list is not there") {
    using boost::asio::ip::tcp;
    Machine machine;
    tcp::acceptor service(machine.io, {boost::asio::ip::make_address_v4("127.0.0.1"), 0});
    machine.mount_service = service.local_endpoint().port();
    using namespace std::string_literals;
    MountService answers(service, {"\0\0\0\x0d"s, "\0\0\0\1\0\0\0\4/srv"s + std::string(8, '\0')});
    machine.system.answer("mount nfs server:/srv on /newroot (ro,vers=3", std::errc::permission_denied);
    machine.system.answer("mount", std::errc::no_such_file_or_directory);
    SECTION("listed") {
        CHECK(machine.code(machine.nfs()) == "MPX-NFS-01");
    }
    SECTION("not listed") {
        answers.results[1].replace(8, 4, "/img");
        const auto result = test::run(
            machine.io, machine.mounter.mount_nfs(machine.nfs(), machine.addresses, Clock::now() + 20s));
        REQUIRE_FALSE(result);
        CHECK(result.error().first().code == "MPX-NFS-02");
        CHECK(result.error().first().hint == "its exports to this machine are /img");
    }
}

TEST_CASE("an export that is given by Kerberos alone is told by name, with what the server offers") {
    using boost::asio::ip::tcp;
    using namespace std::string_literals;
    Machine machine;
    tcp::acceptor service(machine.io, {boost::asio::ip::make_address_v4("127.0.0.1"), 0});
    machine.mount_service = service.local_endpoint().port();
    const std::string mounted = "\0\0\0\0\0\0\0\4abcd"s;
    const std::string krb5 = "\0\0\0\1\0\5\xf3\x73"s;
    const std::string krb5_and_sys = "\0\0\0\2\0\5\xf3\x73\0\0\0\1"s;
    const auto mount = [&](NfsMount request) {
        const auto result = test::run(
            machine.io, machine.mounter.mount_nfs(std::move(request), machine.addresses, Clock::now() + 20s));
        REQUIRE_FALSE(result);
        return result.error().first();
    };
    SECTION("version 4 says so by EPERM, version 3 only denies") {
        machine.system.answer("mount nfs server:/srv on /newroot (ro,vers=3", std::errc::permission_denied);
        machine.system.answer("mount", std::errc::operation_not_permitted);
        MountService answers(service, {mounted + krb5});
        const Problem problem = mount(machine.nfs());
        CHECK(problem.code == "MPX-NFS-07");
        CHECK(problem.text == "the server offers sec=krb5 only, and this init supports only sec=sys");
        CHECK(answers.calls[0].substr(24, 4) == "\0\0\0\1"s); // MNT
        CHECK(answers.calls[0].ends_with("\0\0\0\4/srv"s));
    }
    SECTION("a server of version 4 alone") {
        machine.system.answer("mount nfs server:/srv on /newroot (ro,vers=3", std::errc::connection_refused);
        machine.system.answer("mount", std::errc::operation_not_permitted);
        machine.mount_service = 1;
        CHECK(mount(machine.nfs()).text ==
              "the server refuses sec=sys, the only authentication that this init supports");
    }
    SECTION("an export that takes sec=sys too denies for another reason") {
        machine.system.answer("mount", std::errc::permission_denied);
        MountService answers(service, {mounted + krb5_and_sys, "\0\0\0\0"s});
        CHECK(mount(machine.nfs()).code == "MPX-NFS-01");
    }
    SECTION("asked for by the options, it is refused before anything is tried") {
        NfsMount request = machine.nfs();
        request.options += ",sec=krb5p";
        CHECK(mount(request).code == "MPX-NFS-07");
        CHECK(machine.mounts() == 0);
    }
}

TEST_CASE("an export that is not there is told from one that is denied") {
    Machine machine;
    machine.system.answer("mount", std::errc::no_such_file_or_directory);
    CHECK(machine.code(machine.nfs()) == "MPX-NFS-02");
}

TEST_CASE("no version in common, or no NFS in the kernel, is final at once") {
    Machine machine;
    machine.system.answer("mount", std::errc::protocol_not_supported);
    CHECK(machine.code(machine.nfs()) == "MPX-NFS-04");
    CHECK(machine.mounts() == 4);
    Machine other;
    other.system.answer("mount", std::errc::no_such_device);
    CHECK(other.code(other.nfs()) == "MPX-NFS-05");
    CHECK(other.mounts() == 1);
}

TEST_CASE("a server that does not answer is asked until the deadline, and no longer") {
    Machine machine;
    NfsMount mount = machine.nfs();
    machine.server.close();
    const auto start = Clock::now();
    CHECK(machine.code(mount, 40ms) == "MPX-NFS-03");
    CHECK(Clock::now() - start < 3s);
    CHECK(machine.mounts() == 0);
}

TEST_CASE("a refusal is reported, not the silence of an attempt that the deadline cuts short") {
    std::string code;
    bool is_refused = false; // in time; a slow machine gets more of it
    for (auto time = 20ms; !is_refused; time *= 4) {
        Machine machine({.first_pause = 20s, .longest_pause = 20s});
        machine.system.answer("mount", std::errc::permission_denied, 2); // versions 4.2 and 3
        machine.system.answer("mount", std::errc::timed_out);
        code = machine.code(machine.nfs(), time);
        is_refused = machine.log.says("access denied by server");
    }
    CHECK(code == "MPX-NFS-01");
}

TEST_CASE("a server that comes late is mounted") {
    Machine machine;
    machine.system.answer("mount", std::errc::timed_out, 2);
    CHECK(machine.code(machine.nfs()) == "mounted");
    CHECK(machine.mounts() == 3);
}

TEST_CASE("a device is waited for and mounted by the file system that is on it") {
    Machine machine;
    machine.system.write("/dev/sda1", test::ext2_image());
    const auto mount = [&](DeviceMount request) {
        return test::run(machine.io, machine.mounter.mount_device(std::move(request), Clock::now()));
    };
    REQUIRE(
        mount({.device = {DeviceSpec::Kind::Name, "sda1"}, .target = "/media/sda1", .options = "noatime"}));
    CHECK(machine.system.calls().back() == fmt::format("mount ext2 /dev/sda1 on /media/sda1 (ro) flags={:#x}",
                                                       static_cast<unsigned>(MS_RDONLY | MS_NOATIME)));
    REQUIRE(mount({.device = {DeviceSpec::Kind::Name, "sda1"},
                   .target = "/media/sda1",
                   .fstype = "ext4",
                   .options = "data=ordered",
                   .read_only = false}));
    CHECK(machine.system.calls().back() == "mount ext4 /dev/sda1 on /media/sda1 (data=ordered)");
    machine.system.write("/dev/sda2", std::string(100000, '\0'));
    CHECK(mount({.device = {DeviceSpec::Kind::Name, "sda2"}, .target = "/m"}).error().first().code ==
          "MPX-MNT-02");
    CHECK(mount({.device = {DeviceSpec::Kind::Name, "sdz"}, .target = "/m"}).error().first().code ==
          "MPX-DEV-01");
}

TEST_CASE("an overlay has its layers in a tmpfs, which is writable whatever its options say") {
    Machine machine;
    REQUIRE(test::run(machine.io, machine.mounter.mount_overlay("/media/root-ro", "/media/root-rw",
                                                                "ro,size=1g", "/newroot", Clock::now())));
    CHECK(machine.system.calls() ==
          std::vector<std::string>{
              "mount tmpfs root-tmpfs on /media/root-rw (mode=0755,size=1g)",
              "mount overlay overlay on /newroot (lowerdir=/media/root-ro,upperdir=/media/root-rw/"
              "root,workdir=/media/root-rw/work)"});
    CHECK(std::filesystem::is_directory(machine.system.host("/media/root-rw/work")));
}

TEST_CASE("a file system whose module has not returned is not mounted, since mount(2) would wait for it") {
    Machine machine;
    machine.system.write("/lib/modules/6.1.0-9-lts/modules.dep",
                         "loop.ko:\next4.ko:\noverlay.ko:\nnfs.ko:\nsquashfs.ko:\n");
    machine.system.write("/lib/modules/6.1.0-9-lts/modules.alias", "alias fs-ext2 ext4\n");
    machine.system.write("/dev/sda1", test::ext2_image());
    for (const char* module : {"ext4.ko", "overlay.ko", "nfs.ko"})
        machine.system.hold(module);
    ModuleLoader modules(machine.io, machine.system, machine.log,
                         read_modules(machine.system, machine.log).value(), LoadMode::SideBySide);
    Mounter mounter(machine.io, machine.system, machine.log, machine.children, modules, machine.devices);
    const auto problem = [&](Task<void> mount) {
        const auto result = test::run(machine.io, std::move(mount));
        REQUIRE_FALSE(result);
        return fmt::format("{} {}", code_text(result.error().first().code), result.error().first().object);
    };
    REQUIRE(test::run(machine.io, modules.load("loop", {}, Urgency::Device, Clock::now() + 10s)));
    const Deadline soon = Clock::now() + 5ms;
    CHECK(problem(mounter.mount_device({.device = {DeviceSpec::Kind::Name, "sda1"}, .target = "/m"}, soon)) ==
          "MPX-SYS-04 ext4");
    CHECK(problem(mounter.mount_image("/dev/sda1", "/m", {}, soon)) == "MPX-SYS-04 ext4");
    CHECK(problem(mounter.mount_overlay("/l", "/u", {}, "/m", soon)) == "MPX-SYS-04 overlay");
    CHECK(problem(mounter.mount_nfs(machine.nfs(), machine.addresses, soon)) == "MPX-SYS-04 nfs");
    CHECK_FALSE(machine.system.called("mount ext2"));
    CHECK_FALSE(machine.system.called("mount overlay"));
    CHECK_FALSE(machine.system.called("mount nfs"));
    for (const char* module : {"ext4.ko", "overlay.ko", "nfs.ko"})
        machine.system.let_go(module);
    REQUIRE(test::run(machine.io, mounter.mount_image("/dev/sda1", "/m", {}, Clock::now() + 10s)));
}

TEST_CASE("a file without a file system is not mounted") {
    Machine machine;
    machine.system.write("/x", "text");
    CHECK(test::run(machine.io, machine.mounter.mount_image("/x", "/m", {}, Clock::now()))
              .error()
              .first()
              .code == "MPX-MNT-02");
    CHECK(machine.mounts() == 0);
}

TEST_CASE("an unknown file system is named") {
    Machine machine;
    machine.system.answer("mount", std::errc::no_such_device);
    const auto result = machine.mounter.mount({"a", "/b", "zfs", 0, {}});
    REQUIRE_FALSE(result);
    CHECK(result.error().first().text == "the kernel does not support the file system zfs");
}

TEST_CASE("what is mounted is read from the kernel") {
    Machine machine;
    machine.system.write("/proc/self/mounts", "tmpfs /newroot tmpfs rw 0 0\n");
    CHECK(machine.mounter.is_mounted("/newroot"));
    CHECK_FALSE(machine.mounter.is_mounted("/new"));
    machine.system.write("/proc/self/mounts", "/dev/sda /media/My\\040Disk ext4 ro 0 0\n");
    CHECK(machine.mounter.is_mounted("/media/My Disk"));
}
