// SPDX-License-Identifier: MIT
// XXH3 with 128 bits, in its canonical byte order.
#include "mkpxerd/wrap/content_hash.hpp"

#include <cstring>
#include <new>
#include <xxhash.h>

namespace mkpxerd::wrap {

void ContentHasher::Free::operator()(XXH3_state_s* state) const {
    ::XXH3_freeState(state);
}

ContentHasher::ContentHasher() : state_(::XXH3_createState()) {
    if (!state_) throw std::bad_alloc();
    ::XXH3_128bits_reset(state_.get());
}

void ContentHasher::update(std::span<const std::byte> bytes) {
    ::XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
}

ContentHash ContentHasher::finish() {
    XXH128_canonical_t canonical;
    ::XXH128_canonicalFromHash(&canonical, ::XXH3_128bits_digest(state_.get()));
    ContentHash hash{};
    std::memcpy(hash.data(), canonical.digest, hash.size());
    ::XXH3_128bits_reset(state_.get());
    return hash;
}

} // namespace mkpxerd::wrap
