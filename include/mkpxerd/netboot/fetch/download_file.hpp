// SPDX-License-Identifier: MIT
// What has been fetched of an object so far: a file beside its destination, which takes the name only when
// complete.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "mkpxerd/base/result.hpp"
#include "mkpxerd/base/unique_fd.hpp"
#include "mkpxerd/wrap/sha256.hpp"

namespace mkpxerd::netboot {

class DownloadFile {
  public:
    // Errors: MPX-FETCH-03, naming the path.
    static Result<DownloadFile> create(const std::filesystem::path& destination);
    DownloadFile(DownloadFile&&) noexcept = default;
    DownloadFile& operator=(DownloadFile&&) = delete;
    ~DownloadFile(); // removes what was not committed

    std::uint64_t size() const { return size_; }
    // Errors: MPX-FETCH-03 no room left, naming sizes, or another failure to write.
    Result<void> write(std::span<const char> bytes);
    // From now on what is written is hashed on the way. Before the first write.
    void hash();
    // SHA-256 of everything written, in lower case hexadecimal; hashing starts anew.
    std::string digest();
    const std::filesystem::path& path() const { return path_; } // where the bytes lie until commit()
    // Forgets everything written.
    Result<void> restart();
    // Is there room for an object of this size in all? Errors: MPX-FETCH-03, naming both sizes.
    Result<void> expect(std::uint64_t total) const;
    // The destination now holds the object.
    Result<void> commit();

  private:
    DownloadFile(std::filesystem::path destination, std::filesystem::path path, UniqueFd fd)
        : destination_(std::move(destination)), path_(std::move(path)), fd_(std::move(fd)) {}
    std::filesystem::path destination_;
    std::filesystem::path path_;
    UniqueFd fd_;
    std::uint64_t size_ = 0;
    std::optional<wrap::Sha256> hash_;
};

} // namespace mkpxerd::netboot
