// SPDX-License-Identifier: MIT
// SHA-256 of a stream, by OpenSSL's libcrypto.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct SHA256state_st;

namespace mkpxerd::wrap {

using Sha256Digest = std::array<std::byte, 32>;
std::string to_hex(const Sha256Digest& digest); // 64 digits, lower case

class Sha256 {
  public:
    Sha256();
    void update(std::span<const std::byte> bytes);
    // The digest of everything since the last finish(); starts over.
    Sha256Digest finish();

  private:
    struct Free {
        void operator()(SHA256state_st* state) const;
    };
    std::unique_ptr<SHA256state_st, Free> state_;
};

} // namespace mkpxerd::wrap
