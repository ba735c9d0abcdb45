// SPDX-License-Identifier: MIT
// The commands for finished images: ls, cat, extract, size, diff. Each is a function over streams, so that it
// can be tested in process; results go to out, messages to err. All return an exit code of run.hpp.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "mkpxerd/cli/run.hpp"

namespace CLI {
class App;
}

namespace mkpxerd::cli {

struct LsOptions {
    std::vector<std::filesystem::path> images;
    bool long_format = false;
    bool json = false;
};
// Lists every entry of every archive, below a line for each part of the file. Continues with the next image
// after a bad one.
int run_ls(const LsOptions& options, std::ostream& out, std::ostream& err);

struct CatOptions {
    std::filesystem::path image;
    std::vector<std::string> paths;
};
// Prints contents as the kernel would leave them, in the order of the paths.
int run_cat(const CatOptions& options, std::ostream& out, std::ostream& err);

struct ExtractOptions {
    std::filesystem::path image;
    std::filesystem::path directory = ".";
    std::vector<std::string> paths; // none: everything
    bool preserve = false;          // owners, all permission bits, device nodes
};
int run_extract(const ExtractOptions& options, std::ostream& out, std::ostream& err);

struct SizeOptions {
    std::filesystem::path image;
    bool json = false;
};
int run_size(const SizeOptions& options, std::ostream& out, std::ostream& err);

struct DiffOptions {
    std::filesystem::path before;
    std::filesystem::path after;
    bool json = false;
};
// Exit code 0 also if they differ: that is a result, not a failure.
int run_diff(const DiffOptions& options, std::ostream& out, std::ostream& err);

void add_ls_options(CLI::App& command, LsOptions& options);
void add_cat_options(CLI::App& command, CatOptions& options);
void add_extract_options(CLI::App& command, ExtractOptions& options);
void add_size_options(CLI::App& command, SizeOptions& options);
void add_diff_options(CLI::App& command, DiffOptions& options);

} // namespace mkpxerd::cli
