// SPDX-License-Identifier: MIT
// Image -> a directory on this machine, safe for images of unknown origin: writes nothing outside the
// directory. Every step into a directory refuses links, both the image's and existing ones; the image's links
// are created last, unchanged, and never followed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/image/image_reader.hpp"

namespace mkpxerd::image {

struct ExtractReport {
    std::size_t entries = 0;      // written
    std::vector<Problem> skipped; // sockets, entries that the kernel loses, devices that the system refuses
    // Only with ExtractRights::Own:
    std::vector<std::string> devices; // left out
    std::vector<std::string> set_ids; // written without their set-id bits
};

// Owner and permissions of the files. An image of unknown origin must not decide them.
enum class ExtractRights {
    Own,     // owned by this user, with permissions that the umask allows; no device nodes, no set-id bits
    AsImage, // owners, all bits and device nodes of the image, as far as the system allows
};

// Only its owner may read the image, and its content relies on that.
bool is_private_image(const std::filesystem::path& image);
// Creates the directory for an image if it does not exist, without access for others if the image is private.
// Returns its place at the end of links. Errors: it cannot be created; a link of another user in a
// world-writable directory.
Result<std::filesystem::path> make_extraction_directory(const std::filesystem::path& directory,
                                                        bool is_private);

struct ExtractTarget {
    std::filesystem::path directory; // created if it does not exist
    ExtractRights rights = ExtractRights::Own;
    bool is_private = false; // a new directory gives others no access
};

// Extracts the tree that the kernel makes of the image, or the entries in it that paths name: exact ones,
// directories with everything below, or shell patterns over the whole path. Errors: a path without a match
// (before anything is written); a directory that is a link of another user in a world-writable directory; a
// file that the system refuses.
Result<ExtractReport> extract(const Image& image, const std::vector<std::string>& paths,
                              const ExtractTarget& target);

} // namespace mkpxerd::image
