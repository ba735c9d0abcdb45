// SPDX-License-Identifier: MIT
// Name of an output -> the file at the end of its links, or a stream.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd {

// The checked file stays open, so that nobody can replace it.
struct OutputPlace {
    std::filesystem::path path; // at the end of all links; may not exist yet
    std::string name;           // its last component, in the directory
    UniqueFd directory;         // O_PATH; empty: it does not exist, or the place is a stream of this process
    UniqueFd target;            // O_PATH, the existing file; empty: none
    std::optional<int> descriptor; // the name is an open descriptor of this process: write to it
    bool is_stream = false;        // a descriptor, device, pipe or socket: cannot be replaced
};

// "-" stands for standard output, and so do /dev/stdout and other names of it. Errors: a loop of links; a
// directory; a link on the path, or a pipe, socket or device at its end, that another user put into a sticky
// world-writable directory. These are the rules of fs.protected_symlinks and protected_fifos, whatever the
// sysctls say: files of this user and of the directory's owner are accepted.
Result<OutputPlace> find_output(const std::filesystem::path& named);
// The same for a directory, which may exist (then it is the target) or not.
Result<OutputPlace> find_output_directory(const std::filesystem::path& named);

// The place of a file whose path comes from a tree, not from the user: below its root, at the end of links,
// new or to be replaced. Its directory is held open, so that it stays in the tree. Errors: not a file; a
// dangling link; no such directory.
Result<OutputPlace> output_in_tree(const std::filesystem::path& root, std::string_view path);

// Opens a stream for writing; waits for the reader of a pipe, as a shell does. Errors: a terminal, since an
// image is binary.
Result<UniqueFd> open_stream(const OutputPlace& place, const std::filesystem::path& named);

// Whether this output is the standard output, where messages go.
bool is_standard_output(const std::filesystem::path& named);

} // namespace mkpxerd
