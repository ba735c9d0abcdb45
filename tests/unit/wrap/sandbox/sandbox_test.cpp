// SPDX-License-Identifier: MIT
// What is given up cannot be had back: each case is a child of its own.
#include "mkpxerd/wrap/sandbox.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <functional>
#include <linux/capability.h>
#include <sched.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include "mkpxerd/base/atomic_file.hpp"
#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "refused_call.hpp"
#include "temp_dir.hpp"

using namespace mkpxerd;
using namespace mkpxerd::wrap;

namespace {

// The line of the first thing in a child that was not as expected, 0 when all was; -1: the child died.
int in_child(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = -1;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}
#define EXPECT(condition)                                                                                    \
    if (!(condition)) return __LINE__ % 250 + 1

// Whether a call was refused by the filter; its own checks say something else first in no case here.
template <class T>
bool refused(T result) {
    return static_cast<long>(result) == -1 && errno == EPERM;
}

bool has_filters() {
#if defined(__x86_64__) || defined(__aarch64__)
    return in_child([] { return drop_powers({}).calls ? 0 : 1; }) == 0;
#else
    return false;
#endif
}
bool has_landlock() {
    return ::syscall(444, nullptr, 0, 1) >= 2; // landlock_create_ruleset, its version
}

std::string status_field(const std::string& name) {
    const std::string text = read_file("/proc/self/status").value_or("");
    for (const auto line : split_lines(text))
        if (line.starts_with(name + ":")) return std::string(trim(line.substr(name.size() + 1)));
    return {};
}

std::filesystem::path in(const test::TempDir& dir, const char* name) {
    return dir / name;
}

} // namespace

TEST_CASE("without powers a process starts no program and reaches no other process, no network, no mount") {
    if (!has_filters()) {
        WARN("this kernel has no seccomp filters");
        return;
    }
    CHECK(in_child([] {
              const int parent = ::getppid();
              const Guards guards = drop_powers({});
              EXPECT(guards.no_new_privileges && guards.calls);
              EXPECT(status_field("NoNewPrivs") == "1");
              EXPECT(status_field("Seccomp") == "2");
              // Of what starts all the same, the status is that of a failure.
              char* const none[] = {nullptr};
              EXPECT(refused(::execve("/bin/false", none, none)));
              EXPECT(refused(::syscall(SYS_execveat, AT_FDCWD, "/bin/false", none, none, 0)));
              EXPECT(refused(::kill(parent, 0)));
              EXPECT(refused(::syscall(SYS_tgkill, parent, parent, 0)));
              EXPECT(refused(::syscall(SYS_tkill, parent, 0)));
              rlimit limit{};
              EXPECT(refused(::prlimit(parent, RLIMIT_CORE, nullptr, &limit)));
              EXPECT(refused(::setpriority(PRIO_PROCESS, static_cast<id_t>(parent), 19)));
              cpu_set_t processors;
              CPU_ZERO(&processors);
              CPU_SET(0, &processors);
              EXPECT(refused(::sched_setaffinity(parent, sizeof processors, &processors)));
              EXPECT(refused(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)));
              EXPECT(refused(::socket(AF_INET, SOCK_STREAM, 0)));
              EXPECT(refused(::socket(AF_UNIX, SOCK_STREAM, 0)));
              EXPECT(refused(::socket(AF_NETLINK, SOCK_RAW, 0)));
              int pair[2];
              EXPECT(refused(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair)));
              EXPECT(refused(::connect(0, nullptr, 0)));
              EXPECT(refused(::setuid(::getuid())));
              EXPECT(refused(::mount("none", "/nowhere", "tmpfs", 0, nullptr)));
              EXPECT(refused(::unshare(CLONE_NEWUSER)));
              EXPECT(refused(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)));
              EXPECT(refused(::syscall(SYS_io_uring_setup, 1, nullptr)));
              EXPECT(refused(::syscall(SYS_bpf, 0, nullptr, 0)));
              EXPECT(refused(::syscall(SYS_keyctl, 0, 0, 0, 0, 0)));
              char typed = 'x';
              EXPECT(refused(::ioctl(0, TIOCSTI, &typed)));
              return 0;
          }) == 0);
}

TEST_CASE("without powers a process still reads, writes, maps memory and has threads") {
    const test::TempDir dir;
    const auto file = dir.write("input", "content");
    CHECK(in_child([&] {
              drop_powers({});
              EXPECT(read_file(file).value_or("") == "content");
              EXPECT(write_file(dir / "output", "out"));
              int seen = 0;
              std::thread([&seen] { seen = 1; }).join();
              EXPECT(seen == 1);
              EXPECT(::raise(0) == 0);
              rlimit limit{};
              EXPECT(::getrlimit(RLIMIT_NOFILE, &limit) == 0 && ::setrlimit(RLIMIT_NOFILE, &limit) == 0);
              EXPECT(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
                     MAP_FAILED);
              return 0;
          }) == 0);
}

TEST_CASE("programs and sockets stay with who needs them") {
    CHECK(in_child([] {
              drop_powers({true, Network::Any, 0});
              EXPECT(::socket(AF_INET, SOCK_DGRAM, 0) >= 0);
              EXPECT(::kill(::getpid(), 0) == 0);
              char* const command[] = {const_cast<char*>("true"), nullptr};
              ::execv("/bin/true", command);
              return 1;
          }) == 0);
}

TEST_CASE("local sockets stay until it is known that none is needed") {
    if (!has_filters()) {
        WARN("this kernel has no seccomp filters");
        return;
    }
    CHECK(in_child([] {
              drop_powers({false, Network::Local, 0});
              EXPECT(::socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
              EXPECT(refused(::socket(AF_INET, SOCK_STREAM, 0)));
              EXPECT(refused(::socket(AF_INET6, SOCK_STREAM, 0)));
              EXPECT(!refused(::connect(-1, nullptr, 0)));
              drop_network();
              EXPECT(refused(::socket(AF_UNIX, SOCK_STREAM, 0)));
              EXPECT(refused(::connect(-1, nullptr, 0)));
              return 0;
          }) == 0);
}

TEST_CASE("of the capabilities that a process has, those stay that are asked for") {
    CHECK(in_child([] {
              const auto number = [](const std::string& digits) { return std::stoull(digits, nullptr, 16); };
              const auto before = number(status_field("CapPrm"));
              const std::uint64_t kept = capability(CAP_DAC_READ_SEARCH) | capability(CAP_SYSLOG);
              drop_powers({false, Network::None, kept});
              EXPECT(number(status_field("CapEff")) == (before & kept));
              EXPECT(number(status_field("CapPrm")) == (before & kept));
              EXPECT(number(status_field("CapInh")) == 0);
              return 0;
          }) == 0);
}

TEST_CASE("files are written where that was asked for, and nowhere else") {
    const test::TempDir dir;
    dir.write("outside/file", "old");
    dir.write("inside/a/file", "old");
    std::filesystem::create_directories(dir / "inside/b");
    CHECK(in_child([&] {
              const bool held = restrict_files({std::nullopt, {dir / "inside", dir / "not/there"}});
              EXPECT(held == has_landlock());
              // As before: below the directory all of it, an image among it, and reading everywhere.
              EXPECT(write_file(dir / "inside/a/new", "new"));
              EXPECT(std::filesystem::create_directory(dir / "inside/c"));
              EXPECT(::link(in(dir, "inside/a/new").c_str(), in(dir, "inside/b/new").c_str()) == 0);
              EXPECT(::rename(in(dir, "inside/a/new").c_str(), in(dir, "inside/c/new").c_str()) == 0);
              EXPECT(::symlink("nowhere", in(dir, "inside/link").c_str()) == 0);
              EXPECT(::unlink(in(dir, "inside/a/file").c_str()) == 0);
              auto image = AtomicFile::create(dir / "inside/image");
              EXPECT(image && image->write(std::as_bytes(std::span("bytes", 5))) && image->commit(0644));
              EXPECT(read_file(dir / "outside/file").value_or("") == "old");
              if (!held) return 0;
              EXPECT(!write_file(dir / "outside/new", "new"));
              EXPECT(!open_file(dir / "outside/file", O_WRONLY));
              EXPECT(::mkdir(in(dir, "outside/directory").c_str(), 0700) != 0 && errno == EACCES);
              EXPECT(::unlink(in(dir, "outside/file").c_str()) != 0);
              EXPECT(::rename(in(dir, "inside/image").c_str(), in(dir, "outside/image").c_str()) != 0);
              EXPECT(::link(in(dir, "outside/file").c_str(), in(dir, "inside/file").c_str()) != 0);
              return 0;
          }) == 0);
    CHECK(read_file(dir / "outside/file").value() == "old");
    if (!has_landlock()) WARN("this kernel has no Landlock: only what stays was tested");
}

TEST_CASE("files are read where that was asked for, and what is open stays open") {
    const test::TempDir dir;
    const auto input = dir.write("input", "content");
    const auto secret = dir.write("secret", "secret");
    CHECK(in_child([&] {
              const int open = ::open(secret.c_str(), O_RDWR);
              const bool held = restrict_files({{{input}}, {}});
              EXPECT(held == has_landlock());
              EXPECT(read_file(input).value_or("") == "content");
              char byte = 0;
              EXPECT(::read(open, &byte, 1) == 1 && byte == 's');
              EXPECT(::write(open, "X", 1) == 1);
              if (!held) return 0;
              EXPECT(!read_file(secret));
              EXPECT(!read_file("/etc/passwd"));
              EXPECT(!write_file(input, "changed"));
              return 0;
          }) == 0);
    CHECK(read_file(input).value() == "content");
}

TEST_CASE("memory beyond the bound is refused; files that are mapped do not count") {
    const test::TempDir dir;
    const auto file = dir.write("large", "");
    constexpr std::size_t size = std::size_t{512} << 20;
    std::filesystem::resize_file(file, size);
    CHECK(in_child([&] {
              const int fd = ::open(file.c_str(), O_RDONLY);
              const auto take = [] {
                  return ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              };
              set_bounds({size, 0});
              EXPECT(take() == MAP_FAILED && errno == ENOMEM);
              EXPECT(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
              lift_bounds();
              EXPECT(take() != MAP_FAILED);
              return 0;
          }) == 0);
}

TEST_CASE("processor time beyond the bound ends the process, which names the option") {
    const test::TempDir dir;
    const auto said = dir.write("said", "");
    CHECK(in_child([&] {
              const int fd = ::open(said.c_str(), O_WRONLY);
              ::dup2(fd, STDERR_FILENO);
              set_bounds({0, 1});
              for (;;)
                  (void)::getppid();
              return 0;
          }) == 1);
    const std::string text = read_file(said).value();
    CHECK(text.starts_with("mkpxerd: error: this needs more than 1 seconds of processor time"));
    CHECK(text.find("--max-time") != std::string::npos);
}

TEST_CASE("a process goes on as before on a kernel without any of it") {
    const test::TempDir dir;
    CHECK(test::with_refused_call(SYS_prctl, EINVAL, [] {
              const Guards guards = drop_powers({});
              EXPECT(!guards.calls);
              EXPECT(::socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
              EXPECT(::kill(::getppid(), 0) == 0);
              return 0;
          }) == 0);
    CHECK(test::with_refused_call(444, ENOSYS, [&] {
              EXPECT(!restrict_files({{{}}, {}}));
              EXPECT(write_file(dir / "file", "text"));
              EXPECT(read_file(dir / "file").value_or("") == "text");
              EXPECT(!drop_powers({}).files);
              return 0;
          }) == 0);
}
