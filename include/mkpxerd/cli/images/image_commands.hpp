// SPDX-License-Identifier: MIT
// The commands for finished images: ls, cat, extract, size, diff. Results go to the output, messages to the
// error stream. All return an exit code of run.hpp.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/cli/output/command_context.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

struct LsOptions {
    std::vector<std::filesystem::path> images;
    bool long_format = false;
};
// Lists every entry of every archive, below a line for each part of the file. Continues with the next image
// after a bad one.
int run_ls(const LsOptions& options, const CommandContext& context);

struct CatOptions {
    std::filesystem::path image;
    std::vector<std::string> paths;
};
// Prints contents as the kernel would leave them, in the order of the paths.
int run_cat(const CatOptions& options, const CommandContext& context);

struct ExtractOptions {
    std::filesystem::path image;
    std::filesystem::path directory = ".";
    std::vector<std::string> paths; // none: everything
    bool preserve = false;          // owners, all permission bits, device nodes
};
int run_extract(const ExtractOptions& options, const CommandContext& context);

struct SizeOptions {
    std::filesystem::path image;
};
int run_size(const SizeOptions& options, const CommandContext& context);

struct DiffOptions {
    std::filesystem::path before;
    std::filesystem::path after;
};
// The exit codes of diff(1): 0 the files are identical, 1 they differ.
inline constexpr int exit_differ = 1;
inline constexpr int exit_not_compared = 2;
int run_diff(const DiffOptions& options, const CommandContext& context);

void add_ls_options(CLI::App& command, LsOptions& options);
void add_cat_options(CLI::App& command, CatOptions& options);
void add_extract_options(CLI::App& command, ExtractOptions& options);
void add_size_options(CLI::App& command, SizeOptions& options);
void add_diff_options(CLI::App& command, DiffOptions& options);

} // namespace mkpxerd::cli
