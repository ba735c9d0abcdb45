// SPDX-License-Identifier: MIT
// Detached Ed25519 signatures (RFC 8032), by OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mkpxerd/base/result.hpp"

namespace mkpxerd::wrap {

using Ed25519Signature = std::array<std::byte, 64>;

// 64 raw bytes, or base64 with whitespace anywhere.
std::optional<Ed25519Signature> parse_signature(std::string_view content);

// Is this one public key: PEM (`openssl pkey -pubout`), or its 32 bytes in base64?
// Errors (MPX-FETCH-11) say what it is instead, in particular a private key.
Result<void> check_ed25519_key(const std::string& object, std::string_view content);

class Ed25519Keys {
  public:
    // Every file of a directory, whatever its name. No directory: no keys.
    // Errors: MPX-FETCH-11, naming the file that is not such a key, or the unreadable directory.
    static Result<Ed25519Keys> load(const std::filesystem::path& directory);
    Ed25519Keys(Ed25519Keys&&) noexcept;
    Ed25519Keys& operator=(Ed25519Keys&&) noexcept;
    ~Ed25519Keys();

    bool empty() const;
    // File names, sorted.
    std::vector<std::string> names() const;
    // The name of the key that made this signature; nullopt: none of them.
    std::optional<std::string> signer(std::span<const std::byte> message,
                                      const Ed25519Signature& signature) const;

  private:
    struct State;
    explicit Ed25519Keys(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace mkpxerd::wrap
