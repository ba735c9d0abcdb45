// SPDX-License-Identifier: MIT
// The rights that each command keeps. All commands but `try` read untrusted bytes with no more than these.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <vector>

#include "mkpxerd/cli/output/command_context.hpp"
#include "mkpxerd/generator/types.hpp"
#include "mkpxerd/wrap/sandbox.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

// --max-memory and --max-time. The defaults are beyond what ordinary images and trees need.
struct BoundOptions {
    std::optional<std::uint64_t> memory; // bytes
    std::optional<std::uint64_t> seconds;
};
void add_bound_options(CLI::App& command, BoundOptions& options);
wrap::Bounds bounds_of(const BoundOptions& options);

// By default a command reads any file, within bounds, and writes only to open descriptors.
struct Duty {
    Duty();
    static Duty reads(std::vector<std::filesystem::path> images);
    static Duty writes(std::filesystem::path input,
                       const std::filesystem::path& output); // -: standard output
    static Duty extracts(std::filesystem::path image, std::filesystem::path directory);
    static Duty builds();
    static Duty makes_bundle(const std::filesystem::path& directory); // and starts mksquashfs
    static Duty prints(wrap::Network network = wrap::Network::None); // reads only our data and this machine's
    static Duty boots(); // QEMU, by a process that keeps all its rights

    bool is_confined = true;
    bool is_bounded = true;
    bool makes_directory = false; // the first writable one
    wrap::Powers powers;
    std::optional<std::vector<std::filesystem::path>> readable; // nullopt: everything
    std::optional<std::vector<std::filesystem::path>> writable =
        std::vector<std::filesystem::path>(); // nullopt: confine_output() decides
};

// Before the command runs. Does nothing unless the process ends with the command (CommandContext::confined).
wrap::Guards confine(Duty duty, const BoundOptions& bounds, const CommandContext& context);

// Prints one line for each protection that the kernel lacks.
void print_missing_guards(const wrap::Guards& guards, std::ostream& err);
// The error of a command that reached its limit.
Error out_of_memory(const BoundOptions& bounds);

// What a build may write and reach, once it knows its outputs. other_file: a second output; empty: none.
struct OutputRights {
    std::vector<std::filesystem::path> writable; // directories, and files that are streams
    wrap::Network network = wrap::Network::None;
};
OutputRights rights_for_output(const generator::BuildRequest& request, const std::filesystem::path& cache,
                               const std::filesystem::path& other_file = {});
// Once a build knows its outputs: restricts writing to those and to the cache.
void confine_output(const generator::BuildRequest& request, const std::filesystem::path& cache,
                    const CommandContext& context, const std::filesystem::path& other_file = {});

} // namespace mkpxerd::cli
