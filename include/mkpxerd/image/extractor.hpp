// SPDX-License-Identifier: MIT
// Image -> a folder on this machine, safe for images of unknown origin: nothing outside the folder is
// written. Every step into a folder refuses links, those of the image and those that were there before; links
// themselves are made last, as they stand in the image, and are never followed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/image/image_reader.hpp"

namespace mkpxerd::image {

struct ExtractReport {
    std::size_t entries = 0;      // written
    std::vector<Problem> skipped; // device nodes without root rights, sockets, what the kernel loses too
};

class Extractor {
  public:
    // The folder is made when it does not exist.
    explicit Extractor(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // The tree that the kernel makes of the image, or of it the entries that paths name: exact ones, folders
    // with everything below, or shell patterns over the whole path. Owners and set-id bits only for root.
    // Errors: a path that names nothing (before anything is written); what the system refuses, with its path.
    Result<ExtractReport> extract(const Image& image, const std::vector<std::string>& paths) const;

  private:
    std::filesystem::path folder_;
};

} // namespace mkpxerd::image
