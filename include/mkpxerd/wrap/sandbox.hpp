// SPDX-License-Identifier: MIT
// Restricts a process before it reads untrusted bytes, so that a bug in a parser does little harm: rights,
// system calls, files, memory and time. This cannot be undone, and child processes inherit it. If the kernel
// lacks one of the mechanisms, the process runs without it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace mkpxerd::wrap {

enum class Network { None, Local, Any }; // Local: sockets of this machine's file system

// The rights that a command keeps.
struct Powers {
    bool programs = false; // to start and kill programs
    Network network = Network::None;
    std::uint64_t capabilities = 0; // of the process, by number: see capability()
};
constexpr std::uint64_t capability(int number) { // of linux/capability.h
    return std::uint64_t{1} << number;
}

// The mechanisms that the kernel has. Each works without the others.
struct Guards {
    bool no_new_privileges = false; // prctl(2), Linux 3.5
    bool calls = false;             // seccomp(2), Linux 3.5
    bool files = false;             // landlock(7) of Linux 5.19: restrict_files() will hold
};

// Afterwards, set-id programs give no privileges, the process has only the given capabilities, and system
// calls that change the machine, other processes or credentials fail (EPERM). Files, memory and threads stay
// available.
Guards drop_powers(const Powers& powers);

// Adds a filter: no sockets from now on.
void drop_network();

// Files and directories with everything below them; missing ones are ignored. Open descriptors stay usable.
struct FileAccess {
    std::optional<std::vector<std::filesystem::path>> readable; // nullopt: everything
    std::vector<std::filesystem::path> writable;                // readable as well
    Network network = Network::None;                            // as in Powers
};
// False: this kernel does not support it, and nothing is restricted.
bool restrict_files(const FileAccess& access);

// 0: unbounded.
struct Bounds {
    std::uint64_t memory = 0;  // bytes of the process's own memory, without mapped files
    std::uint64_t seconds = 0; // of processor time, of all threads together
};
// Allocations beyond the limit fail, as without memory. At the time limit the process ends with exit code 1
// and a message on standard error that names --max-time. Lower limits of the process stay.
void set_bounds(const Bounds& bounds);
// Restores the earlier limits, for a program to start.
void lift_bounds();

} // namespace mkpxerd::wrap
