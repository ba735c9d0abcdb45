// SPDX-License-Identifier: MIT
// A hash of content, by XXH3: as fast as memory. It resists accidents but not attackers, which is enough for
// a private cache; everything else uses Sha256.
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
    // The hash of everything since the last finish(); starts over.
    ContentHash finish();

  private:
    struct Free {
        void operator()(XXH3_state_s* state) const;
    };
    std::unique_ptr<XXH3_state_s, Free> state_;
};

} // namespace mkpxerd::wrap
