// SPDX-License-Identifier: MIT
// Private to extractor: the directory for the files of an image, held open. Follows no link of the image.
#pragma once

#include <filesystem>
#include <string>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"

namespace mkpxerd::image {

class ExtractionDirectory {
  public:
    // Creates it if it does not exist.
    static Result<ExtractionDirectory> open(const std::filesystem::path& directory, bool is_private);

    // Where a path of the image is on this machine, for messages.
    std::string host(const std::string& path) const { return (directory_ / path).string(); }

    // The directory of a path in the image; creates missing ones. Its descriptor stays valid until the next
    // call.
    Result<int> parent(const std::string& path);
    Result<int> directory(const std::string& path);
    // Removes a file from the place of a new one; a directory there is an error.
    Result<int> clear(const std::string& path);

  private:
    ExtractionDirectory(std::filesystem::path directory, UniqueFd root)
        : directory_(std::move(directory)), root_(std::move(root)) {}
    UniqueFd open_whole(const std::string& path) const;
    int keep(UniqueFd directory, const std::string& path);

    std::filesystem::path directory_;
    UniqueFd root_;
    UniqueFd last_;
    std::string last_path_;
};

// "usr/bin/tool" -> "tool"
std::string last_name(const std::string& path);

} // namespace mkpxerd::image
