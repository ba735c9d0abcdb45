// SPDX-License-Identifier: MIT
// What needs a process of its own is done in one: signals, and roots in a mount namespace.
#include "mkpxerd/netboot/runtime/linux_system.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::netboot;

namespace {

int wait_for(pid_t pid) {
    int status = -1;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// In a child with mounts of its own, whose "/" is a tmpfs with the file `kept` and, on /newroot, all of the
// machine.
int in_old_root(const std::filesystem::path& directory, const std::function<int(LinuxSystem&)>& body) {
    const pid_t child = ::fork();
    if (child > 0) return wait_for(child);
    const auto old = directory / "old";
    std::filesystem::create_directory(old);
    const bool ready = ::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) == 0 &&
                       ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                       ::mount("tmpfs", old.c_str(), "tmpfs", 0, nullptr) == 0 &&
                       ::mkdir((old / "newroot").c_str(), 0755) == 0 &&
                       ::mount("/", (old / "newroot").c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0 &&
                       ::close(::creat((old / "kept").c_str(), 0644)) == 0 && ::chroot(old.c_str()) == 0 &&
                       ::chdir("/") == 0;
    if (!ready) ::_exit(90);
    LinuxSystem system;
    ::_exit(body(system));
}

} // namespace

TEST_CASE("a child that becomes no other program has the default effect of every signal") {
    LinuxSystem system;
    for (const int number : {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGALRM}) {
        const auto before = ::signal(number, [](int) {});
        const auto child = system.start_process([number] {
            ::raise(number);
            return 7;
        });
        ::signal(number, before);
        REQUIRE(child);
        CHECK(wait_for(*child) == 128 + number);
    }
    // A fault must not start the init anew from a child.
    const auto child = system.start_process([] {
        struct sigaction action {};
        ::sigaction(SIGBUS, nullptr, &action);
        return action.sa_handler == SIG_DFL ? 0 : 1;
    });
    REQUIRE(child);
    CHECK(wait_for(*child) == 0);
}

TEST_CASE("a process that is killed has ended") {
    LinuxSystem system;
    const auto child = system.start_process([] { return ::pause(); });
    REQUIRE(child);
    system.kill_process(*child, SIGKILL);
    CHECK(wait_for(*child) == 128 + SIGKILL);
}

// Values that the kernel refuses from everyone, so that nothing of the machine changes.
TEST_CASE("what the kernel refuses is an error that names its object") {
    const test::TempDir dir;
    LinuxSystem system;
    CHECK(system.unmount(dir / "missing", 0));
    const std::string long_name(65, 'x');
    const auto named = system.set_hostname(long_name);
    REQUIRE_FALSE(named);
    CHECK(named.error().first().object == long_name);
    const auto set = system.set_clock_seconds(-1);
    REQUIRE_FALSE(set);
    CHECK(set.error().first().object == "clock");
    const auto missing = system.attach_loop(dir / "missing");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().first().object == (dir / "missing").string());
}

TEST_CASE("a root that was entered can be left again, and nothing of the old one is gone") {
    const test::TempDir dir;
    CHECK(in_old_root(dir.path(), [](LinuxSystem& system) {
              const auto there = [](const char* path) { return ::access(path, F_OK) == 0; };
              if (!there("/kept")) return 1;
              const auto old = system.enter_root("/newroot");
              if (!old || there("/kept") || !there("/bin/sh")) return 2;
              ::signal(SIGPIPE, SIG_IGN);
              if (system.become({"/bin", {}, {}}, *old)) return 3;
              if (::signal(SIGPIPE, SIG_IGN) != SIG_IGN) return 4;
              if (!system.leave_root(*old, "/newroot")) return 5;
              if (!there("/kept") || !there("/newroot/bin/sh") || there("/bin/sh")) return 6;
              // Again, from where it was.
              const auto again = system.enter_root("/newroot");
              return again && there("/bin/sh") ? 0 : 7;
          }) == 0);
}

TEST_CASE("a root that cannot be entered changes nothing") {
    const test::TempDir dir;
    CHECK(in_old_root(dir.path(), [](LinuxSystem& system) {
              ::mkdir("/plain", 0755); // no mount: it cannot be moved
              if (system.enter_root("/plain") || system.enter_root("/missing")) return 1;
              std::error_code error;
              return ::access("/kept", F_OK) == 0 && std::filesystem::current_path(error) == "/" ? 0 : 2;
          }) == 0);
}

TEST_CASE("the old root is emptied when the new init has taken over") {
    const test::TempDir dir;
    CHECK(in_old_root(dir.path(), [&](LinuxSystem& system) {
              const auto old = system.enter_root("/newroot");
              if (!old) return 1;
              // The machine's mounts were taken along, the old root among them.
              const std::string kept = (dir.path() / "old/kept").string();
              const std::string script =
                  fmt::format("for i in $(seq 100); do [ -e {0} ] || exit 0; sleep 0.1; done; exit 5", kept);
              if (::access(kept.c_str(), F_OK) != 0) return 2;
              (void)system.become({"/bin/sh", {"-c", script}, {}}, *old);
              return 3;
          }) == 0);
}

// A mask is inherited across execve, so one that is left would hold for every service of the system.
TEST_CASE("the new init has no signal blocked and none ignored") {
    const test::TempDir dir;
    const auto said = dir / "status";
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGCHLD})
            ::signal(number, SIG_DFL); // whatever the test was started by
        ::signal(SIGPIPE, SIG_IGN);    // as the init does
        sigset_t all;
        ::sigfillset(&all);
        ::sigprocmask(SIG_SETMASK, &all, nullptr);
        LinuxSystem system;
        // exec: a shell that starts a program blocks signals itself for a moment.
        (void)system.become(
            {"/bin/sh",
             {"-c", fmt::format("exec grep -E '^Sig(Blk|Ign)' /proc/self/status >{}", said.string())},
             {}},
            OldRoot{});
        ::_exit(127);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    const auto words = read_file(said).value();
    const auto mask = [&words](const std::string& name) {
        return std::stoull(words.substr(words.find(name) + name.size()), nullptr, 16);
    };
    CHECK(mask("SigBlk:") == 0);
    CHECK((mask("SigIgn:") >> (SIGPIPE - 1) & 1) == 0);
}
