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
    std::filesystem::path path;    // at the end of all links; there may be nothing yet
    std::string name;              // the last piece of it, in the directory
    UniqueFd directory;            // O_PATH; none: it is not there, or the place is a stream of this process
    UniqueFd target;               // O_PATH, what is there; none: nothing
    std::optional<int> descriptor; // what the name stands for is open in this process: write to that
    bool is_stream = false;        // a descriptor, device, pipe or socket: nothing that can be replaced
};

// "-" stands for standard output, and so do /dev/stdout and other names of it. Errors: a circle of links; a
// directory; a link on the way, or a pipe, socket or device at its end, that somebody else put into a sticky
// directory where everybody may write. That is what the kernel has (sysctl fs.protected_symlinks and
// protected_fifos), here whatever the sysctl says: one's own, and those of the directory's owner, are good.
Result<OutputPlace> find_output(const std::filesystem::path& named);
// The same for a directory, which may be there (then it is the target) or not.
Result<OutputPlace> find_output_directory(const std::filesystem::path& named);

// Where a file lies that a tree gives the place of, and not the user: below its root, at the end of links, a
// new one or one to be replaced. Its directory is held open, so that it stays in the tree. Errors: what lies
// there is no file; a link that leads to nothing; no such directory.
Result<OutputPlace> output_in_tree(const std::filesystem::path& root, std::string_view path);

// Opens a stream for writing; waits for the reader of a pipe, as a shell does. Errors: a terminal that is
// our own output, which an image would garble.
Result<UniqueFd> open_stream(const OutputPlace& place, const std::filesystem::path& named);

// Whether what is written there comes out where this program's own messages would.
bool is_standard_output(const std::filesystem::path& named);

} // namespace mkpxerd
