// SPDX-License-Identifier: MIT
// A folder of files for servers: filled where nobody looks, then published. A new one appears whole. In one
// that is there each file is replaced at once and the folder itself stays, since servers may have it open,
// exported or as their root.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::deploy {

class BundleFolder {
  public:
    // Errors: a target that is there and neither an empty folder nor a bundle; a place that cannot be
    // written.
    static Result<BundleFolder> create(const std::filesystem::path& target);
    BundleFolder(BundleFolder&& other) noexcept;
    BundleFolder& operator=(BundleFolder&&) = delete;
    BundleFolder(const BundleFolder&) = delete;
    BundleFolder& operator=(const BundleFolder&) = delete;
    // Without publish() nothing is left behind and the target is as it was.
    ~BundleFolder();

    // Where a file of the bundle lies for now; its parents are made.
    Result<std::filesystem::path> place(const std::string& name) const;
    Result<void> write(const std::string& name, std::string_view content) const;
    Result<void> copy(const std::string& name, const std::filesystem::path& source) const;

    // Writes SHA256SUMS and gives every file its name in the target, SHA256SUMS last. Files that an older
    // bundle had and this one has not go; those that others put there (scripts of single machines, apkovls)
    // stay.
    Result<void> publish();

  private:
    BundleFolder(std::filesystem::path target, std::filesystem::path staged)
        : target_(std::move(target)), staged_(std::move(staged)) {}
    Result<std::vector<std::string>> write_sums() const;
    Result<void> move_into_target(const std::vector<std::string>& own) const;

    std::filesystem::path target_;
    std::filesystem::path staged_; // empty: it became the target
};

// What the SHA256SUMS of a bundle name: path -> SHA-256, hexadecimal.
Result<std::map<std::string, std::string>> read_sums(const std::filesystem::path& bundle);

// The SHA-256 of a file, hexadecimal.
Result<std::string> file_sha256(const std::filesystem::path& file);

} // namespace mkpxerd::deploy
