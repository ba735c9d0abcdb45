// SPDX-License-Identifier: MIT
// What each command keeps of the rights of the process. All but `try` read bytes of others with no more than
// that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <vector>

#include "mkpxerd/cli/run.hpp"
#include "mkpxerd/generator/types.hpp"
#include "mkpxerd/wrap/sandbox.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

// --max-memory and --max-time; what is not given has a bound that images and trees of people do not reach.
struct BoundOptions {
    std::optional<std::uint64_t> memory; // bytes
    std::optional<std::uint64_t> seconds;
};
void add_bound_options(CLI::App& command, BoundOptions& options);
wrap::Bounds bounds_of(const BoundOptions& options);

// As it is: a command that reads anything, within bounds, and writes to what is open already.
struct Duty {
    Duty();
    static Duty reads(std::vector<std::filesystem::path> images);
    static Duty extracts(std::filesystem::path image, std::filesystem::path directory);
    static Duty builds();
    static Duty makes_bundle(const std::filesystem::path& directory); // and starts mksquashfs
    static Duty prints(wrap::Network network = wrap::Network::None);  // what is our own or this machine's
    static Duty boots(); // QEMU, by a process that keeps all its rights

    bool is_confined = true;
    bool is_bounded = true;
    bool makes_directory = false; // the first that is writable
    wrap::Powers powers;
    std::optional<std::vector<std::filesystem::path>> readable; // nullopt: everything
    std::optional<std::vector<std::filesystem::path>> writable =
        std::vector<std::filesystem::path>(); // nullopt: confine_output() will say
};

// Before the command runs. In a process that is not the command's alone (CommandContext::confined) it does
// nothing.
wrap::Guards confine(Duty duty, const BoundOptions& bounds, const CommandContext& context);

// What the kernel lacks of it, a line each.
void tell_unguarded(const wrap::Guards& guards, std::ostream& err);
// The error of a command that met its bound.
Error out_of_memory(const BoundOptions& bounds);

// As soon as a build knows where it writes: there, into the cache, and nowhere else.
void confine_output(const generator::BuildRequest& request, const std::filesystem::path& cache,
                    const CommandContext& context);

} // namespace mkpxerd::cli
