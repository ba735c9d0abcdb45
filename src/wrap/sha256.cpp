// SPDX-License-Identifier: MIT
// Calls the functions directly: libcrypto's lookup by name links all algorithms, four times the rest of an
// /init without TLS. The direct functions are deprecated, hence the define.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "mkpxerd/wrap/sha256.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <openssl/sha.h>

namespace mkpxerd::wrap {
namespace {

// The calls cannot fail.
void require(int status) {
    if (status != 1) std::abort();
}

} // namespace

void Sha256::Free::operator()(SHA256state_st* state) const {
    delete state;
}

Sha256::Sha256() : state_(new SHA256state_st) {
    require(::SHA256_Init(state_.get()));
}

void Sha256::update(std::span<const std::byte> bytes) {
    require(::SHA256_Update(state_.get(), bytes.data(), bytes.size()));
}

Sha256Digest Sha256::finish() {
    Sha256Digest digest{};
    require(::SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), state_.get()));
    require(::SHA256_Init(state_.get()));
    return digest;
}

std::string to_hex(const Sha256Digest& digest) {
    std::string text;
    for (const std::byte value : digest)
        text += fmt::format("{:02x}", std::to_integer<unsigned>(value));
    return text;
}

} // namespace mkpxerd::wrap
