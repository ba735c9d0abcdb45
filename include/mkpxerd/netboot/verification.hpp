// SPDX-License-Identifier: MIT
// Is an object the one that is meant: by its SHA-256, or by a signature of a key in the image.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mkpxerd/netboot/url.hpp"
#include "mkpxerd/wrap/ed25519.hpp"

namespace mkpxerd::netboot {

// The hash of "url#sha256=HEX", lower case. Errors: MPX-FETCH-01 for any other fragment: a misspelt one would
// otherwise be a check that is never made.
Result<std::optional<std::string>> pinned_sha256(const Url& url);

// Errors: MPX-FETCH-08, both hashes.
Result<void> check_sha256(const Url& url, const std::string& expected, const std::string& actual);

// Where the signature of an object lies: the same URL with ".sig" behind its path.
Url signature_url(const Url& url);

// The name of the key that signed. Errors: MPX-FETCH-09 no key fits, or the file holds no signature.
Result<std::string> check_signature(const Url& url, const wrap::Ed25519Keys& keys,
                                    const std::filesystem::path& object,
                                    const std::filesystem::path& signature);

} // namespace mkpxerd::netboot
