// SPDX-License-Identifier: MIT
// A name for content, by XXH3: as fast as memory is. It tells contents apart that nobody has made alike on
// purpose, which is enough for a cache that its reader has filled; what others are to believe is hashed by
// Sha256.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

struct XXH3_state_s;

namespace mkpxerd::wrap {

using ContentHash = std::array<std::byte, 16>;

class ContentHasher {
  public:
    ContentHasher();
    void update(std::span<const std::byte> bytes);
    // The hash of everything since the last finish(); starts anew.
    ContentHash finish();

  private:
    struct Free {
        void operator()(XXH3_state_s* state) const;
    };
    std::unique_ptr<XXH3_state_s, Free> state_;
};

} // namespace mkpxerd::wrap
