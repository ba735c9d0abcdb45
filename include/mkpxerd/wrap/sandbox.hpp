// SPDX-License-Identifier: MIT
// What a process gives up before it reads bytes of others, so that a bug in a parser is worth little: rights,
// system calls, files, memory and time. Nothing of it can be taken back, and programs that are started
// inherit it. Each part is for the kernels that have it; on others the process goes on without.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace mkpxerd::wrap {

enum class Network { None, Local, Any }; // Local: sockets of this machine's file system

// What is kept of what most commands have no use for.
struct Powers {
    bool programs = false; // to start programs, and to end them
    Network network = Network::None;
    std::uint64_t capabilities = 0; // of those that the process has, by their numbers: see capability()
};
constexpr std::uint64_t capability(int number) { // of linux/capability.h
    return std::uint64_t{1} << number;
}

// What held in the kernel. Without one of them the others still hold.
struct Guards {
    bool no_new_privileges = false; // prctl(2), Linux 3.5
    bool calls = false;             // seccomp(2), Linux 3.5
    bool files = false;             // landlock(7) of Linux 5.19: restrict_files() will hold
};

// No privileges by set-id programs; no capabilities but those; the system calls that change the machine,
// other processes or credentials are refused (EPERM). Files, memory and threads stay.
Guards drop_powers(const Powers& powers);

// One filter more: no sockets from here on.
void drop_network();

// Files and directories with everything below them; what is not there is passed over. Descriptors that are
// open stay as they are.
struct FileAccess {
    std::optional<std::vector<std::filesystem::path>> readable; // nullopt: everything
    std::vector<std::filesystem::path> writable;                // readable as well
    Network network = Network::None;                            // what was kept of it
};
// False: this kernel cannot, and nothing is restricted.
bool restrict_files(const FileAccess& access);

// 0: unbounded.
struct Bounds {
    std::uint64_t memory = 0;  // bytes, of what the process fills itself: files that it maps do not count
    std::uint64_t seconds = 0; // of processor time, of all threads together
};
// Memory beyond the bound is refused, as where there is none. Time beyond it ends the process: exit code 1
// and a message on standard error, which names --max-time. Lower bounds that the process has stay as they
// are.
void set_bounds(const Bounds& bounds);
// The bounds from before, for a program that is to be started.
void lift_bounds();

} // namespace mkpxerd::wrap
