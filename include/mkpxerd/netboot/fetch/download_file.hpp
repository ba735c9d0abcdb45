// SPDX-License-Identifier: MIT
// The received bytes of an object: a temporary file beside its destination, renamed when it is complete.
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
    // Errors: MPX-FETCH-03, with the path.
    static Result<DownloadFile> create(const std::filesystem::path& destination);
    DownloadFile(DownloadFile&&) noexcept = default;
    DownloadFile& operator=(DownloadFile&&) = delete;
    ~DownloadFile(); // removes the file unless committed

    std::uint64_t size() const { return size_; }
    // Errors: MPX-FETCH-03 no space left, with the size, or another failure to write.
    Result<void> write(std::span<const char> bytes);
    // Hashes all bytes as they are written. To be called before the first write.
    void hash();
    // The SHA-256 of all bytes, in lower case hexadecimal. Once, unless restart() follows.
    std::string digest();
    const std::filesystem::path& path() const { return path_; } // of the temporary file
    // Empties the file.
    Result<void> restart();
    // Checks that an object of this total size fits. Errors: MPX-FETCH-03, with both sizes.
    Result<void> expect(std::uint64_t total) const;
    // Renames the file to the destination.
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
