// SPDX-License-Identifier: MIT
// The interface to the kernel: every effect that needs PID 1 or root goes through a System. LinuxSystem
// performs it, the tests' FakeSystem records it. Plain files are read and written directly at host(path),
// which the fake maps into a temporary directory: wrapping open and read as well would make the interface
// wider and the tests no better.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::netboot {

// One mount(2), as a value: recorded by tests, printed in errors.
struct MountCall {
    std::string source;
    std::string target; // absolute path
    std::string type;
    unsigned long flags = 0;  // MS_*
    std::string data;         // options of the file system
    std::string text() const; // "tmpfs on /run (mode=0755)"
    bool operator==(const MountCall&) const = default;
};

// The arguments of execve(2). An empty environment means that of the init.
struct Program {
    std::string path;
    std::vector<std::string> arguments; // without argv[0]
    std::vector<std::string> environment;
    bool operator==(const Program&) const = default;
};

enum class Restart { Reboot, PowerOff };

// The "/" from before another root was entered: to be emptied, or to return to.
struct OldRoot {
    UniqueFd directory;
};

// A loop device that releases its file after its last user: keep it open until it is mounted.
struct LoopDevice {
    std::string path; // "/dev/loop0"
    UniqueFd held;
};

// How the kernel took a module.
struct ModuleAnswer {
    std::error_code error = {}; // of finit_module(2), or of what precedes it
    // Loaded: "xz, decompressed by the kernel"; empty for a plain module. Failed: what is wrong before the
    // kernel has seen the module, such as a damaged file; empty if the kernel refused it.
    std::string detail = {};
};

class System {
  public:
    virtual ~System() = default;

    // Where an absolute path of the machine really is: unchanged, or below the directory of a test.
    virtual std::filesystem::path host(std::string_view path) const = 0;

    // These three return the errno, because callers distinguish their errors.
    [[nodiscard]] virtual std::error_code mount(const MountCall& call) = 0;
    [[nodiscard]] virtual std::error_code unmount(const std::string& target, int flags) = 0;
    // A module compressed by gzip, xz or zstd is decompressed on the way.
    [[nodiscard]] virtual ModuleAnswer load_module(const std::string& path,
                                                   const std::string& parameters) = 0;

    // Binds a file to a free loop device, read-only and released with its last user.
    virtual Result<LoopDevice> attach_loop(const std::string& path) = 0;

    // Runs body in a child process with a session of its own, where each signal has its default effect; its
    // exit status is what body returns. Returns its pid. Children reaps it.
    virtual Result<int> start_process(const std::function<int()>& body) = 0;
    // Kills the process and everything that it has started in its session.
    virtual void kill_process(int pid, int signal) = 0;

    // Makes the mount at path the root of everything (MS_MOVE, chroot, chdir). A failure changes nothing.
    virtual Result<OldRoot> enter_root(const std::string& path) = 0;
    // Undoes enter_root().
    virtual Result<void> leave_root(const OldRoot& old, const std::string& path) = 0;
    // Opens /dev/console as 0, 1 and 2 and becomes the program. Returns only when that failed, with nothing
    // changed. On success, everything below the old root on the same file system is deleted, if that is a
    // ramfs or tmpfs.
    virtual Result<void> become(const Program& program, const OldRoot& old) = 0;
    // Syncs, then restarts the machine; returns only if the kernel refuses.
    virtual Result<void> restart(Restart kind) = 0;

    virtual Result<void> set_hostname(const std::string& name) = 0;
    virtual std::int64_t clock_seconds() const = 0; // since 1970
    virtual Result<void> set_clock_seconds(std::int64_t seconds) = 0;

    virtual std::string kernel_release() const = 0; // uname -r
    virtual std::string machine() const = 0;        // uname -m
};

} // namespace mkpxerd::netboot
