// SPDX-License-Identifier: MIT
// Is an object the one that is meant: by its SHA-256, or by a signature of a key in the image.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "mkpxerd/contract/url.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

namespace mkpxerd::netboot {

// The hash of "url#sha256=HEX", lower case. Errors: MPX-FETCH-01 for any other fragment: a misspelt one would
// otherwise be a check that is never made.
Result<std::optional<std::string>> pinned_sha256(const Url& url);

// object_at: a URL without secrets, or a path. Errors: MPX-FETCH-08, both hashes.
Result<void> check_sha256(const std::string& object_at, const std::string& expected,
                          const std::string& actual);

// Where the signature of an object lies: the same URL with ".sig" behind its path.
Url signature_url(const Url& url);

// The name that a signature of what lies at a URL speaks of: path and query as they are asked for, without
// the host, so that servers may move.
std::string signed_name(const Url& url);

// What a signature is made of (docs/signatures.md).
struct SignedObject {
    std::string role; // "apkovl", "modloop", "root", "ssh_key"
    std::string name; // that was asked for: of a URL see above, on a medium the path from its root; '/' first
    std::string sha256; // of the object's bytes, hexadecimal, lower case
};
std::string signed_text(const SignedObject& object);

inline constexpr std::uint64_t largest_signature = 4096; // bytes

// The name of the key that signed. object_at, signature_at: for messages. bytes: where the object lies, to
// know a signature that is of the bytes alone. Errors: MPX-FETCH-09 no key fits, or there is no signature in
// it.
Result<std::string> check_signature(const SignedObject& object, const wrap::Ed25519Keys& keys,
                                    std::string_view signature, const std::string& object_at,
                                    const std::string& signature_at, const std::filesystem::path& bytes);

} // namespace mkpxerd::netboot
