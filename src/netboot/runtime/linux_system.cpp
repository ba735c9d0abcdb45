// SPDX-License-Identifier: MIT
// System calls behind Result; each function is one effect and keeps no state.
#include "mkpxerd/netboot/runtime/linux_system.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <linux/magic.h>
#include <memory>
#include <signal.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mkpxerd/base/file.hpp"
#include "mkpxerd/base/text.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/netboot/runtime/execute.hpp"
#include "mkpxerd/netboot/runtime/loop_device.hpp"
#include "mkpxerd/netboot/runtime/module_insertion.hpp"

namespace mkpxerd::netboot {
namespace {

constexpr unsigned forced_restart_seconds = 10;

// Deletes the content of an open directory, except for other file systems.
void remove_below(int directory, dev_t device) {
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(directory), ::closedir);
    if (!entries) {
        ::close(directory);
        return;
    }
    while (const dirent* entry = ::readdir(entries.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        struct stat st {};
        const int parent = ::dirfd(entries.get());
        if (::fstatat(parent, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || st.st_dev != device) continue;
        if (!S_ISDIR(st.st_mode)) {
            ::unlinkat(parent, entry->d_name, 0);
            continue;
        }
        const int below = ::openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0) remove_below(below, device);
        ::unlinkat(parent, entry->d_name, AT_REMOVEDIR);
    }
}

// Asio opens its sockets without SOCK_CLOEXEC, and no other program may get them.
void close_on_exec() {
    constexpr unsigned first_own = STDERR_FILENO + 1;
    (void)::syscall(SYS_close_range, first_own, ~0U,
                    CLOSE_RANGE_CLOEXEC); // Linux 5.11; before, they stay open
}

// fork(2). In the child every signal has its default effect again: those that the parent handles in its event
// loop would reach the parent, and a fault would start the init again.
pid_t fork_plain() {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    for (int number = 1; number < NSIG; ++number)
        ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    return pid;
}

bool is_in_memory(const OldRoot& old) {
    struct statfs fs {};
    if (::fstatfs(old.directory.get(), &fs) != 0) return false;
    const auto type = static_cast<unsigned long>(fs.f_type);
    return type == RAMFS_MAGIC || type == TMPFS_MAGIC;
}

// A child that empties the old root as soon as its parent has become another program, which closes the pipe.
// A byte from the pipe means that this failed.
UniqueFd start_emptying(const OldRoot& old) {
    std::array<int, 2> ends{};
    if (!is_in_memory(old) || ::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const pid_t child = fork_plain();
    if (child < 0) return {};
    if (child > 0) return write_end;
    write_end.reset();
    ::setsid();
    char failed = 0;
    ssize_t got = 0;
    do {
        got = ::read(read_end.get(), &failed, 1);
    } while (got < 0 && errno == EINTR);
    struct stat st {};
    const int directory = ::openat(old.directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (got == 0 && directory >= 0 && ::fstat(directory, &st) == 0) remove_below(directory, st.st_dev);
    ::_exit(0);
}

utsname names() {
    utsname name{};
    ::uname(&name);
    return name;
}

} // namespace

std::error_code errno_unless(bool ok) {
    return ok ? std::error_code() : std::error_code(errno, std::generic_category());
}

std::string MountCall::text() const {
    std::string options = (flags & MS_RDONLY) != 0 ? "ro" : "";
    if (!data.empty()) options += (options.empty() ? "" : ",") + data;
    return fmt::format("{} {} on {}{}", type.empty() ? "mount" : type, source, target,
                       options.empty() ? "" : " (" + options + ")");
}

std::error_code LinuxSystem::mount(const MountCall& call) {
    return errno_unless(::mount(call.source.c_str(), call.target.c_str(),
                                call.type.empty() ? nullptr : call.type.c_str(), call.flags,
                                call.data.empty() ? nullptr : call.data.c_str()) == 0);
}

std::error_code LinuxSystem::unmount(const std::string& target, int flags) {
    return errno_unless(::umount2(target.c_str(), flags) == 0);
}

ModuleAnswer LinuxSystem::load_module(const std::string& path, const std::string& parameters) {
    const auto format = read_file("/sys/module/compression"); // since Linux 5.17, if built with it
    return insert_module(path, format ? trim(*format) : std::string_view(), [&](int file, int flags) {
        return errno_unless(::syscall(SYS_finit_module, file, parameters.c_str(), flags) == 0);
    });
}

Result<LoopDevice> LinuxSystem::attach_loop(const std::string& path) {
    return bind_loop_device(path);
}

Result<int> LinuxSystem::start_process(const std::function<int()>& body) {
    const pid_t pid = fork_plain();
    if (pid < 0) return fail_errno("fork", "cannot start a process", errno);
    if (pid == 0) {
        ::setsid();
        close_on_exec();
        ::_exit(body());
    }
    return pid;
}

void LinuxSystem::kill_process(int pid, int signal) {
    if (::kill(-pid, signal) != 0) ::kill(pid, signal); // it may not have its session yet
}

Result<OldRoot> LinuxSystem::enter_root(const std::string& path) {
    MKPXERD_TRY_ASSIGN(UniqueFd directory, open_file("/", O_PATH | O_DIRECTORY));
    OldRoot old{std::move(directory)};
    if (::chdir(path.c_str()) != 0) return fail_errno(path, "cannot enter", errno);
    if (::mount(".", "/", nullptr, MS_MOVE, nullptr) != 0) {
        const int number = errno;
        (void)!::chdir("/");
        return fail_errno(path, "cannot move to /", number);
    }
    if (::chroot(".") != 0 || ::chdir("/") != 0) {
        const int number = errno;
        (void)leave_root(old, path); // the first failure is the one to report
        return fail_errno(path, "cannot change root", number);
    }
    return old;
}

// The new root lies on top of the old one, where no path leads: it is moved as the current directory.
Result<void> LinuxSystem::leave_root(const OldRoot& old, const std::string& path) {
    MKPXERD_TRY_ASSIGN(const UniqueFd entered, open_file(".", O_PATH | O_DIRECTORY));
    const bool done = ::fchdir(old.directory.get()) == 0 && ::chroot(".") == 0 &&
                      ::fchdir(entered.get()) == 0 &&
                      ::mount(".", path.c_str(), nullptr, MS_MOVE, nullptr) == 0 && ::chdir("/") == 0;
    if (!done) return fail_errno(path, "cannot be moved back", errno);
    return {};
}

Result<void> LinuxSystem::become(const Program& program, const OldRoot& old) {
    const UniqueFd emptying = start_emptying(old);
    const UniqueFd console(::open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (console)
        for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            ::dup2(console.get(), number);
    sigset_t none;
    sigset_t before;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, &before);
    // An ignored signal stays ignored across execve, in the whole system.
    const auto on_broken_pipe = ::signal(SIGPIPE, SIG_DFL);
    close_on_exec();
    const int number = execute(program.path, program);
    ::signal(SIGPIPE, on_broken_pipe);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    if (emptying) (void)!::write(emptying.get(), "", 1);
    return fail_errno(program.path, "cannot execute", number);
}

// A dead NFS server blocks sync(2) forever, even against signals: a child calls it, and gets a few seconds.
static void sync_for_a_while() {
    const pid_t child = fork_plain();
    if (child < 0) return;
    if (child == 0) {
        ::sync();
        ::_exit(0);
    }
    for (int i = 0; i < 50; ++i) { // 5 s
        const pid_t ended = ::waitpid(child, nullptr, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR)) return;
        ::usleep(100'000);
    }
}

// The kernel's restart waits for the lock of each device, which a driver that does not return keeps. This
// child restarts the machine without asking drivers (Documentation/admin-guide/sysrq.rst). Nothing like that
// powers off: sysrq 'o' asks the drivers, too (kernel/power/poweroff.c).
static pid_t start_forcing_restart() {
    const pid_t child = fork_plain();
    if (child != 0) return child;
    ::sleep(forced_restart_seconds);
    (void)write_file("/proc/sysrq-trigger", "b");
    ::_exit(0);
}

Result<void> LinuxSystem::restart(Restart kind) {
    sync_for_a_while();
    const pid_t forcing = kind == Restart::Reboot ? start_forcing_restart() : -1;
    ::reboot(kind == Restart::Reboot ? RB_AUTOBOOT : RB_POWER_OFF);
    const int number = errno;
    if (forcing > 0) ::kill(forcing, SIGKILL);
    return fail_errno("reboot", "the kernel refused", number);
}

Result<void> LinuxSystem::set_hostname(const std::string& name) {
    if (::sethostname(name.data(), name.size()) != 0)
        return fail_errno(name, "cannot set as host name", errno);
    return {};
}

std::int64_t LinuxSystem::clock_seconds() const {
    return ::time(nullptr);
}

Result<void> LinuxSystem::set_clock_seconds(std::int64_t seconds) {
    timespec time{};
    time.tv_sec = seconds;
    if (::clock_settime(CLOCK_REALTIME, &time) != 0) return fail_errno("clock", "cannot be set", errno);
    return {};
}

std::string LinuxSystem::kernel_release() const {
    return names().release;
}

std::string LinuxSystem::machine() const {
    return names().machine;
}

} // namespace mkpxerd::netboot
