// SPDX-License-Identifier: MIT
// Private to secret_forms: keys in binary forms, and keys between marks in text.
#pragma once

#include <cstdint>
#include <string_view>

namespace mkpxerd {

// DER (PKCS#1, SEC 1, PKCS#8, PKCS#12), Java's key stores, Kerberos, OpenPGP. nullptr: none of them.
const char* find_binary_key(std::string_view content, std::uint64_t size);
// PEM and its relatives, keys of SSH clients, age, GnuPG, signify, NVMe. nullptr: none of them.
const char* find_marked_key(std::string_view text);

} // namespace mkpxerd
