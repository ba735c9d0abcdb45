// SPDX-License-Identifier: MIT
// Verifies an object by its SHA-256, or by a signature of a key in the image.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/contract/url.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

namespace mkpxerd::netboot {

// The hash of "url#sha256=HEX", in lower case. Errors: MPX-FETCH-01 any other fragment, because a misspelt
// one would silently check nothing.
Result<std::optional<std::string>> pinned_sha256(const Url& url);

// object_at: a URL without secrets, or a path. Errors: MPX-FETCH-08, with both hashes.
Result<void> check_sha256(const std::string& object_at, const std::string& expected,
                          const std::string& actual);

// The URL of an object's signature: ".sig" is appended to the path.
Url signature_url(const Url& url);

// The name that a signature must contain: path and query as requested, without the host, so that servers may
// move.
std::string signed_name(const Url& url);

// What a signature covers (docs/signatures.md).
struct SignedObject {
    std::string role;   // "apkovl", "modloop", "root", "ssh_key"
    std::string name;   // as requested: of a URL see above; on a medium its path; begins with '/'
    std::string sha256; // of the object's bytes, hexadecimal, lower case
};
std::string signed_text(const SignedObject& object);

inline constexpr std::uint64_t largest_signature = 4096; // bytes

// The name of the key that signed. object_at, signature_at: for messages. bytes: the file with the object, to
// recognise a signature that covers only the bytes. Errors: MPX-FETCH-09 no key matches, or not a signature.
Result<std::string> check_signature(const SignedObject& object, const wrap::Ed25519Keys& keys,
                                    std::string_view signature, const std::string& object_at,
                                    const std::string& signature_at, const std::filesystem::path& bytes);

} // namespace mkpxerd::netboot
