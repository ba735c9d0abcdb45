// SPDX-License-Identifier: MIT
// Private to secret_forms: keys in binary forms.
#pragma once

#include <cstdint>
#include <string_view>

namespace mkpxerd {

inline constexpr const char* private_key = "contains a private key";

// DER (PKCS#1, SEC 1, PKCS#8, PKCS#12), Java's key stores, Kerberos, OpenPGP. nullptr: none of them.
const char* find_binary_key(std::string_view content, std::uint64_t size);

} // namespace mkpxerd
