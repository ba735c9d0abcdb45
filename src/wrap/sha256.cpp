// SPDX-License-Identifier: MIT
// The digest calls fail only when libcrypto is broken or memory is gone: nothing sensible can follow then.
#include "mkpxerd/wrap/sha256.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <openssl/evp.h>

namespace mkpxerd::wrap {
namespace {

void require(int status) {
    if (status != 1) std::abort();
}

} // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
    ::EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(::EVP_MD_CTX_new()) {
    require(context_ != nullptr ? 1 : 0);
    require(::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr));
}

void Sha256::update(std::span<const std::byte> bytes) {
    require(::EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Sha256Digest Sha256::finish() {
    Sha256Digest digest{};
    require(::EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr));
    require(::EVP_DigestInit_ex(context_.get(), nullptr, nullptr));
    return digest;
}

std::string to_hex(const Sha256Digest& digest) {
    std::string text;
    for (const std::byte value : digest)
        text += fmt::format("{:02x}", std::to_integer<unsigned>(value));
    return text;
}

} // namespace mkpxerd::wrap
