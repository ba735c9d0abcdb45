// SPDX-License-Identifier: MIT
// Image -> a directory on this machine, safe for images of unknown origin: nothing outside the directory is
// written. Every step into a directory refuses links, those of the image and those that were there before;
// links themselves are made last, as they stand in the image, and are never followed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mkpxerd/image/image_reader.hpp"

namespace mkpxerd::image {

struct ExtractReport {
    std::size_t entries = 0;      // written
    std::vector<Problem> skipped; // sockets, what the kernel loses too; devices that the system refuses
    // Of ExtractRights::Own, as nobody asked for them:
    std::vector<std::string> devices; // left out
    std::vector<std::string> set_ids; // written without their set-id bits
};

// Whose the files are, and what they may do. An image of unknown origin commands neither.
enum class ExtractRights {
    Own, // of whoever extracts, with the image's permission bits as far as the umask allows; no device, no
         // set-id bit
    AsImage, // owners, all bits, device nodes, as far as the system lets this user make them
};

// Nobody but its owner may read the image, which its contents rely on.
bool is_private_image(const std::filesystem::path& image);
// The directory that an image is extracted into: made when it is not there, for nobody else when the image is
// private. Returns where it is, at the end of links. Errors: it cannot be made; a link of somebody else in a
// place where all may write.
Result<std::filesystem::path> make_extraction_directory(const std::filesystem::path& directory,
                                                        bool is_private);

class Extractor {
  public:
    // The directory is made when it does not exist; is_private: for nobody else, as the image is for nobody
    // else.
    explicit Extractor(std::filesystem::path directory, ExtractRights rights = ExtractRights::Own,
                       bool is_private = false)
        : directory_(std::move(directory)), rights_(rights), is_private_(is_private) {}

    // The tree that the kernel makes of the image, or of it the entries that paths name: exact ones,
    // directories with everything below, or shell patterns over the whole path. Errors: a path that names
    // nothing (before anything is written); a directory that is a link of somebody else in a place where all
    // may write; what the system refuses, with its path.
    Result<ExtractReport> extract(const Image& image, const std::vector<std::string>& paths) const;

  private:
    std::filesystem::path directory_;
    ExtractRights rights_;
    bool is_private_;
};

} // namespace mkpxerd::image
